package org.wasix4j.system.jvm;

import java.lang.reflect.Field;
import org.wasix4j.types.Nullable;
import sun.misc.Unsafe;

/**
 * {@code sun.misc.Unsafe}, where the JVM has it. Later versions warn of it and will refuse it, so
 * whoever uses it must do without.
 */
public final class UnsafeAccess {

    private UnsafeAccess() {}

    /** Whether memory and objects may be accessed by it: {@code -Dwasix4j.rawAccess=false}. */
    public static boolean isWanted() {
        return Boolean.parseBoolean(System.getProperty("wasix4j.rawAccess", "true"));
    }

    /** The JVM's instance; null where it is refused. */
    public static @Nullable Unsafe find() {
        try {
            Field instance = Unsafe.class.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            return (Unsafe) instance.get(null);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            return null;
        }
    }
}
