package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A directory of the host, held open. Every operation takes one name and acts relative to the open
 * directory, as openat(2) and its family do, and never follows a symbolic link: so nothing that is
 * renamed meanwhile can make it act elsewhere. Which names are meant, links included, is decided
 * above, by the {@link Walker}.
 *
 * <p>Holds two host descriptors, and a third one when a path to it was needed, until the last user
 * has closed it. All methods throw the errno that the host's kernel gave.
 */
final class HostDirectory implements Folder {

    private static final Path SELF = Path.of(".");
    private static final Set<OpenOption> FOR_READING = Set.of(StandardOpenOption.READ);
    private static final int TRIES = 16;

    /** The attributes of POSIX are those that {@link KernelStat} reads. */
    private static final Class<? extends BasicFileAttributeView> VIEW =
            KernelStat.available() ? PosixFileAttributeView.class : BasicFileAttributeView.class;

    private final SecureDirectoryStream<Path> stream;
    private final Path path;
    private final Object key;
    private final AtomicInteger users = new AtomicInteger(1);

    /** Leads to {@link #selfPath}; opened when first needed. Guarded by this. */
    private @Nullable FileChannel self;

    /** A path through the descriptor of {@link #self}, or null until it is needed. */
    private volatile @Nullable Path selfPath;

    private HostDirectory(SecureDirectoryStream<Path> stream, Path path, Object key) {
        this.stream = stream;
        this.path = path;
        this.key = key;
    }

    /** An action with a path. */
    @FunctionalInterface
    interface PathAction<T> {
        @Nullable
        T on(Path path) throws IOException;
    }

    /** Opens a directory that was granted. */
    // the directory stays open
    @SuppressWarnings("StreamResourceLeak")
    static HostDirectory open(Path directory) throws IOException {
        DirectoryStream<Path> opened = Files.newDirectoryStream(directory);
        if (!(opened instanceof SecureDirectoryStream<Path> secure)) {
            opened.close();
            throw new UnsupportedOperationException(
                    "the file system of " + directory + " cannot hold directories open");
        }
        return new HostDirectory(secure, directory, keyOf(secure));
    }

    private static Object keyOf(SecureDirectoryStream<Path> stream) throws IOException {
        return stream.getFileAttributeView(BasicFileAttributeView.class).readAttributes().fileKey();
    }

    /** Which directory this is: device and inode. */
    @Override
    public Object key() {
        return key;
    }

    /** Where it was when it was opened. */
    Path path() {
        return path;
    }

    /**
     * One more user.
     *
     * @throws org.wasix4j.types.ErrnoException badf when it is closed already
     */
    @Override
    public HostDirectory retain() {
        if (users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw Errno.BADF.exception();
        }
        return this;
    }

    @Override
    public void close() {
        if (users.decrementAndGet() == 0) {
            try {
                stream.close();
            } catch (IOException e) {
                // the descriptors are closed all the same
            }
            closeSelf();
        }
    }

    private synchronized void closeSelf() {
        selfPath = null;
        if (self != null) {
            try {
                self.close();
            } catch (IOException e) {
                // as above
            }
        }
    }

    // ---- looking

    /** What a name stands for, a symbolic link being itself; null when there is no such name. */
    @Override
    public @Nullable BasicFileAttributes look(String name) {
        return look(HostName.toPath(name));
    }

    /** As {@link #look(String)}. */
    @Nullable
    BasicFileAttributes look(Path name) {
        try {
            return view(name).readAttributes();
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw FileErrors.of(e);
        } catch (ClosedDirectoryStreamException e) {
            throw Errno.BADF.exception();
        }
    }

    private BasicFileAttributeView view(Path name) {
        return stream.getFileAttributeView(name, VIEW, LinkOption.NOFOLLOW_LINKS);
    }

    /** The directory's own data. */
    @Override
    public FileStat stat() {
        FileStat stat = KernelStat.of(lookAtSelf());
        if (stat != null) {
            return stat;
        }
        stat = HostStat.byPath(path, key, LinkOption.NOFOLLOW_LINKS);
        if (stat == null) {
            stat = act(here -> HostStat.byPath(here, key));
        }
        if (stat == null) {
            throw Errno.STALE.exception();
        }
        return stat;
    }

    private BasicFileAttributes lookAtSelf() {
        try {
            return stream.getFileAttributeView(VIEW).readAttributes();
        } catch (IOException e) {
            throw FileErrors.of(e);
        } catch (ClosedDirectoryStreamException e) {
            throw Errno.BADF.exception();
        }
    }

