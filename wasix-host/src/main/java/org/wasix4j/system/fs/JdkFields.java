package org.wasix4j.system.fs;

import java.lang.reflect.Field;
import org.wasix4j.system.jvm.UnsafeAccess;
import org.wasix4j.types.Nullable;
import sun.misc.Unsafe;

/**
 * Reads fields of the JVM's own objects, where they say what its methods do not. {@code
 * sun.misc.Unsafe} does it, as for guest memory. Whoever uses this must do without where it is
 * refused and where another JVM has other fields.
 */
final class JdkFields {

    private final Unsafe unsafe;

    private JdkFields(Unsafe unsafe) {
        this.unsafe = unsafe;
    }

    /** What uses fields, made from what reads them. */
    @FunctionalInterface
    interface Maker<T> {
        T make(JdkFields fields) throws ReflectiveOperationException;
    }

    /** Makes what uses fields; null where they cannot be read. */
    static <T> @Nullable T use(Maker<T> maker) {
        Unsafe unsafe = UnsafeAccess.isWanted() ? UnsafeAccess.find() : null;
        if (unsafe == null) {
            return null;
        }
        try {
            return maker.make(new JdkFields(unsafe));
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // another JVM
            return null;
        }
    }

    /**
     * Where a field is in the objects of a class.
     *
     * @throws NoSuchFieldException when there is none of that name and type
     */
    long offset(Class<?> owner, String name, Class<?> type) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        if (field.getType() != type) {
            throw new NoSuchFieldException(name);
        }
        return unsafe.objectFieldOffset(field);
    }

    int intAt(Object object, long offset) {
        return unsafe.getInt(object, offset);
    }

    long longAt(Object object, long offset) {
        return unsafe.getLong(object, offset);
    }

    @Nullable
    Object objectAt(Object object, long offset) {
        return unsafe.getObject(object, offset);
    }
}
