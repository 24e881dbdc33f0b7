package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A regular file of the host as it was opened, and how it is opened: relative to a directory,
 * without following a link, and surely the file that was looked at when it can be changed. For a
 * file that is only read this is found out when somebody asks which file it is: no guest can put
 * another under the name meanwhile, see {@link NameLocks}, and a look costs as much as the opening.
 *
 * @param appender a second channel whose writes go to the end, or null
 * @param key which file had the name before
 * @param sure whether that is the file that was opened
 * @param path the name it was opened by, on the host
 * @param seen what was known of it before
 */
record OpenedFile(
        FileChannel channel,
        @Nullable FileChannel appender,
        Object key,
        boolean sure,
        Path path,
        BasicFileAttributes seen) {

    /** How often the name may stand for another file each time. */
    private static final int TRIES = 16;

    private static final Set<OpenOption> FOR_READING =
            Set.of(LinkOption.NOFOLLOW_LINKS, StandardOpenOption.READ);

    /**
     * Opens a regular file in a directory; the caller has checked that it is one.
     *
     * @param seen what was seen under the name, or null
     * @param mark the directory's mark before that
     * @throws org.wasix4j.types.ErrnoException nxio for a FIFO, socket or device; loop for a
     *     symbolic link
     */
    static OpenedFile open(
            HostDirectory directory,
            Path name,
            @Nullable BasicFileAttributes seen,
            long mark,
            OpenMode mode) {
        for (int i = 0; i < TRIES; i++) {
            Lock lock = NameLocks.opening(directory.key());
            lock.lock();
            try {
                BasicFileAttributes found = directory.lookLocked(name, i == 0 ? seen : null, mark);
                found = find(directory, name, mode, found);
                OpenedFile opened = found == null ? null : tryOpen(directory, name, mode, found);
                if (opened != null) {
                    return opened;
                }
            } catch (NoSuchFileException e) {
                // removed since somebody looked: made anew the next time, if it may be made
                if (!mode.create()) {
                    throw FileErrors.of(e);
                }
            } catch (IOException e) {
                throw FileErrors.of(e);
            } finally {
                lock.unlock();
            }
        }
        throw Errno.AGAIN.exception();
    }

    /** How to open it, with more options. */
    private static Set<OpenOption> options(OpenMode mode, OpenOption... more) {
        Set<OpenOption> options = new HashSet<>(List.of(more));
        options.add(LinkOption.NOFOLLOW_LINKS);
        if (mode.synchronous()) {
            options.add(StandardOpenOption.SYNC);
        } else if (mode.dataSynchronous()) {
            options.add(StandardOpenOption.DSYNC);
        }
        return options;
    }

    /** The file of a name, made if need be; null when it has been removed meanwhile. */
    private static @Nullable BasicFileAttributes find(
            HostDirectory directory,
            Path name,
            OpenMode mode,
            @Nullable BasicFileAttributes present)
            throws IOException {
        BasicFileAttributes found = present;
        if (found == null) {
            if (!mode.create()) {
                throw Errno.NOENT.exception();
            }
            try {
                directory
                        .channel(
                                name,
                                options(
                                        mode,
                                        StandardOpenOption.WRITE,
                                        StandardOpenOption.CREATE_NEW))
                        .close();
            } catch (FileAlreadyExistsException e) {
                if (mode.exclusive()) {
                    throw e;
                }
            }
            found = directory.look(name);
        } else if (mode.create() && mode.exclusive()) {
            throw Errno.EXIST.exception();
        }
        if (found != null && !found.isRegularFile()) {
            throw notRegular(found).exception();
        }
        return found;
    }

    private static Set<OpenOption> access(OpenMode mode) {
        if (!mode.write()) {
            return mode.synchronous() || mode.dataSynchronous()
                    ? options(mode, StandardOpenOption.READ)
                    : FOR_READING;
        }
        return mode.read()
                ? options(mode, StandardOpenOption.READ, StandardOpenOption.WRITE)
                : options(mode, StandardOpenOption.WRITE);
    }

    private static Errno notRegular(BasicFileAttributes attributes) {
        if (attributes.isDirectory()) {
            return Errno.ISDIR;
        }
        return attributes.isSymbolicLink() ? Errno.LOOP : Errno.NXIO;
    }

    /** Null when the name stands for another file than the one that was looked at. */
    private static @Nullable OpenedFile tryOpen(
            HostDirectory directory, Path name, OpenMode mode, BasicFileAttributes before)
            throws IOException {
        FileChannel opened = directory.channel(name, access(mode));
        FileChannel appender = null;
        try (FileChannel truncater =
                mode.truncate() && !mode.write()
                        ? directory.channel(name, options(mode, StandardOpenOption.WRITE))
                        : null) {
            if (mode.append() && mode.write()) {
                appender =
                        directory.channel(
                                name,
                                options(mode, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
            }
            boolean sure = mode.write() || mode.truncate();
            if (sure && !isSame(before, directory.look(name))) {
                close(opened, appender);
                return null;
            }
            if (mode.truncate()) {
                (truncater != null ? truncater : opened).truncate(0);
            }
            return new OpenedFile(
                    opened,
                    appender,
                    before.fileKey(),
                    sure,
                    directory.path().resolve(name),
                    before);
        } catch (Throwable e) {
            close(opened, appender);
            throw e;
        }
    }

    private static boolean isSame(BasicFileAttributes before, @Nullable BasicFileAttributes after) {
        return after != null && after.fileKey().equals(before.fileKey());
    }

    private static void close(FileChannel opened, @Nullable FileChannel appender)
            throws IOException {
        opened.close();
        if (appender != null) {
            appender.close();
        }
    }
}