    @Override
    public @Nullable FileStat stat(String name, BasicFileAttributes seen) {
        FileStat all = KernelStat.of(seen);
        if (all != null) {
            return all;
        }
        Path file = HostName.toPath(name);
        Object found = seen.fileKey();
        FileStat stat = HostStat.byPath(path.resolve(file), found, LinkOption.NOFOLLOW_LINKS);
        if (stat == null) {
            // this directory has been moved
            stat =
                    act(
                            here ->
                                    HostStat.byPath(
                                            here.resolve(file), found, LinkOption.NOFOLLOW_LINKS));
        }
        return stat != null ? stat : HostStat.of(seen);
    }

    /** What a symbolic link says. */
    @Override
    public String readLink(String name) {
        Path link = HostName.toPath(name);
        try {
            return HostName.toText(
                    at(directory -> Files.readSymbolicLink(directory.resolve(link))));
        } catch (NotLinkException e) {
            throw Errno.INVAL.exception();
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /** Whether the directory was removed, so that nothing is in it and nothing can be made. */
    @Override
    public boolean isRemoved() {
        return stat().links() == 0;
    }

    /** The names in this directory, without the two dots, as they are now. */
    @Override
    public void names(Consumer<String> sink) {
        try (DirectoryStream<Path> fresh =
                stream.newDirectoryStream(SELF, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : fresh) {
                sink.accept(HostName.toText(entry.getFileName()));
            }
        } catch (IOException e) {
            throw FileErrors.of(e);
        } catch (DirectoryIteratorException e) {
            throw FileErrors.of(Objects.requireNonNull(e.getCause()));
        }
    }

    // ---- opening

    @Override
    public long mark() {
        return NameLocks.mark(key);
    }

    /**
     * What a name stands for, while the lock for opening is held.
     *
     * @param seen what a {@link #look} since {@link #mark} returned, or null
     */
    @Nullable
    BasicFileAttributes lookLocked(Path name, @Nullable BasicFileAttributes seen, long mark) {
        return seen != null && NameLocks.unchanged(key, mark) ? seen : look(name);
    }

    /** Opens a directory in this one. */
    @Override
    public HostDirectory openDirectory(String name, @Nullable BasicFileAttributes seen, long mark) {
        Path child = HostName.toPath(name);
        for (int i = 0; i < TRIES; i++) {
            Lock lock = NameLocks.opening(key);
            lock.lock();
            try {
                // another program may have replaced it: then the look is older than it
                BasicFileAttributes before = lookLocked(child, i == 0 ? seen : null, mark);
                if (before == null) {
                    throw Errno.NOENT.exception();
                }
                if (!before.isDirectory()) {
                    throw (before.isSymbolicLink() ? Errno.LOOP : Errno.NOTDIR).exception();
                }
                SecureDirectoryStream<Path> opened =
                        stream.newDirectoryStream(child, LinkOption.NOFOLLOW_LINKS);
                Object openedKey = keyOf(opened);
                if (openedKey.equals(before.fileKey())) {
                    return new HostDirectory(opened, path.resolve(child), openedKey);
                }
                opened.close();
            } catch (IOException e) {
                throw FileErrors.of(e);
            } finally {
                lock.unlock();
            }
        }
        throw Errno.AGAIN.exception();
    }

    /** Opens what has a name, openat(2). */
    FileChannel channel(Path name, Set<OpenOption> options) throws IOException {
        return (FileChannel) stream.newByteChannel(name, options);
    }

    @Override
    public boolean opens(BasicFileAttributes found) {
        return found.isRegularFile();
    }

    @Override
    public OpenDescription open(
            String name,
            @Nullable BasicFileAttributes seen,
            long mark,
            OpenMode mode,
            boolean readOnly) {
        OpenedFile opened = OpenedFile.open(this, HostName.toPath(name), seen, mark, mode);
        return new OpenFile(new HostContent(opened), mode, readOnly);
    }

    @Override
    public long inode(BasicFileAttributes found) {
        return HostStat.of(found).inode();
    }

    // ---- changing

    private static HostDirectory host(Folder folder) {
        if (folder instanceof HostDirectory directory) {
            return directory;
        }
        throw Errno.XDEV.exception();
    }

    /** unlinkat(2). */
    @Override
    public void unlink(String name) {
        try {
            stream.deleteFile(HostName.toPath(name));
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /** unlinkat(2) with AT_REMOVEDIR. */
    @Override
    public void removeDirectory(String name) {
        try {
            stream.deleteDirectory(HostName.toPath(name));
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /** renameat(2). */
    @Override
    public void rename(String name, Folder folder, String newName) {
        HostDirectory target = host(folder);
        Lock lock = NameLocks.replacing(target.key);
        lock.lock();
        try {
            stream.move(HostName.toPath(name), target.stream, HostName.toPath(newName));
        } catch (IOException e) {
            throw FileErrors.of(e);
        } finally {
            lock.unlock();
        }
    }

    /** mkdirat(2), with the permissions that the host's umask leaves. */
    @Override
    public void createDirectory(String name) {
        act(directory -> Files.createDirectory(directory.resolve(HostName.toPath(name))));
    }

    /**
     * symlinkat(2). A {@code Path} of Java has no slash at its end: the link then gets a dot behind
     * the slash, which leads to the same place and asks for a directory as well.
     */
    @Override
    public void createLink(String name, String text) {
        Path target = HostName.toPath(text.endsWith("/") ? text + '.' : text);
        Lock lock = NameLocks.replacing(key);
        lock.lock();
        try {
            act(
                    directory ->
                            Files.createSymbolicLink(
                                    directory.resolve(HostName.toPath(name)), target));
        } finally {
            lock.unlock();
        }
    }

    /** linkat(2): a second name, in another directory, for what has a name here. */
    @Override
    public void link(String name, Folder folder, String newName) {
        HostDirectory target = host(folder);
        Lock lock = NameLocks.replacing(target.key);
        lock.lock();
        try {
            act(
                    source ->
                            target.at(
                                    directory ->
                                            Files.createLink(
                                                    directory.resolve(HostName.toPath(newName)),
                                                    source.resolve(HostName.toPath(name)))));
        } finally {
            lock.unlock();
        }
    }

    /**
     * utimensat(2) of a name, a symbolic link being itself; null leaves a time as it is. Java 17
     * sets the times of a link in whole microseconds, newer ones in nanoseconds.
     *
     * @throws org.wasix4j.types.ErrnoException nxio for what is no file, directory or link: the JVM
     *     opens it, which waits for ever on a FIFO
     */
    @Override
    public void setTimes(String name, @Nullable FileTime access, @Nullable FileTime modification) {
        Lock lock = NameLocks.opening(key);
        lock.lock();
        try {
            BasicFileAttributes found = look(name);
            if (found == null) {
                throw Errno.NOENT.exception();
            }
            if (found.isOther()) {
                throw Errno.NXIO.exception();
            }
            act(
                    directory -> {
                        Files.getFileAttributeView(
                                        directory.resolve(HostName.toPath(name)),
                                        BasicFileAttributeView.class,
                                        LinkOption.NOFOLLOW_LINKS)
                                .setTimes(modification, access, null);
                        return null;
                    });
        } finally {
            lock.unlock();
        }
    }

    /** futimens(2) of the directory itself. */
    @Override
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
        act(
                directory -> {
                    Files.getFileAttributeView(directory, BasicFileAttributeView.class)
                            .setTimes(modification, access, null);
                    return null;
                });
    }

    /** fsync(2) of the directory. */
    @Override
    public void sync() {
        try (FileChannel channel = channel(SELF, FOR_READING)) {
            channel.force(true);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    private <T> T act(PathAction<T> action) {
        try {
            return at(action);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /**
     * Acts with a path that leads to this very directory, wherever it has been moved. Without
     * {@code /proc} it is the path by which it was opened, if that still leads here.
     */
    // null where the action answers null
    @SuppressWarnings("NullAway")
    <T> T at(PathAction<T> action) throws IOException {
        try {
            Path known = selfPath;
            if (known == null) {
                known = findSelf();
            }
            if (known == null) {
                known = path;
                Object found =
                        Files.readAttributes(
                                        known, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                                .fileKey();
                if (!key.equals(found)) {
                    throw Errno.STALE.exception();
                }
            }
            return action.on(known);
        } catch (ClosedDirectoryStreamException e) {
            throw Errno.BADF.exception();
        }
    }

    private synchronized @Nullable Path findSelf() throws IOException {
        if (selfPath == null) {
            FileChannel opened = channel(SELF, FOR_READING);
            Path found = null;
            try {
                found = DescriptorPath.of(opened, key);
            } finally {
                if (found == null) {
                    opened.close();
                } else {
                    self = opened;
                    selfPath = found;
                }
            }
        }
        return selfPath;
    }
}
