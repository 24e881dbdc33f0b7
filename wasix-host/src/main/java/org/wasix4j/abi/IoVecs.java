package org.wasix4j.abi;

import java.nio.ByteBuffer;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The scatter and gather lists of one thread: a guest's {@code iovec} array as buffers that a
 * channel can use. Over a {@link DirectMemory} they are the guest's own bytes; over another memory
 * they are copies, which {@link #finishRead} brings home. Buffers are kept and used again, so that
 * a call allocates nothing.
 *
 * <p>Each entry is read once: another guest thread can change it meanwhile.
 */
public final class IoVecs {

    /** The most entries that a call may have, IOV_MAX of Linux. */
    public static final int MAX_COUNT = 1024;

    private static final int ENTRY_SIZE = 8;
    private static final int[] NO_LENGTHS = {};

    private final GuestMemory memory;
    private ByteBuffer[] buffers = new ByteBuffer[4];
    private int[] addresses = new int[4];
    private @Nullable ByteBuffer copies;
    private int count;
    private long total;

    /** Lists for the thread that owns the view. */
    public IoVecs(GuestMemory memory) {
        this.memory = memory;
    }

    /** The buffers of the present list; {@link #count} of them are meant. */
    public ByteBuffer[] buffers() {
        return buffers;
    }

    /** How many buffers the present list has; empty entries are left out. */
    public int count() {
        return count;
    }

    /** How many bytes the present list has. */
    public long total() {
        return total;
    }

    /**
     * Decodes a list that data will be read into.
     *
     * @throws org.wasix4j.types.ErrnoException inval for more than {@link #MAX_COUNT} entries, for
     *     a total of 2^31 bytes and more, and, where bytes are copied, for a list that has more
     *     than the memory, by naming the same bytes many times: the host would have to keep as
     *     much; a bad pointer
     */
    public IoVecs forRead(int address, int entries) {
        decode(address, entries);
        return this;
    }

    /** Decodes a list that data will be written from; as {@link #forRead}. */
    public IoVecs forWrite(int address, int entries) {
        decode(address, entries);
        if (memory.direct() == null) {
            for (int i = 0; i < count; i++) {
                ByteBuffer buffer = buffers[i];
                buffer.put(buffer.position(), memory.readBytes(addresses[i], buffer.remaining()));
            }
        }
        return this;
    }

    private void decode(int address, int entries) {
        if (entries < 0 || entries > MAX_COUNT) {
            throw Errno.INVAL.exception();
        }
        memory.check(address, (long) entries * ENTRY_SIZE);
        count = 0;
        total = 0;
        if (buffers.length < entries) {
            grow(entries);
        }
        DirectMemory direct = memory.direct();
        long most = direct != null ? Integer.MAX_VALUE : Math.min(memory.size(), Integer.MAX_VALUE);
        int[] lengths = direct != null ? NO_LENGTHS : new int[entries];
        for (int i = 0; i < entries; i++) {
            long entry = memory.readI64(address + i * ENTRY_SIZE);
            int base = (int) entry;
            int length = (int) (entry >>> 32);
            if (length < 0) {
                // Linux looks at the length first: it is negative there
                throw Errno.INVAL.exception();
            }
            memory.check(base, length);
            if (length == 0) {
                continue;
            }
            total += length;
            if (total > most) {
                throw Errno.INVAL.exception();
            }
            addresses[count] = base;
            if (direct != null) {
                ByteBuffer buffer = buffers[count];
                if (buffer == null) {
                    buffer = direct.view();
                    buffers[count] = buffer;
                }
                buffer.limit(base + length).position(base);
            } else {
                lengths[count] = length;
            }
            count++;
        }
        if (direct == null) {
            copy(lengths);
        }
    }

    private void grow(int entries) {
        buffers = java.util.Arrays.copyOf(buffers, entries);
        addresses = java.util.Arrays.copyOf(addresses, entries);
    }

    private void copy(int[] lengths) {
        ByteBuffer room = copies;
        if (room == null || room.capacity() < total) {
            room = ByteBuffer.allocateDirect((int) Math.max(total, 4096));
            copies = room;
        }
        int position = 0;
        for (int i = 0; i < count; i++) {
            room.limit(position + lengths[i]).position(position);
            buffers[i] = room.slice();
            position += lengths[i];
        }
        room.clear();
    }

    /** Brings home what was read, when the buffers are copies; to be called after every read. */
    public void finishRead() {
        if (memory.direct() != null) {
            return;
        }
        for (int i = 0; i < count; i++) {
            ByteBuffer buffer = buffers[i];
            int length = buffer.position();
            if (length > 0) {
                byte[] bytes = new byte[length];
                buffer.get(0, bytes);
                memory.writeBytes(addresses[i], bytes);
            }
        }
    }
}
