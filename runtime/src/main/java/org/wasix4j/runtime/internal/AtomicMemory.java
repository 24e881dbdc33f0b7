package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.TrapException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BooleanSupplier;
import java.util.function.IntBinaryOperator;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.system.thread.WaitQueue;
import org.wasix4j.types.Nullable;

/**
 * The atomic instructions of a guest's memory, by the machine's own. Every {@code atomic} method of
 * the interface is overridden: what it does by default takes a lock that the plain accesses do not
 * take, and so is not atomic to them.
 *
 * <p>The engine has checked the alignment before it comes here. The machine has no atomic read and
 * write of a part of an int, so those are a compare-and-set on the whole aligned int.
 *
 * <p>{@code memory.atomic.wait} waits in the process's {@link WaitQueue}, first come first woken;
 * the futex calls use the same one.
 */
abstract class AtomicMemory extends RawMemory {

    private static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static {
        // their first use initialises classes of the JDK, for which a guest's stack may be too
        // short
        ByteBuffer probe = ByteBuffer.allocateDirect(2 * Long.BYTES).alignedSlice(Long.BYTES);
        INTS.setVolatile(probe, 0, 0);
        LONGS.setVolatile(probe, 0, 0L);
    }

    private static final IntBinaryOperator ADD = Integer::sum;
    private static final IntBinaryOperator AND = (old, value) -> old & value;
    private static final IntBinaryOperator OR = (old, value) -> old | value;
    private static final IntBinaryOperator XOR = (old, value) -> old ^ value;
    private static final IntBinaryOperator XCHG = (old, value) -> value;

    /** The bytes; the limit is the memory's present size. */
    protected ByteBuffer bytes;

    private @Nullable GuestProcess process;

    AtomicMemory(ByteBuffer bytes, long rawStart) {
        super(rawStart);
        this.bytes = bytes;
    }

    /** Tells whose threads wait here; without one, waiting traps. */
    final void attach(GuestProcess owner) {
        process = owner;
    }

    /** The process that it was attached to, or null. */
    final @Nullable GuestProcess process() {
        return process;
    }

    /**
     * To be called when the bytes refused an access: a trap, unless the memory has grown and this
     * thread had not seen it yet.
     *
     * @return the bytes, now with the present limit
     */
    protected abstract ByteBuffer retry(int address, int size);

    // ---- int

    @Override
    public final int atomicReadInt(int addr) {
        try {
            return (int) INTS.getVolatile(bytes, addr);
        } catch (IndexOutOfBoundsException e) {
            return (int) INTS.getVolatile(retry(addr, 4), addr);
        }
    }

    @Override
    public final void atomicWriteInt(int addr, int value) {
        try {
            INTS.setVolatile(bytes, addr, value);
        } catch (IndexOutOfBoundsException e) {
            INTS.setVolatile(retry(addr, 4), addr, value);
        }
    }

    @Override
    public final int atomicAddInt(int addr, int delta) {
        try {
            return (int) INTS.getAndAdd(bytes, addr, delta);
        } catch (IndexOutOfBoundsException e) {
            return (int) INTS.getAndAdd(retry(addr, 4), addr, delta);
        }
    }

    @Override
    public final int atomicAndInt(int addr, int mask) {
        try {
            return (int) INTS.getAndBitwiseAnd(bytes, addr, mask);
        } catch (IndexOutOfBoundsException e) {
            return (int) INTS.getAndBitwiseAnd(retry(addr, 4), addr, mask);
        }
    }

    @Override
    public final int atomicOrInt(int addr, int mask) {
        try {
            return (int) INTS.getAndBitwiseOr(bytes, addr, mask);
        } catch (IndexOutOfBoundsException e) {
            return (int) INTS.getAndBitwiseOr(retry(addr, 4), addr, mask);
        }
    }

    @Override
    public final int atomicXorInt(int addr, int mask) {
        try {
            return (int) INTS.getAndBitwiseXor(bytes, addr, mask);
        } catch (IndexOutOfBoundsException e) {
            return (int) INTS.getAndBitwiseXor(retry(addr, 4), addr, mask);
        }
    }

