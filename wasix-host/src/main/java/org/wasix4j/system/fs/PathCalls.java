package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;

/**
 * What can be done with a path: openat(2) and its family. A path starts in an open directory, and
 * {@link Lookup} says how it is followed; the errors are those that Linux answers, and {@code
 * notcapable} for a path that would leave what was granted.
 */
public final class PathCalls {

    private PathCalls() {}

    private static ResolvedPath walk(Directory base, String path, Lookup lookup) {
        try (DirectoryNode node = base.node()) {
            return Walker.walk(base.mounts(), node, path, lookup);
        }
    }

    /**
     * openat(2). What is neither a regular file nor a directory is refused with {@code nxio} where
     * it is the host's: to open a FIFO waits, to open a device does something.
     */
    public static OpenDescription open(Directory base, String path, Lookup lookup, OpenMode mode) {
        base.require(Rights.PATH_OPEN | (mode.create() ? Rights.PATH_CREATE_FILE : 0));
        boolean exclusive = mode.create() && mode.exclusive();
        if (mode.create() && mode.directory()) {
            throw Errno.INVAL.exception();
        }
        base.require(mode.truncate() ? Rights.PATH_FILESTAT_SET_SIZE : 0);
        if ((base.withheldBelow() & mode.rights()) != 0) {
            throw Errno.NOTCAPABLE.exception();
        }
        // no file can have a name with a slash behind it: Linux follows no link to find out more
        boolean slashed = mode.create() && path.endsWith("/");
        Lookup how =
                exclusive || slashed
                        ? new Lookup(lookup.confined(), false, !slashed && lookup.followSlash())
                        : lookup;
        try (ResolvedPath place = walk(base, path, how)) {
            if (mode.create() && place.slash() && place.last() == null) {
                throw Errno.ISDIR.exception();
            }
            if (place.isDirectoryItself()) {
                requireDirectoryMode(mode);
                return below(base, new Directory(base.mounts(), place.node().retain(), null));
            }
            BasicFileAttributes found = place.seen();
            if (found == null) {
                requireCreation(place, mode);
            } else if (exclusive) {
                throw Errno.EXIST.exception();
            } else if (found.isDirectory()) {
                requireDirectoryMode(mode);
                return below(base, openDirectory(base, place));
            } else {
                requireFileMode(place, mode, found);
            }
            DirectoryNode node = place.node();
            return below(
                    base,
                    node.directory()
                            .open(place.name(), found, place.mark(), mode, node.readOnly()));
        }
    }

    /** What was given up on a directory for what is opened through it. */
    private static OpenDescription below(Directory base, OpenDescription opened) {
        opened.withhold(base.withheldBelow(), base.withheldBelow());
        return opened;
    }

    private static void requireDirectoryMode(OpenMode mode) {
        if (mode.create() && mode.exclusive()) {
            throw Errno.EXIST.exception();
        }
        if (mode.changes()) {
            throw Errno.ISDIR.exception();
        }
    }

    private static Directory openDirectory(Directory base, ResolvedPath place) {
        return new Directory(
                base.mounts(),
                base.mounts().enter(place.node(), place.name(), place.seen(), place.mark()),
                null);
    }

    private static void requireCreation(ResolvedPath place, OpenMode mode) {
        if (!mode.create()) {
            throw Errno.NOENT.exception();
        }
        place.node().writable();
    }

    private static void requireFileMode(
            ResolvedPath place, OpenMode mode, BasicFileAttributes found) {
        if (mode.directory() || place.slash()) {
            throw Errno.NOTDIR.exception();
        }
        if (found.isSymbolicLink()) {
            throw Errno.LOOP.exception();
        }
        if (!place.node().directory().opens(found)) {
            throw Errno.NXIO.exception();
        }
        // to write to a device changes nothing where it lies
        if (found.isRegularFile() && (mode.write() || mode.truncate())) {
            place.node().writable();
        }
    }

    /** fstatat(2). */
    public static FileStat stat(Directory base, String path, Lookup lookup) {
        base.require(Rights.PATH_FILESTAT_GET);
        try (ResolvedPath place = walk(base, path, lookup)) {
            return place.stat();
        }
    }

    /** readlinkat(2): all of the link's text. */
    public static String readLink(Directory base, String path, boolean confined) {
        base.require(Rights.PATH_READLINK);
        try (ResolvedPath place = walk(base, path, Lookup.of(confined, false))) {
            if (place.isDirectoryItself() || !place.require().isSymbolicLink()) {
                throw Errno.INVAL.exception();
            }
            return place.node().directory().readLink(place.name());
        }
    }

