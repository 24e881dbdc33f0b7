package org.wasix4j.system.poll;

import java.nio.ByteBuffer;
import org.wasix4j.system.fd.MessageIo;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;
import org.wasix4j.types.SockFlags;

/**
 * One end of a pipe, pipe(2), except that both ends can be read and written: the specification says
 * so, and Rust's standard library makes its socket pairs of pipes. An end sees the end of the
 * stream and the hang-up when the last descriptor of the other end is closed, after what was
 * written before.
 */
public final class Pipe extends OpenDescription implements MessageIo {

    private final DuplexPipeEnd end;

    private Pipe(DuplexPipeEnd end) {
        this.end = end;
        end.attach(this, this::signal, this::exhausted);
    }

    /** Both ends of a new pipe. */
    public static Pipe[] open() {
        DuplexPipeEnd[] ends = DuplexPipeEnd.pair();
        return new Pipe[] {new Pipe(ends[0]), new Pipe(ends[1])};
    }

    @Override
    public FileType type() {
        return FileType.UNKNOWN;
    }

    @Override
    protected long possibleRights() {
        return Rights.FD_READ
                | Rights.FD_WRITE
                | Rights.FD_FDSTAT_SET_FLAGS
                | Rights.FD_FILESTAT_GET
                | Rights.POLL_FD_READWRITE;
    }

    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        return receive(thread, buffers, count, 0, null);
    }

    @Override
    public long receive(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        return end.receive(thread, buffers, count, wait, flags, GuestThread.FOREVER);
    }

    /** Errors: pipe when the other end is gone. */
    @Override
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        return send(thread, buffers, count, 0);
    }

    /** As {@link #write}; a write of up to 4,096 bytes is not torn apart. */
    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        return end.send(thread, buffers, count, wait, true, GuestThread.FOREVER);
    }

    /** As Linux has it, a writer also sees an error when the reader is gone. */
    @Override
    public int readiness(int interest) {
        int holding = end.readiness(interest);
        boolean broken = (interest & Readiness.WRITE) != 0 && end.isWriteEnded();
        return broken ? holding | Readiness.ERROR : holding;
    }

    @Override
    public long readableBytes() {
        return end.readableBytes();
    }

    @Override
    public long writableBytes() {
        return end.writableBytes();
    }

    @Override
    protected void onClose() {
        end.close();
    }
}