    @Override
    public final int atomicXchgInt(int addr, int value) {
        try {
            return (int) INTS.getAndSet(bytes, addr, value);
        } catch (IndexOutOfBoundsException e) {
            return (int) INTS.getAndSet(retry(addr, 4), addr, value);
        }
    }

    @Override
    public final int atomicCmpxchgInt(int addr, int expected, int replacement) {
        try {
            return (int) INTS.compareAndExchange(bytes, addr, expected, replacement);
        } catch (IndexOutOfBoundsException e) {
            return (int) INTS.compareAndExchange(retry(addr, 4), addr, expected, replacement);
        }
    }

    // ---- long

    @Override
    public final long atomicReadLong(int addr) {
        try {
            return (long) LONGS.getVolatile(bytes, addr);
        } catch (IndexOutOfBoundsException e) {
            return (long) LONGS.getVolatile(retry(addr, 8), addr);
        }
    }

    @Override
    public final void atomicWriteLong(int addr, long value) {
        try {
            LONGS.setVolatile(bytes, addr, value);
        } catch (IndexOutOfBoundsException e) {
            LONGS.setVolatile(retry(addr, 8), addr, value);
        }
    }

    @Override
    public final long atomicAddLong(int addr, long delta) {
        try {
            return (long) LONGS.getAndAdd(bytes, addr, delta);
        } catch (IndexOutOfBoundsException e) {
            return (long) LONGS.getAndAdd(retry(addr, 8), addr, delta);
        }
    }

    @Override
    public final long atomicAndLong(int addr, long mask) {
        try {
            return (long) LONGS.getAndBitwiseAnd(bytes, addr, mask);
        } catch (IndexOutOfBoundsException e) {
            return (long) LONGS.getAndBitwiseAnd(retry(addr, 8), addr, mask);
        }
    }

    @Override
    public final long atomicOrLong(int addr, long mask) {
        try {
            return (long) LONGS.getAndBitwiseOr(bytes, addr, mask);
        } catch (IndexOutOfBoundsException e) {
            return (long) LONGS.getAndBitwiseOr(retry(addr, 8), addr, mask);
        }
    }

    @Override
    public final long atomicXorLong(int addr, long mask) {
        try {
            return (long) LONGS.getAndBitwiseXor(bytes, addr, mask);
        } catch (IndexOutOfBoundsException e) {
            return (long) LONGS.getAndBitwiseXor(retry(addr, 8), addr, mask);
        }
    }

    @Override
    public final long atomicXchgLong(int addr, long value) {
        try {
            return (long) LONGS.getAndSet(bytes, addr, value);
        } catch (IndexOutOfBoundsException e) {
            return (long) LONGS.getAndSet(retry(addr, 8), addr, value);
        }
    }

    @Override
    public final long atomicCmpxchgLong(int addr, long expected, long replacement) {
        try {
            return (long) LONGS.compareAndExchange(bytes, addr, expected, replacement);
        } catch (IndexOutOfBoundsException e) {
            return (long) LONGS.compareAndExchange(retry(addr, 8), addr, expected, replacement);
        }
    }

    // ---- parts of an int

    /** Replaces the bits under the mask by what the operator makes of them; answers the old. */
    private int update(int addr, int mask, IntBinaryOperator operator, int operand) {
        int word = addr & ~3;
        int shift = (addr & 3) << 3;
        int old = atomicReadInt(word);
        for (; ; ) {
            int part = old >>> shift & mask;
            int changed = operator.applyAsInt(part, operand) & mask;
            int seen = atomicCmpxchgInt(word, old, old & ~(mask << shift) | changed << shift);
            if (seen == old) {
                return part;
            }
            old = seen;
        }
    }

    private int compareAndExchange(int addr, int mask, int expected, int replacement) {
        int wanted = expected & mask;
        return update(addr, mask, (old, value) -> old == wanted ? value : old, replacement);
    }

    @Override
    public final short atomicReadShort(int addr) {
        return (short) (atomicReadInt(addr & ~3) >>> ((addr & 3) << 3));
    }

    @Override
    public final void atomicWriteShort(int addr, short value) {
        update(addr, 0xffff, XCHG, value);
    }

    @Override
    public final short atomicAddShort(int addr, short delta) {
        return (short) update(addr, 0xffff, ADD, delta);
    }

