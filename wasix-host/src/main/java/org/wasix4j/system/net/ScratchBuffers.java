package org.wasix4j.system.net;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Direct buffers that are needed for the length of one channel call, shared by all sockets of the
 * JVM: as many as there were threads inside such a call at one time, and a few at most. Without a
 * lock, and without allocation once there are enough.
 */
final class ScratchBuffers {

    /** How many are kept. */
    private static final int MOST = 16;

    private final int capacity;
    private final AtomicReferenceArray<ByteBuffer> kept = new AtomicReferenceArray<>(MOST);

    /** Buffers of this many bytes. */
    ScratchBuffers(int capacity) {
        this.capacity = capacity;
    }

    /** A cleared buffer, to be given back by the same thread. */
    ByteBuffer take() {
        for (int i = 0; i < MOST; i++) {
            if (kept.get(i) != null) {
                ByteBuffer buffer = kept.getAndSet(i, null);
                if (buffer != null) {
                    return buffer.clear();
                }
            }
        }
        return ByteBuffer.allocateDirect(capacity);
    }

    /** Gives back what {@link #take} answered. */
    void give(ByteBuffer buffer) {
        for (int i = 0; i < MOST; i++) {
            if (kept.get(i) == null && kept.compareAndSet(i, null, buffer)) {
                return;
            }
        }
    }
}
