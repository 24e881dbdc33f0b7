package org.wasix4j.runtime.internal;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.wasix4j.system.jvm.UnsafeAccess;
import org.wasix4j.types.Nullable;
import sun.misc.Unsafe;

/**
 * Access to a direct buffer's bytes by their address, where the JVM and the machine have it.
 *
 * <p>A buffer's own accessors look at its byte order and its scope each time, and are so deep that
 * HotSpot gives up inlining them in a larger method: guest code is then several times slower. Only
 * {@code sun.misc.Unsafe} goes without on Java 17. Later versions warn of it and will refuse it;
 * where it is refused everything goes through the buffer, and is slower and otherwise the same.
 * Public for the copies of {@link GuestAccess}; no other code may use it.
 */
public final class RawAccess {

    /** Machines that load from any address and have the lowest byte first. */
    private static final Set<String> MACHINES = Set.of("amd64", "x86_64", "aarch64");

    /** The access; only for where there is such. */
    public static final Unsafe UNSAFE;

    /** Whether there is such access. */
    public static final boolean AVAILABLE;

    /** What an address outside of a memory throws; whoever catches it knows more. */
    public static final IndexOutOfBoundsException OUTSIDE = new IndexOutOfBoundsException();

    /** Where a buffer keeps its address. */
    private static final long ADDRESS;

    static {
        Unsafe unsafe = null;
        long address = 0;
        try {
            if (MACHINES.contains(System.getProperty("os.arch"))
                    && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                    && UnsafeAccess.isWanted()) {
                Unsafe found = UnsafeAccess.find();
                if (found != null) {
                    address = found.objectFieldOffset(Buffer.class.getDeclaredField("address"));
                    ByteBuffer probe = ByteBuffer.allocateDirect(1);
                    found.putByte(found.getLong(probe, address), (byte) 42);
                    unsafe = probe.get(0) == 42 ? found : null;
                }
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // another JVM's buffers
        }
        UNSAFE = whereAvailable(unsafe);
        AVAILABLE = unsafe != null;
        ADDRESS = address;
    }

    private RawAccess() {}

    @SuppressWarnings("NullAway")
    private static Unsafe whereAvailable(@Nullable Unsafe unsafe) {
        return unsafe;
    }

    /** The address of a direct buffer's first byte; 0 when there is no access. */
    static long address(ByteBuffer direct) {
        return AVAILABLE ? UNSAFE.getLong(direct, ADDRESS) : 0;
    }
}