    @Override
    public final short atomicAndShort(int addr, short mask) {
        return (short) update(addr, 0xffff, AND, mask);
    }

    @Override
    public final short atomicOrShort(int addr, short mask) {
        return (short) update(addr, 0xffff, OR, mask);
    }

    @Override
    public final short atomicXorShort(int addr, short mask) {
        return (short) update(addr, 0xffff, XOR, mask);
    }

    @Override
    public final short atomicXchgShort(int addr, short value) {
        return (short) update(addr, 0xffff, XCHG, value);
    }

    @Override
    public final short atomicCmpxchgShort(int addr, short expected, short replacement) {
        return (short) compareAndExchange(addr, 0xffff, expected, replacement);
    }

    @Override
    public final byte atomicReadByte(int addr) {
        return (byte) (atomicReadInt(addr & ~3) >>> ((addr & 3) << 3));
    }

    @Override
    public final void atomicWriteByte(int addr, byte value) {
        update(addr, 0xff, XCHG, value);
    }

    @Override
    public final byte atomicAddByte(int addr, byte delta) {
        return (byte) update(addr, 0xff, ADD, delta);
    }

    @Override
    public final byte atomicAndByte(int addr, byte mask) {
        return (byte) update(addr, 0xff, AND, mask);
    }

    @Override
    public final byte atomicOrByte(int addr, byte mask) {
        return (byte) update(addr, 0xff, OR, mask);
    }

    @Override
    public final byte atomicXorByte(int addr, byte mask) {
        return (byte) update(addr, 0xff, XOR, mask);
    }

    @Override
    public final byte atomicXchgByte(int addr, byte value) {
        return (byte) update(addr, 0xff, XCHG, value);
    }

    @Override
    public final byte atomicCmpxchgByte(int addr, byte expected, byte replacement) {
        return (byte) compareAndExchange(addr, 0xff, expected, replacement);
    }

    // ---- wait and notify

    @Override
    public final void atomicFence() {
        VarHandle.fullFence();
    }

    @Override
    public final int atomicWait(int addr, int expected, long timeout) {
        atomicReadInt(addr);
        return await(addr, () -> atomicReadInt(addr) == expected, timeout);
    }

    @Override
    public final int atomicWait(int addr, long expected, long timeout) {
        atomicReadLong(addr);
        return await(addr, () -> atomicReadLong(addr) == expected, timeout);
    }

    /**
     * Waits; a guest signal does not end it, since the instruction has no answer for that.
     *
     * @param timeout nanoseconds, negative for ever
     */
    private int await(int addr, BooleanSupplier unchanged, long timeout) {
        if (!shared() || process == null) {
            throw new TrapException("expected shared memory");
        }
        GuestThread thread = process.threads().current();
        StackRoom.requireForTransfer(thread.syscalls());
        long deadline = timeout < 0 ? GuestThread.FOREVER : Clocks.deadlineIn(timeout);
        WaitQueue.Outcome outcome =
                process.waitQueue().await(thread, addr, unchanged, deadline, false);
        return switch (outcome) {
            case WOKEN -> 0;
            case NOT_EQUAL -> 1;
            case TIMED_OUT -> 2;
            case INTERRUPTED, ENDING -> throw Unwind.PROCESS;
        };
    }

    @Override
    public final int atomicNotify(int addr, int maxThreads) {
        if ((addr & 3) != 0) {
            throw new TrapException("unaligned atomic");
        }
        atomicReadInt(addr);
        if (!shared() || process == null) {
            return 0;
        }
        StackRoom.requireForTransfer(process.threads().current().syscalls());
        return process.waitQueue().wake(addr, maxThreads);
    }

    // ---- what the interface has left from before the methods above

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public final Object lock(int address) {
        throw new UnsupportedOperationException("no atomic operation of this memory takes a lock");
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public final int waitOn(int address, int expected, long timeout) {
        return atomicWait(address, expected, timeout);
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public final int waitOn(int address, long expected, long timeout) {
        return atomicWait(address, expected, timeout);
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public final int notify(int address, int maxThreads) {
        return atomicNotify(address, maxThreads);
    }
}
