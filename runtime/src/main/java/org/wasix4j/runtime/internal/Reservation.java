package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.system.jvm.UnsafeAccess;
import org.wasix4j.types.Nullable;
import sun.misc.Unsafe;

/**
 * Address space for a guest's memory: contiguous, and backed by the machine only where it was
 * written.
 *
 * <p>The JVM has no call that reserves anonymous memory without committing it. A private mapping of
 * a sparse file does the same ({@link ZeroFile}).
 *
 * @param bytes the reservation, little-endian, all zero
 * @param notice a sentence for the human when it is smaller than what was wanted, else null
 */
record Reservation(ByteBuffer bytes, @Nullable String notice) {

    /** What is taken from the heap's neighbour, committed at once, when no file can be mapped. */
    private static final long DIRECT_SIZE = 64L << 20;

    /** The smallest mapping that is tried when larger ones fail. */
    private static final long SMALLEST_MAPPING = 16L << 20;

    /**
     * Reserves address space.
     *
     * @param wanted the most the guest may ever use
     * @param needed what it needs to start
     * @throws ModuleException when not even that can be had
     */
    static Reservation of(long wanted, long needed) {
        if (wanted == 0) {
            return new Reservation(order(ByteBuffer.allocateDirect(0)), null);
        }
        String why = "no temporary folder is on a disk (java.io.tmpdir chooses one)";
        ZeroFile file = ZeroFile.find();
        if (file != null) {
            for (long size = wanted; size >= needed; size = size / 2 & -65536L) {
                try {
                    return reserved(order(file.map(size)), wanted, why);
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                    why =
                            "reserving address space through "
                                    + file.folder()
                                    + " failed: "
                                    + e.getMessage()
                                    + " (limits are vm.overcommit_memory=2, ulimit -v, ulimit -f)";
                }
                if (size <= SMALLEST_MAPPING) {
                    break;
                }
            }
        }
        long size = Math.min(wanted, Math.max(needed, DIRECT_SIZE));
        try {
            return reserved(order(ByteBuffer.allocateDirect((int) size)), wanted, why);
        } catch (OutOfMemoryError e) {
            throw new ModuleException(
                    "cannot reserve the " + mebibytes(needed) + " the guest starts with: " + why,
                    e);
        }
    }

    private static Reservation reserved(ByteBuffer bytes, long wanted, String why) {
        if (bytes.capacity() >= wanted) {
            return new Reservation(bytes, null);
        }
        return new Reservation(
                bytes, "the guest's memory ends at " + mebibytes(bytes.capacity()) + ": " + why);
    }

    /** A size of whole pages as a person reads it: 64 KiB, 1 MiB. */
    static String text(long size) {
        return (size & 0xfffff) == 0 ? mebibytes(size) : (size >> 10) + " KiB";
    }

    private static String mebibytes(long size) {
        return (size + 0xfffff >> 20) + " MiB";
    }

    private static ByteBuffer order(ByteBuffer buffer) {
        return buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Gives the address space back now and not when a collector finds the buffer. Whoever still has
     * a view of it must not use that any more: an access would end the JVM.
     */
    void free() {
        Unsafe unsafe = RawAccess.AVAILABLE ? RawAccess.UNSAFE : UnsafeAccess.find();
        if (unsafe == null) {
            // the collector will do it
            return;
        }
        try {
            unsafe.invokeCleaner(bytes);
        } catch (RuntimeException | OutOfMemoryError e) {
            // likewise
        }
    }
}