    /**
     * utimensat(2); null leaves a time as it is. For what cannot be opened it is refused with
     * {@code nxio}, as opening is: the JVM opens a file to set its times, and would wait for a
     * process at the other end of a FIFO.
     */
    public static void setTimes(
            Directory base,
            String path,
            Lookup lookup,
            @Nullable FileTime access,
            @Nullable FileTime modification) {
        base.require(Rights.PATH_FILESTAT_SET_TIMES);
        try (ResolvedPath place = walk(base, path, lookup)) {
            if (place.isDirectoryItself()) {
                place.node().writable().setTimes(access, modification);
                return;
            }
            place.require();
            place.node().writable().setTimes(place.name(), access, modification);
        }
    }

    /** mkdirat(2). */
    public static void createDirectory(Directory base, String path, boolean confined) {
        base.require(Rights.PATH_CREATE_DIRECTORY);
        try (ResolvedPath place = walk(base, path, Lookup.ofName(confined))) {
            if (place.isDirectoryItself() || place.look() != null) {
                throw Errno.EXIST.exception();
            }
            place.node().writable().createDirectory(place.name());
        }
    }

    /**
     * symlinkat(2). The text is kept as it is, and means what it says only when it is followed; one
     * that could not be followed by this guest ever, an absolute one, is refused where paths are
     * confined.
     */
    public static void createLink(String text, Directory base, String path, boolean confined) {
        base.require(Rights.PATH_SYMLINK);
        if (text.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        if (confined && text.startsWith("/")) {
            throw Errno.NOTCAPABLE.exception();
        }
        try (ResolvedPath place = walk(base, path, Lookup.ofName(confined))) {
            requireNewName(place);
            place.node().writable().createLink(place.name(), text);
        }
    }

    private static void requireNewName(ResolvedPath place) {
        if (place.isDirectoryItself() || place.look() != null) {
            throw Errno.EXIST.exception();
        }
        if (place.slash()) {
            throw Errno.NOENT.exception();
        }
    }

    /** linkat(2). */
    public static void link(
            Directory from, String path, Lookup lookup, Directory to, String newPath) {
        from.require(Rights.PATH_LINK_SOURCE);
        to.require(Rights.PATH_LINK_TARGET);
        try (ResolvedPath source = walk(from, path, lookup);
                ResolvedPath target = walk(to, newPath, Lookup.ofName(lookup.confined()))) {
            if (source.isDirectoryItself() || source.require().isDirectory()) {
                requireNewName(target);
                throw Errno.PERM.exception();
            }
            requireNewName(target);
            if (source.node().mount() != target.node().mount()) {
                throw Errno.XDEV.exception();
            }
            source.node().directory().link(source.name(), target.node().writable(), target.name());
        }
    }

    /** renameat(2). Mount points and what lies above them stay where they are: {@code busy}. */
    public static void rename(
            Directory from, String path, Directory to, String newPath, boolean confined) {
        from.require(Rights.PATH_RENAME_SOURCE);
        to.require(Rights.PATH_RENAME_TARGET);
        try (ResolvedPath source = walk(from, path, Lookup.ofName(confined));
                ResolvedPath target = walk(to, newPath, Lookup.ofName(confined))) {
            requireMovable(from.mounts(), source);
            requireMovable(to.mounts(), target);
            BasicFileAttributes moved = source.require();
            if (target.slash() && !moved.isDirectory()) {
                throw Errno.NOTDIR.exception();
            }
            if (source.node().mount() != target.node().mount()) {
                throw Errno.XDEV.exception();
            }
            source.node().writable().rename(source.name(), target.node().writable(), target.name());
        }
    }

    private static void requireMovable(Mounts mounts, ResolvedPath place) {
        if (mounts.isFixed(place)) {
            throw Errno.BUSY.exception();
        }
    }

    /** unlinkat(2). */
    public static void unlink(Directory base, String path, boolean confined) {
        base.require(Rights.PATH_UNLINK_FILE);
        try (ResolvedPath place = walk(base, path, Lookup.ofName(confined))) {
            if (place.isDirectoryItself() || place.require().isDirectory()) {
                throw Errno.ISDIR.exception();
            }
            place.node().writable().unlink(place.name());
        }
    }

    /** unlinkat(2) with AT_REMOVEDIR. */
    public static void removeDirectory(Directory base, String path, boolean confined) {
        base.require(Rights.PATH_REMOVE_DIRECTORY);
        try (ResolvedPath place = walk(base, path, Lookup.ofName(confined))) {
            if (".".equals(place.last())) {
                throw Errno.INVAL.exception();
            }
            if ("..".equals(place.last())) {
                throw Errno.NOTEMPTY.exception();
            }
            requireMovable(base.mounts(), place);
            if (!place.require().isDirectory()) {
                throw Errno.NOTDIR.exception();
            }
            place.node().writable().removeDirectory(place.name());
        }
    }
}
