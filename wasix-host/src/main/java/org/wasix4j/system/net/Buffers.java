package org.wasix4j.system.net;

import java.nio.ByteBuffer;
import org.wasix4j.system.fd.MessageIo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.SockFlags;

/** Lists of buffers. */
final class Buffers {

    private Buffers() {}

    /** How many bytes are left in the first {@code count} of the buffers. */
    static long remaining(ByteBuffer[] buffers, int count) {
        long remaining = 0;
        for (int i = 0; i < count; i++) {
            remaining += buffers[i].remaining();
        }
        return remaining;
    }

    /**
     * A receive of no bytes from a stream: as on Linux it waits for something to receive and takes
     * nothing of it.
     *
     * @return 0, or {@link org.wasix4j.system.fd.OpenDescription#WOULD_BLOCK}
     */
    static long receiveNothing(MessageIo stream, GuestThread thread, int flags) {
        ByteBuffer[] look = {ByteBuffer.allocate(1)};
        int peek = flags & ~SockFlags.RECV_WAITALL | SockFlags.RECV_PEEK;
        return Math.min(0, stream.receive(thread, look, 1, peek, null));
    }
}
