package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.wasix4j.system.fd.MessageIo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;

/**
 * Moving bytes through a stream socket: the loops around one try of {@link Connection}, which wait
 * when they may, count partial progress, and keep an error after progress for the next call.
 */
final class StreamTransfer {

    private static final long WOULD_BLOCK = SocketDescription.WOULD_BLOCK;

    private final StreamSocket socket;

    StreamTransfer(StreamSocket socket) {
        this.socket = socket;
    }

    /** Receives; see {@link MessageIo#receive}. */
    long receive(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        boolean peek = (flags & SockFlags.RECV_PEEK) != 0;
        boolean wait = !socket.isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        boolean all = wait && !peek && (flags & SockFlags.RECV_WAITALL) != 0;
        long wanted = Buffers.remaining(buffers, count);
        if (wanted == 0) {
            return Buffers.receiveNothing(socket, thread, flags);
        }
        long done = 0;
        long deadline = 0;
        boolean waited = false;
        for (; ; ) {
            long read;
            try {
                Connection connection = connection(Errno.NOTCONN);
                if (connection == null) {
                    read = WOULD_BLOCK;
                } else if (wait && !waited && connection.reads.isLikelyToWait()) {
                    read = WOULD_BLOCK;
                } else {
                    read = connection.reads.tryRead(buffers, count, peek);
                    if (wait && read != WOULD_BLOCK) {
                        connection.reads.waited(waited);
                    }
                }
            } catch (ErrnoException e) {
                return partial(done, e);
            }
            if (read > 0) {
                done += read;
            }
            if (read == 0 || done > 0 && (!all || done == wanted)) {
                received(done < wanted, peek);
                return done;
            }
            if (!wait) {
                socket.exhausted(Readiness.READ);
                return WOULD_BLOCK;
            }
            if (read > 0) {
                // a part of what it waits for, which others may have seen ahead
                socket.exhausted(Readiness.READ);
            }
            if (deadline == 0) {
                deadline = socket.options().deadline(SockOption.RECV_TIMEOUT);
            }
            waited = true;
            try {
                if (!thread.awaitOrThrow(socket, Readiness.READ, deadline)) {
                    socket.exhausted(Readiness.READ);
                    return done > 0 ? done : WOULD_BLOCK;
                }
            } catch (ErrnoException e) {
                if (done > 0 && e.errno() == Errno.INTR) {
                    socket.exhausted(Readiness.READ);
                    return done;
                }
                throw e;
            }
        }
    }

    /**
     * Something was received.
     *
     * @param all whether nothing is left, for now
     */
    private void received(boolean all, boolean peeked) {
        Connection connection = socket.connectionOrNull();
        if (peeked) {
            // the kernel, that others wait for, may have lost sight of what is looked at here
            socket.signal(Readiness.READ);
        } else if (all && connection != null && !connection.reads.hasEnded()) {
            socket.exhausted(Readiness.READ);
        } else {
            socket.consumed();
        }
    }

    /**
     * The connection to read from or write to, or null while it is being established.
     *
     * @param whenFailed the error after a failed attempt whose own error the guest has seen
     */
    private @Nullable Connection connection(Errno whenFailed) {
        StreamPhase now = socket.phaseNow();
        if (now instanceof Connection connection) {
            return connection;
        }
        if (now instanceof Connecting) {
            return null;
        }
        if (now instanceof StreamPhase.Failed failed) {
            Errno error = failed.take();
            throw (error == null ? whenFailed : error).exception();
        }
        throw (now instanceof StreamPhase.Closed ? Errno.BADF : Errno.NOTCONN).exception();
    }

    /** An error after progress is kept for the next call. */
    private long partial(long done, ErrnoException error) {
        Connection connection = socket.connectionOrNull();
        if (done == 0 || connection == null) {
            socket.consumed();
            throw error;
        }
        connection.defer(error.errno());
        return done;
    }

    /** Sends; see {@link MessageIo#send}. */
    long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        boolean wait = !socket.isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        long wanted = Buffers.remaining(buffers, count);
        long done = 0;
        long deadline = 0;
        for (; ; ) {
            Connection connection;
            long written;
            try {
                connection = connection(Errno.PIPE);
                written =
                        connection == null
                                ? WOULD_BLOCK
                                : connection.writes.tryWrite(buffers, count);
            } catch (ErrnoException e) {
                return partial(done, e);
            }
            done += Math.max(0, written);
            if (connection != null) {
                if (written > 0) {
                    connection.sentBy(thread);
                }
                if (done == wanted) {
                    return done;
                }
            }
            if (deadline == 0) {
                deadline = socket.options().deadline(SockOption.SEND_TIMEOUT);
            }
            if (!wait || !awaitRoom(thread, deadline, done)) {
                socket.exhausted(Readiness.WRITE);
                return done > 0 ? done : WOULD_BLOCK;
            }
        }
    }

    /** Sends part of a file; see {@link SocketDescription#sendFile}. */
    long sendFile(GuestThread thread, FileChannel file, long position, long count) {
        boolean wait = !socket.isNonBlocking();
        long done = 0;
        long deadline = 0;
        try {
            for (; ; ) {
                Connection connection;
                long written;
                try {
                    connection = connection(Errno.PIPE);
                    written =
                            connection == null
                                    ? WOULD_BLOCK
                                    : connection.writes.tryTransfer(
                                            file, position + done, count - done);
                } catch (ErrnoException e) {
                    return partial(done, e);
                }
                done += Math.max(0, written);
                if (done >= count && connection != null) {
                    return done;
                }
                if (written > 0) {
                    continue;
                }
                if (file.size() <= position + done) {
                    return done;
                }
                if (deadline == 0) {
                    deadline = socket.options().deadline(SockOption.SEND_TIMEOUT);
                }
                if (!wait || !awaitRoom(thread, deadline, done)) {
                    socket.exhausted(Readiness.WRITE);
                    return done > 0 ? done : WOULD_BLOCK;
                }
            }
        } catch (IOException e) {
            throw socket.translate("sendfile", e);
        }
    }

    /** Waits for room; false on timeout, and on a signal after progress. */
    private boolean awaitRoom(GuestThread thread, long deadline, long done) {
        try {
            return thread.awaitOrThrow(socket, Readiness.WRITE, deadline);
        } catch (ErrnoException e) {
            if (done > 0 && e.errno() == Errno.INTR) {
                return false;
            }
            throw e;
        }
    }
}
