package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Nullable;

/**
 * Reads what the kernel said about a file from the object in which the JVM keeps it.
 *
 * <p>That object has all of {@code struct stat}, but shows the links, the time of change and the
 * device only in a map by their names, which takes twice as long to make as the system call, and
 * only for a path and not for a name in an open directory. Where its fields cannot be read, {@link
 * HostStat} takes the map.
 */
final class KernelStat {

    private static final long NANOS = 1_000_000_000;

    private static final @Nullable KernelStat FIELDS = JdkFields.use(KernelStat::new);

    private final JdkFields fields;
    private final Class<?> type;
    private final long mode;
    private final long inode;
    private final long device;
    private final long links;
    private final long size;
    private final long[] times = new long[6];

    private KernelStat(JdkFields fields) throws ReflectiveOperationException {
        this.fields = fields;
        type = Class.forName("sun.nio.fs.UnixFileAttributes");
        mode = fields.offset(type, "st_mode", int.class);
        inode = fields.offset(type, "st_ino", long.class);
        device = fields.offset(type, "st_dev", long.class);
        links = fields.offset(type, "st_nlink", int.class);
        size = fields.offset(type, "st_size", long.class);
        String[] names = {"atime", "mtime", "ctime"};
        for (int i = 0; i < names.length; i++) {
            times[2 * i] = fields.offset(type, "st_" + names[i] + "_sec", long.class);
            times[2 * i + 1] = fields.offset(type, "st_" + names[i] + "_nsec", long.class);
        }
    }

    /** Whether attributes that were read for POSIX can be read here. */
    static boolean available() {
        return FIELDS != null;
    }

    /** All that is in them, or null when these attributes are of another kind. */
    static @Nullable FileStat of(BasicFileAttributes attributes) {
        KernelStat known = FIELDS;
        return known != null && known.type.isInstance(attributes) ? known.read(attributes) : null;
    }

    private FileStat read(Object attributes) {
        return new FileStat(
                fields.longAt(attributes, device),
                fields.longAt(attributes, inode),
                HostStat.type(fields.intAt(attributes, mode)),
                Integer.toUnsignedLong(fields.intAt(attributes, links)),
                fields.longAt(attributes, size),
                time(attributes, 0),
                time(attributes, 2),
                time(attributes, 4));
    }

    /** A time in nanoseconds, or the one nearest to it that has a number. */
    private long time(Object attributes, int index) {
        long seconds = fields.longAt(attributes, times[index]);
        if (seconds >= Long.MAX_VALUE / NANOS) {
            return Long.MAX_VALUE;
        }
        if (seconds <= Long.MIN_VALUE / NANOS) {
            return Long.MIN_VALUE;
        }
        return seconds * NANOS + fields.longAt(attributes, times[index + 1]);
    }
}
