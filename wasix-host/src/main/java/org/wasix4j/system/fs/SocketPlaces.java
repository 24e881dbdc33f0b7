package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.locks.Lock;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/** Where the paths of unix sockets lead, on the host or in memory: the same walk as for files. */
public final class SocketPlaces {

    /** How often a walk is done again because another guest changed the name meanwhile. */
    private static final int MAX_ATTEMPTS = 40;

    private final Mounts mounts;

    /** The places of a process with these directories. */
    public SocketPlaces(Mounts mounts) {
        this.mounts = mounts;
    }

    /** Something done with a name on the host. */
    @FunctionalInterface
    public interface Action<T> {
        /** Does it; what it throws becomes an errno. */
        T on(HostPlace place) throws IOException;
    }

    /**
     * Follows a guest path to a name in a directory and acts there, for unix sockets: the same walk
     * as for files. Relative paths start in the working directory.
     *
     * @param follow whether a symbolic link at the end is followed: to connect yes, to bind no
     * @param action for a directory of the host
     * @param inMemory for a directory of our own
     * @throws org.wasix4j.types.ErrnoException of the walk; isdir when the path is a directory that
     *     the walk has to enter; what the action threw
     */
    public <T> T at(String path, boolean follow, Action<T> action, MemoryPlace.Action<T> inMemory) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try (ResolvedPath place = mounts.walk(path, new Lookup(false, follow, follow))) {
                if (place.isDirectoryItself()) {
                    throw Errno.ISDIR.exception();
                }
                DirectoryNode node = place.node();
                if (!node.hasFolder()) {
                    throw (follow ? Errno.NOENT : Errno.ROFS).exception();
                }
                String guestPath = GuestPath.child(node.path(), place.name());
                if (!(node.directory() instanceof HostDirectory host)) {
                    return inMemory.on(
                            new MemoryPlace(
                                    node.directory(), place.name(), guestPath, node.readOnly()));
                }
                HostPlaceResult<T> result =
                        host.at(
                                directory ->
                                        actAt(
                                                node,
                                                new HostPlace(
                                                        directory,
                                                        HostName.toPath(place.name()),
                                                        guestPath,
                                                        node.readOnly()),
                                                follow,
                                                action));
                if (result != null) {
                    return result.value();
                }
            } catch (IOException e) {
                throw FileErrors.of(e);
            }
        }
        throw Errno.LOOP.exception();
    }

    private record HostPlaceResult<T>(T value) {}

    /**
     * The host follows a link that a name has become since the walk: to connect, so no guest may
     * put one there meanwhile.
     *
     * @return null when one was put there just before
     */
    private static @Nullable <T> HostPlaceResult<T> actAt(
            DirectoryNode node, HostPlace place, boolean follow, Action<T> action)
            throws IOException {
        Object key = node.directory().key();
        Lock lock = follow ? NameLocks.opening(key) : NameLocks.replacing(key);
        lock.lock();
        try {
            if (follow && Files.isSymbolicLink(place.path())) {
                return null;
            }
            return new HostPlaceResult<>(action.on(place));
        } finally {
            lock.unlock();
        }
    }
}
