package org.wasix4j.system.fs;

import java.lang.reflect.Field;
import java.nio.file.attribute.BasicFileAttributes;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Nullable;
import sun.misc.Unsafe;

/**
 * Reads what the kernel said about a file from the object in which the JVM keeps it.
 *
 * <p>That object has all of {@code struct stat}, but shows the links, the time of change and the
 * device only in a map by their names, which takes twice as long to make as the system call, and
 * only for a path and not for a name in an open directory. Its fields are read by {@code
 * sun.misc.Unsafe}, as guest memory is. Where that is refused or another JVM has other fields,
 * {@link HostStat} takes the map.
 */
final class KernelStat {

    /** Also keeps guest memory from being accessed that way. */
    private static final String PROPERTY = "wasix4j.rawAccess";

    private static final long NANOS = 1_000_000_000;

    private static final @Nullable KernelStat FIELDS = find();

    private final Unsafe unsafe;
    private final Class<?> type;
    private final long mode;
    private final long inode;
    private final long device;
    private final long links;
    private final long size;
    private final long[] times = new long[6];

    private KernelStat() throws ReflectiveOperationException {
        Field instance = Unsafe.class.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        unsafe = (Unsafe) instance.get(null);
        type = Class.forName("sun.nio.fs.UnixFileAttributes");
        mode = offset("st_mode", int.class);
        inode = offset("st_ino", long.class);
        device = offset("st_dev", long.class);
        links = offset("st_nlink", int.class);
        size = offset("st_size", long.class);
        String[] names = {"atime", "mtime", "ctime"};
        for (int i = 0; i < names.length; i++) {
            times[2 * i] = offset("st_" + names[i] + "_sec", long.class);
            times[2 * i + 1] = offset("st_" + names[i] + "_nsec", long.class);
        }
    }

    private static @Nullable KernelStat find() {
        if (!Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))) {
            return null;
        }
        try {
            return new KernelStat();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // refused, or another JVM
            return null;
        }
    }

    private long offset(String name, Class<?> expected) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        if (field.getType() != expected) {
            throw new NoSuchFieldException(name);
        }
        return unsafe.objectFieldOffset(field);
    }

    /** Whether attributes that were read for POSIX can be read here. */
    static boolean available() {
        return FIELDS != null;
    }

    /** All that is in them, or null when these attributes are of another kind. */
    static @Nullable FileStat of(BasicFileAttributes attributes) {
        KernelStat fields = FIELDS;
        return fields != null && fields.type.isInstance(attributes)
                ? fields.read(attributes)
                : null;
    }

    private FileStat read(Object attributes) {
        return new FileStat(
                unsafe.getLong(attributes, device),
                unsafe.getLong(attributes, inode),
                HostStat.type(unsafe.getInt(attributes, mode)),
                Integer.toUnsignedLong(unsafe.getInt(attributes, links)),
                unsafe.getLong(attributes, size),
                time(attributes, 0),
                time(attributes, 2),
                time(attributes, 4));
    }

    /** A time in nanoseconds, or the one nearest to it that has a number. */
    private long time(Object attributes, int index) {
        long seconds = unsafe.getLong(attributes, times[index]);
        if (seconds >= Long.MAX_VALUE / NANOS) {
            return Long.MAX_VALUE;
        }
        if (seconds <= Long.MIN_VALUE / NANOS) {
            return Long.MIN_VALUE;
        }
        return seconds * NANOS + unsafe.getLong(attributes, times[index + 1]);
    }
}
