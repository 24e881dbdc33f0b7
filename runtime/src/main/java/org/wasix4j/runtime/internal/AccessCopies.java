package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.wasix4j.types.Nullable;

/**
 * Gives each module a copy of {@link GuestAccess} of its own, so that what HotSpot learns of a
 * check of an address it learns for one module.
 *
 * <p>HotSpot leaves out of compiled code what was never taken, such as the failure of a check. When
 * it is taken after all, HotSpot notes that at the place in the bytecode, and compiles that place
 * without such an assumption from then on: loops over memory become up to 2.5 times slower. The
 * place in {@code Objects.checkIndex} is shared by everything in the JVM. So the address is checked
 * before, in a class of the module: a guest that goes outside of its memory slows down itself.
 *
 * <p>What {@code Objects.checkIndex} alone is better at: it checks several places beside each other
 * with one comparison. So a JVM that runs one guest only leaves the other check out.
 */
public final class AccessCopies {

    /** Set by a program whose JVM runs one guest, and ends with it. */
    public static final String ALONE_PROPERTY = "wasix4j.oneGuest";

    /** Whether this JVM runs only one guest. */
    public static final boolean ALONE = Boolean.getBoolean(ALONE_PROPERTY);

    /** The name of the class that is copied. */
    static final String NAME = GuestAccess.class.getName();

    private AccessCopies() {}

    /** The class file, once it was read. */
    private static volatile @Nullable ByteBuffer read;

    /**
     * The class as it is defined for a module, or null when all modules share one: in a JVM with
     * one guest, or when classes are packed in a way that has no resources.
     */
    static @Nullable ByteBuffer code() {
        if (ALONE) {
            return null;
        }
        ByteBuffer code = read;
        if (code == null) {
            code = read();
            read = code;
        }
        return code == null ? null : code.duplicate();
    }

    private static @Nullable ByteBuffer read() {
        String name = GuestAccess.class.getSimpleName() + ".class";
        try (InputStream in = GuestAccess.class.getResourceAsStream(name)) {
            return in == null ? null : ByteBuffer.wrap(in.readAllBytes());
        } catch (IOException e) {
            return null;
        }
    }
}
