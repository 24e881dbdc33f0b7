package org.wasix4j.system.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * What is known of a connection, in both directions: what is ahead, which ends have come or were
 * made, the error that the guest has not seen yet, which it sees once, and whether the connection
 * is of no more use. All in one object, because a poll of a thousand sockets reads it for each.
 */
final class ConnectionFlags {

    private static final VarHandle AHEAD;

    static {
        try {
            AHEAD = MethodHandles.lookup().findVarHandle(ConnectionFlags.class, "ahead", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SocketDescription owner;
    private volatile @Nullable Errno pending;
    private volatile boolean broken;
    private volatile boolean ended;
    private volatile boolean readShut;
    private volatile boolean writeShut;
    private volatile boolean hungUp;
    private volatile boolean suspect;

    /**
     * Read as volatile. A receive writes it, and looks then whether a thread waits that has seen
     * it: the fence between the two is the release of the {@link ReadHalf}'s lock.
     */
    private volatile int ahead;

    ConnectionFlags(SocketDescription owner) {
        this.owner = owner;
    }

    /**
     * The errno of what a channel threw, which ends the connection; but not when another thread has
     * closed the channel.
     */
    Errno brokenBy(String operation, Exception thrown) {
        Errno error = owner.errnoOf(operation, thrown);
        if (error != Errno.BADF) {
            broken = true;
        }
        return error;
    }

    /** The connection was reset or is otherwise of no more use; then its stream has ended. */
    boolean isBroken() {
        return broken;
    }

    /** The connection was found to be reset; the guest is to see the error. */
    void brokenBy(Errno error) {
        defer(error);
        broken = true;
    }

    /** The peer has hung up: nothing goes in any direction. */
    void hangUp() {
        hungUp = true;
    }

    /**
     * Whether something was sent after the end of the stream, which the peer may answer by a reset.
     */
    boolean isSuspect() {
        return suspect;
    }

    /** Sets {@link #isSuspect}. */
    void suspect(boolean on) {
        suspect = on;
    }

    /** Keeps an error for the next call, because this one has made progress or was not asked. */
    synchronized void defer(Errno error) {
        pending = error;
    }

    /** Whether there is an error that the guest has not seen. */
    boolean isPending() {
        return pending != null;
    }

    /**
     * The error that the guest has not seen yet, or null; it has seen it then. A sender and a
     * receiver may ask at once: one of them gets it.
     */
    synchronized @Nullable Errno take() {
        Errno error = pending;
        pending = null;
        return error;
    }

    /** Throws the error that the guest has not seen yet, if there is one. */
    void throwPending() {
        if (pending != null) {
            Errno error = take();
            if (error != null) {
                throw error.exception();
            }
        }
    }

    /** Whether the end of the stream has come, which stays so. */
    boolean hasEnded() {
        return ended || broken;
    }

    /** Whether the peer has ended its stream, before or without a reset. */
    boolean cameToItsEnd() {
        return ended;
    }

    /** The end of the stream has come. */
    void end() {
        ended = true;
    }

    /** Whether nothing that comes is read any more, SHUT_RD. */
    boolean isReadShut() {
        return readShut;
    }

    /** Nothing that comes is read any more. */
    void shutRead() {
        readShut = true;
    }

    /** Whether nothing more is sent, SHUT_WR. */
    boolean isWriteShut() {
        return writeShut;
    }

    /** Nothing more is sent. */
    void shutWrite() {
        writeShut = true;
    }

    /** How many bytes have been read ahead and not been received. */
    int ahead() {
        return ahead;
    }

    /**
     * Sets how many bytes are ahead; under the lock of the {@link ReadHalf}, whose release makes it
     * known before anything is looked at.
     */
    void ahead(int bytes) {
        AHEAD.setRelease(this, bytes);
    }

    /** Readiness that is known here; the endpoint and the kernel know the rest. */
    int readiness() {
        int ready = 0;
        boolean over = ended || broken || readShut;
        if (ahead > 0) {
            ready |= Readiness.READ;
        }
        if (over) {
            ready |= Readiness.READ | Readiness.READ_HANGUP;
        }
        if (writeShut) {
            ready |= Readiness.WRITE;
            if (over) {
                ready |= Readiness.HANGUP;
            }
        }
        if (pending != null) {
            ready |= Readiness.ERROR;
        }
        if (broken || hungUp) {
            ready |= Readiness.WRITE | Readiness.HANGUP;
        }
        return ready;
    }
}
