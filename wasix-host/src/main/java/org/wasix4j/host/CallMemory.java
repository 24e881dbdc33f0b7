package org.wasix4j.host;

import java.util.Arrays;
import org.wasix4j.abi.AddrCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.OptionTimestamp;
import org.wasix4j.abi.PollCodec;
import org.wasix4j.trace.MemoryReader;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * Shows a listener what the arguments of a call point to. A socket of the first generation that has
 * its ports in network order is shown with the number that is there.
 */
record CallMemory(GuestMemory memory, AbiProfile profile) implements MemoryReader {

    private static final int IOVEC_SIZE = 8;

    /** More entries than that are refused by the calls themselves. */
    private static final int MOST_IOVECS = 1024;

    @Override
    public byte[] bytes(int address, int length) {
        return memory.readBytes(address, length);
    }

    @Override
    public @Nullable SocketAddr address(int address) {
        return AddrCodec.read(memory, address, profile, false);
    }

    @Override
    public long optionalTime(int address) {
        return OptionTimestamp.read(memory, address);
    }

    @Override
    public long capacity(int iovecs, int count) {
        memory.check(iovecs, count, IOVEC_SIZE);
        long capacity = 0;
        for (int i = 0; i < Math.min(count, MOST_IOVECS); i++) {
            capacity += Integer.toUnsignedLong(length(iovecs, i));
        }
        return capacity;
    }

    private int length(int iovecs, int index) {
        return memory.readI32(iovecs + index * IOVEC_SIZE + 4);
    }

    @Override
    public byte[] gather(int iovecs, int count, int limit) {
        memory.check(iovecs, count, IOVEC_SIZE);
        byte[] bytes = new byte[limit];
        int filled = 0;
        for (int i = 0; i < Math.min(count, MOST_IOVECS) && filled < limit; i++) {
            long length = Integer.toUnsignedLong(length(iovecs, i));
            int part = (int) Math.min(length, limit - filled);
            byte[] read = memory.readBytes(memory.readI32(iovecs + i * IOVEC_SIZE), part);
            System.arraycopy(read, 0, bytes, filled, part);
            filled += part;
        }
        // another thread may have made the buffers shorter meanwhile
        return filled == limit ? bytes : Arrays.copyOf(bytes, filled);
    }

    @Override
    public @Nullable String record(String type, int array, int index) {
        return RecordWords.of(type, memory, profile, array, index);
    }

    @Override
    public Subscription subscription(int array, int index) {
        int size = PollCodec.subscriptionSize(profile);
        memory.check(array, index + 1, size);
        int at = array + index * size;
        int tag = PollCodec.tag(memory, at);
        return tag == PollCodec.CLOCK
                ? new Subscription(
                        tag,
                        0,
                        PollCodec.clock(memory, at, profile),
                        PollCodec.timeout(memory, at, profile),
                        PollCodec.isAbsolute(memory, at, profile))
                : new Subscription(tag, PollCodec.descriptor(memory, at), 0, 0, false);
    }

    @Override
    public Event event(int array, int index) {
        memory.check(array, index + 1, PollCodec.EVENT_SIZE);
        int at = array + index * PollCodec.EVENT_SIZE;
        long word = memory.readI64(at + 8);
        return new Event(
                memory.readI64(at),
                (int) (word >> 16) & 0xff,
                (int) word & 0xffff,
                memory.readI64(at + 16));
    }
}
