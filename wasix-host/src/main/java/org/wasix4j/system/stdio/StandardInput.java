package org.wasix4j.system.stdio;

import java.nio.ByteBuffer;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/** Standard input, over any stream. */
public final class StandardInput extends OpenDescription {

    private final InputPump pump;
    private final StreamKind kind;

    /** A description that reads what a pump brings. */
    public StandardInput(InputPump pump, StreamKind kind) {
        this.pump = pump;
        this.kind = kind;
        pump.add(this);
    }

    @Override
    public FileType type() {
        return kind.type();
    }

    @Override
    protected long possibleRights() {
        return kind.rights(Rights.FD_READ);
    }

    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        if (kind == StreamKind.CLOSED) {
            throw Errno.BADF.exception();
        }
        if (count == 0) {
            return 0;
        }
        for (; ; ) {
            long done = pump.take(buffers, count, !isNonBlocking());
            if (done != WOULD_BLOCK || isNonBlocking()) {
                if (isWatched() && (done == WOULD_BLOCK || pump.available() == 0)) {
                    exhausted(Readiness.READ);
                }
                return done;
            }
            thread.awaitOrThrow(this, Readiness.READ, GuestThread.FOREVER);
        }
    }

    @Override
    public int readiness(int interest) {
        if (kind == StreamKind.CLOSED) {
            return interest & Readiness.READ | Readiness.ERROR;
        }
        if ((interest & Readiness.READ) == 0 || !pump.isReady()) {
            return 0;
        }
        // a file, a terminal and a device do not hang up; the end of a pipe is not readable
        boolean over = pump.isOver();
        if (over && kind == StreamKind.PIPE) {
            return Readiness.HANGUP;
        }
        return over && kind == StreamKind.SOCKET
                ? Readiness.READ | Readiness.HANGUP
                : Readiness.READ;
    }

    @Override
    public long readableBytes() {
        return pump.available();
    }

    /** The pump has brought something, or the end. */
    void arrived() {
        signal(Readiness.READ);
    }

    @Override
    protected void onClose() {
        pump.remove(this);
    }
}
