package org.wasix4j.runtime.internal;

import static com.dylibso.chicory.runtime.ConstantEvaluators.computeConstantValue;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import org.wasix4j.abi.DirectMemory;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Nullable;

/**
 * A guest's linear memory: one contiguous {@link Reservation}, so that a channel can read and write
 * it in place, and so that growing moves nothing. The buffer's limit is the memory's size, which
 * makes the buffer's own check the bounds check.
 *
 * <p>Addresses are Java ints; what lies at or above 2 GiB is out of bounds. So the largest memory
 * has 32767 pages, and an import that allows more is served with that.
 *
 * <p>Plain accesses race as the guest's own threads race, no more and no less. A thread may see an
 * old limit after another has grown the memory; such an access is tried again against the {@code
 * volatile} size before it is called out of bounds.
 */
final class LinearMemory extends AtomicMemory implements DirectMemory {

    private static final ByteBuffer GONE =
            ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);

    /** Zeros to fill with; never written. */
    private static final byte[] ZEROS = new byte[16384];

    /** How long a pattern is before it is repeated. */
    private static final int PATTERN = 4096;

    private final MemoryLimits limits;
    private final int maximumPages;
    private final Reservation reservation;
    private final MemoryBudget budget;
    private volatile int pages;
    private boolean untouched = true;

    /**
     * The data segments as each thread's own instance has them. An instance drops its own ones, and
     * the call that initialises memory names a segment by its number only.
     */
    private final ThreadLocal<DataSegment[]> segments = new ThreadLocal<>();

    /**
     * Reserves a memory.
     *
     * @param limits what the module says
     * @param mostPages what the host allows
     * @param budget what the pages are taken from
     * @throws ModuleException when the module wants to start with more than there can be
     */
    LinearMemory(MemoryLimits limits, int mostPages, MemoryBudget budget) {
        this(limits, mostPages, budget, RawAccess.AVAILABLE);
    }

    /** A memory of its own. */
    LinearMemory(MemoryLimits limits, int mostPages) {
        this(limits, mostPages, MemoryBudget.unlimited());
    }

    /** As the other; without raw access all goes through the buffer. */
    LinearMemory(MemoryLimits limits, int mostPages, boolean raw) {
        this(limits, mostPages, MemoryBudget.unlimited(), raw);
    }

    private LinearMemory(MemoryLimits limits, int mostPages, MemoryBudget budget, boolean raw) {
        this(limits, budget, reserve(limits, mostPages, budget), raw);
    }

    private LinearMemory(
            MemoryLimits limits, MemoryBudget budget, Reservation reservation, boolean raw) {
        super(reservation.bytes(), raw ? RawAccess.address(reservation.bytes()) : 0);
        this.limits = limits;
        this.budget = budget;
        this.reservation = reservation;
        this.maximumPages = reservation.bytes().capacity() / PAGE_SIZE;
        setPages(limits.initialPages());
    }

    private static Reservation reserve(MemoryLimits limits, int mostPages, MemoryBudget budget) {
        Reservation reserved = reserve(limits, mostPages);
        if (!budget.tryTake((long) limits.initialPages() * PAGE_SIZE)) {
            reserved.free();
            throw new ModuleException(
                    "the module needs "
                            + Reservation.text((long) limits.initialPages() * PAGE_SIZE)
                            + " of memory to start, and less is left of the limit");
        }
        return reserved;
    }

    private static Reservation reserve(MemoryLimits limits, int mostPages) {
        int most = Math.min(Math.min(limits.maximumPages(), mostPages), RUNTIME_MAX_PAGES);
        if (limits.initialPages() > most) {
            throw new ModuleException(
                    "the module needs "
                            + Reservation.text((long) limits.initialPages() * PAGE_SIZE)
                            + " of memory to start, the limit is "
                            + Reservation.text((long) most * PAGE_SIZE));
        }
        return Reservation.of((long) most * PAGE_SIZE, (long) limits.initialPages() * PAGE_SIZE);
    }

    /** Why there is less than the module asks for, or null. */
    @Nullable
    String notice() {
        return reservation.notice();
    }

    private void setPages(int count) {
        bytes.limit(count * PAGE_SIZE);
        pages = count;
        rawEnd = rawStart == 0 ? 0 : count * PAGE_SIZE;
    }

    /** Gives the memory back; after the last thread that could touch it has left. */
    synchronized void free() {
        if (bytes != GONE) {
            budget.giveBack((long) pages * PAGE_SIZE);
            bytes = GONE;
            pages = 0;
            rawEnd = 0;
            reservation.free();
        }
    }

    // ---- size

    @Override
    public ByteBuffer view() {
        return bytes.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public int size() {
        return pages * PAGE_SIZE;
    }

    @Override
    public int pages() {
        return pages;
    }

    @Override
    public synchronized int grow(int delta) {
        int before = pages;
        if (delta < 0
                || delta > maximumPages - before
                || bytes == GONE
                || !budget.tryTake((long) delta * PAGE_SIZE)) {
            return -1;
        }
        setPages(before + delta);
        return before;
    }

    @Override
    public int initialPages() {
        return limits.initialPages();
    }

    @Override
    public int maximumPages() {
        return maximumPages;
    }

    @Override
    public boolean shared() {
        return limits.shared();
    }

    /**
     * Becomes what another memory is; pages of nothing but zeros are left alone, as they are zeros
     * here already. Nothing has been written here before. Threads that write in the other meanwhile
     * are seen or not, place by place.
     *
     * @return false when this cannot grow to the size of the other
     */
    boolean copyFrom(LinearMemory other) {
        int size = other.size();
        if (grow(other.pages() - pages) < 0) {
            return false;
        }
        PageCopy.copy(other.bytes, other.rawStart, bytes, rawStart, size);
        return true;
    }

    /** The next instance finds what is there, though it asks for zeros. */
    void keep() {
        untouched = true;
    }

    // ---- bounds

    @Override
    protected ByteBuffer retry(int address, int size) {
        check(address, size, WasmRuntimeException::new);
        return bytes;
    }

    private void check(int address, int size) {
        check(address, size, WasmRuntimeException::new);
    }

    private void check(int address, int size, Function<String, ChicoryException> trap) {
        int end = size();
        if (address < 0 || size < 0 || address > end || size > end - address) {
            throw trap.apply(
                    "out of bounds memory access: "
                            + Integer.toUnsignedString(size)
                            + " bytes at address "
                            + Integer.toUnsignedString(address)
                            + ", the memory ends at "
                            + end);
        }
    }

    // ---- plain access

    @Override
    public byte read(int addr) {
        try {
            return bytes.get(addr);
        } catch (IndexOutOfBoundsException e) {
            return retry(addr, 1).get(addr);
        }
    }

    @Override
    public short readShort(int addr) {
        try {
            return bytes.getShort(addr);
        } catch (IndexOutOfBoundsException e) {
            return retry(addr, 2).getShort(addr);
        }
    }

    @Override
    public long readU16(int addr) {
        return readShort(addr) & 0xffffL;
    }

    @Override
    public int readInt(int addr) {
        try {
            return bytes.getInt(addr);
        } catch (IndexOutOfBoundsException e) {
            return retry(addr, 4).getInt(addr);
        }
    }

    @Override
    public long readLong(int addr) {
        try {
            return bytes.getLong(addr);
        } catch (IndexOutOfBoundsException e) {
            return retry(addr, 8).getLong(addr);
        }
    }

    @Override
    public float readFloat(int addr) {
        return Float.intBitsToFloat(readInt(addr));
    }

    @Override
    public double readDouble(int addr) {
        return Double.longBitsToDouble(readLong(addr));
    }

    @Override
    public long readF32(int addr) {
        return readInt(addr);
    }

    @Override
    public long readF64(int addr) {
        return readLong(addr);
    }

    @Override
    public void writeByte(int addr, byte data) {
        try {
            bytes.put(addr, data);
        } catch (IndexOutOfBoundsException e) {
            retry(addr, 1).put(addr, data);
        }
    }

    @Override
    public void writeShort(int addr, short data) {
        try {
            bytes.putShort(addr, data);
        } catch (IndexOutOfBoundsException e) {
            retry(addr, 2).putShort(addr, data);
        }
    }

    @Override
    public void writeI32(int addr, int data) {
        try {
            bytes.putInt(addr, data);
        } catch (IndexOutOfBoundsException e) {
            retry(addr, 4).putInt(addr, data);
        }
    }

    @Override
    public void writeLong(int addr, long data) {
        try {
            bytes.putLong(addr, data);
        } catch (IndexOutOfBoundsException e) {
            retry(addr, 8).putLong(addr, data);
        }
    }

    @Override
    public void writeF32(int addr, float data) {
        writeI32(addr, Float.floatToRawIntBits(data));
    }

    @Override
    public void writeF64(int addr, double data) {
        writeLong(addr, Double.doubleToRawLongBits(data));
    }

    // ---- many bytes

    @Override
    public void write(int addr, byte[] data, int offset, int size) {
        if (offset < 0 || size < 0 || offset > data.length || size > data.length - offset) {
            throw new WasmRuntimeException(
                    "out of bounds memory access: the data segment has " + data.length + " bytes");
        }
        check(addr, size);
        bytes.put(addr, data, offset, size);
    }

    @Override
    public byte[] readBytes(int addr, int len) {
        check(addr, len);
        byte[] copy = new byte[len];
        bytes.get(addr, copy);
        return copy;
    }

    @Override
    public void copy(int dest, int src, int size) {
        if (isShort(dest, size) && isShort(src, size)) {
            ShortMoves.copy(rawStart + dest, rawStart + src, size);
            return;
        }
        check(dest, size);
        check(src, size);
        bytes.put(dest, bytes, src, size);
    }

    /**
     * Whether a range is one of {@link ShortMoves}, and within the memory as this thread knows it.
     */
    private boolean isShort(int address, int size) {
        return size > 0 && size <= ShortMoves.MOST && address >= 0 && address <= rawEnd - size;
    }

    @Override
    public void zero() {
        if (!untouched) {
            fill((byte) 0, 0, size());
        }
    }

    @Override
    public void fill(byte value, int fromIndex, int toIndex) {
        if (isShort(fromIndex, toIndex - fromIndex)) {
            ShortMoves.fill(rawStart + fromIndex, value, toIndex - fromIndex);
            return;
        }
        // the engine has added the length to the address: an overflow shows as an end before it
        check(fromIndex, fromIndex < 0 ? 0 : toIndex - fromIndex);
        if (value == 0) {
            for (int at = fromIndex; at < toIndex; at += ZEROS.length) {
                bytes.put(at, ZEROS, 0, Math.min(ZEROS.length, toIndex - at));
            }
            return;
        }
        int pattern = Math.min(PATTERN, toIndex - fromIndex);
        long eight = (value & 0xff) * 0x0101010101010101L;
        int at = fromIndex;
        for (; at <= fromIndex + pattern - 8; at += 8) {
            bytes.putLong(at, eight);
        }
        for (; at < fromIndex + pattern; at++) {
            bytes.put(at, value);
        }
        for (; at < toIndex; at += pattern) {
            bytes.put(at, bytes, fromIndex, Math.min(pattern, toIndex - at));
        }
    }

    // ---- data segments

    @Override
    public void initialize(Instance instance, DataSegment[] dataSegments) {
        initialize(instance, dataSegments, 0);
    }

    @Override
    public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
        segments.set(dataSegments);
        untouched = false;
        for (DataSegment segment : dataSegments) {
            if (segment instanceof ActiveDataSegment active && active.index() == memoryIndex) {
                int address = (int) computeConstantValue(instance, active.offsetInstructions())[0];
                // the engine makes a copy at each call
                byte[] data = active.data();
                check(address, data.length, UninstantiableException::new);
                bytes.put(address, data);
            }
        }
    }

    @Override
    public void initPassiveSegment(int segmentId, int dest, int offset, int size) {
        write(dest, segments.get()[segmentId].data(), offset, size);
    }

    @Override
    public void drop(int segment) {
        segments.get()[segment] = PassiveDataSegment.EMPTY;
    }
}
