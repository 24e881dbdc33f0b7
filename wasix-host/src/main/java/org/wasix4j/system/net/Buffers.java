package org.wasix4j.system.net;

import java.nio.ByteBuffer;

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
}
