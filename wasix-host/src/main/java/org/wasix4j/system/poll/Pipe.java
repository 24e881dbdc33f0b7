package org.wasix4j.system.poll;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.wasix4j.system.fd.MessageIo;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;
import org.wasix4j.types.SockFlags;

/**
 * One end of a pipe, pipe(2): the first reads, the second writes. The reader sees the end of the
 * stream and the hang-up when the last descriptor of the writing end is closed, after what was
 * written before; the writer sees an error when the reader is gone.
 *
 * <p>Programs of before {@code sock_pair} make their socket pairs of pipes. So in the first
 * generation both ends read and write, and in the second they begin to when a socket function is
 * called on one of them.
 */
public final class Pipe extends OpenDescription implements MessageIo {

    private final DuplexPipeEnd end;
    private final boolean reader;

    /** Shared by both ends: whether they are used as a pair of sockets. */
    private final AtomicBoolean pair;

    private Pipe(DuplexPipeEnd end, boolean reader, AtomicBoolean pair) {
        this.end = end;
        this.reader = reader;
        this.pair = pair;
        end.attach(this);
    }

    /**
     * Both ends of a new pipe, the one to read from first.
     *
     * @param budget what the bytes in it are taken from
     * @param bothWays whether both ends read and write from the beginning
     */
    public static Pipe[] open(MemoryBudget budget, boolean bothWays) {
        DuplexPipeEnd[] ends = DuplexPipeEnd.pair(budget);
        AtomicBoolean pair = new AtomicBoolean(bothWays);
        return new Pipe[] {new Pipe(ends[0], true, pair), new Pipe(ends[1], false, pair)};
    }

    /**
     * Whether what this writes has no reader, so that a writer gets SIGPIPE. Not for those that are
     * used as a pair of sockets.
     */
    public boolean isBroken() {
        return !reader && !pair.get() && end.isWriteEnded() && !isClosed();
    }

    private boolean reads() {
        return reader || pair.get();
    }

    private boolean writes() {
        return !reader || pair.get();
    }

    /** The ABI has no number for a fifo, and wasix-libc makes S_IFIFO of none. */
    @Override
    public FileType type() {
        return FileType.UNKNOWN;
    }

    @Override
    protected long possibleRights() {
        return (reads() ? Rights.FD_READ : 0)
                | (writes() ? Rights.FD_WRITE : 0)
                | Rights.FD_FDSTAT_SET_FLAGS
                | Rights.FD_FILESTAT_GET
                | Rights.POLL_FD_READWRITE;
    }

    /** Errors: badf on the writing end. */
    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        if (!reads()) {
            throw Errno.BADF.exception();
        }
        return end.receive(thread, buffers, count, !isNonBlocking(), 0, GuestThread.FOREVER);
    }

    @Override
    public long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        pair.set(true);
        boolean wait = !isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        return end.receive(thread, buffers, count, wait, flags, GuestThread.FOREVER);
    }

    /**
     * A write of up to 4,096 bytes is not torn apart. Errors: badf on the reading end, pipe when
     * the other end is gone.
     */
    @Override
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        if (!writes()) {
            throw Errno.BADF.exception();
        }
        return end.send(thread, buffers, count, !isNonBlocking(), true, GuestThread.FOREVER);
    }

    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        pair.set(true);
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        return end.send(thread, buffers, count, wait, true, GuestThread.FOREVER);
    }

    @Override
    public int readiness(int interest) {
        if (pair.get()) {
            int holding = end.readiness(interest);
            boolean broken = (interest & Readiness.WRITE) != 0 && end.isWriteEnded();
            return broken ? holding | Readiness.ERROR : holding;
        }
        if (reader) {
            return end.readableBytes() > 0 ? interest & Readiness.READ | hangup() : hangup();
        }
        // as Linux has it: a writer without a reader sees an error and no hang-up
        int holding = end.readiness(interest & Readiness.WRITE) & Readiness.WRITE;
        return end.isWriteEnded() ? holding | Readiness.ERROR : holding;
    }

    /** When the last writer is gone; as on Linux an empty pipe is not readable then. */
    private int hangup() {
        return end.isReadEnded() ? Readiness.HANGUP : 0;
    }

    @Override
    public long readableBytes() {
        return reads() ? end.readableBytes() : 0;
    }

    @Override
    public long writableBytes() {
        return writes() ? end.writableBytes() : 0;
    }

    @Override
    protected void onClose() {
        end.close();
    }
}
