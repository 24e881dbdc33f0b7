package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Lock;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/**
 * The directories that were granted to a process, as one tree, and its working directory. One
 * volume can lie in another, with or without a directory of that name there; outside the volumes
 * there is only what is our own ({@link OwnNodes}).
 *
 * <p>Each volume is held open from the start: what the host renames or replaces afterwards does not
 * change what was granted.
 */
public final class Mounts implements AutoCloseable {

    /** How often a walk is done again because another guest changed the name meanwhile. */
    private static final int MAX_ATTEMPTS = 40;

    private static final String DEVICES = "/dev";
    private static final String DESCRIPTORS = "/dev/fd";

    private final Map<String, Mount> mounts;

    /** Every directory that has a mount somewhere beneath it. */
    private final Set<String> above = new HashSet<>();

    private final KeptPlaces kept;
    private final OwnNodes own;
    private final MemoryBudget memory;

    /** Programs that were named to the host, as folders by path; found where a folder has none. */
    private final Map<String, Mount> programs;

    /** The descriptors of the process, for {@code /dev/fd}; null until it has some. */
    private volatile FdTable descriptors;

    /** The descriptor of the root that was made for the guest, or -1. */
    private volatile int rootDescriptor = -1;

    private volatile String workingDirectory;

    private Mounts(
            Map<String, Mount> volumes,
            KeptPlaces kept,
            OwnNodes own,
            MemoryBudget memory,
            Map<String, Mount> programs,
            String workingDirectory) {
        this.mounts = new LinkedHashMap<>(volumes);
        this.own = own;
        this.memory = memory;
        this.programs = programs;
        this.kept = kept;
        this.workingDirectory = workingDirectory;
        if (mounts.containsKey(DEVICES) && mounts.get(DEVICES).isOwn()) {
            Folder view = new DescriptorFolder(() -> descriptors);
            mounts.put(DESCRIPTORS, Mount.own(DESCRIPTORS, view, true));
        }
        mounts.keySet().forEach(this::addAbove);
        for (String folder : programs.keySet()) {
            above.add(folder);
            addAbove(folder);
        }
    }

    private void addAbove(String path) {
        for (String at = path; !at.equals(GuestPath.ROOT); ) {
            at = GuestPath.parent(at);
            above.add(at);
        }
    }

    /** No directory at all. */
    public static Mounts none() {
        return new Mounts(
                Map.of(), KeptPlaces.NONE, null, MemoryBudget.of(0), Map.of(), GuestPath.ROOT);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects what is granted. */
    public static final class Builder {
        private record Volume(Path host, String guest, boolean readOnly) {}

        private final List<Volume> volumes = new ArrayList<>();
        private final List<KeptPlace> places = new ArrayList<>();
        private final Set<String> programs = new TreeSet<>();
        private OwnNodes own;
        private MemoryBudget memory = MemoryBudget.of(0);
        private String workingDirectory = GuestPath.ROOT;

        /**
         * Grants a directory of the host with everything beneath it.
         *
         * @param host the directory; symbolic links on the way to it are the host's own and are
         *     followed
         * @param guest its path in the guest; a relative one is meant from the working directory
         * @param readOnly whether every change is refused
         */
        public Builder withVolume(Path host, String guest, boolean readOnly) {
            volumes.add(new Volume(host, guest, readOnly));
            return this;
        }

        /** Keeps the guest from writing in some folders, whatever is granted. */
        public Builder withKeptPlaces(List<KeptPlace> kept) {
            places.addAll(kept);
            return this;
        }

        /** Adds what a machine has besides: nothing unless set. What is granted hides it. */
        public Builder withOwnNodes(OwnNodes nodes) {
            own = nodes;
            return this;
        }

        /**
         * What files in memory and open listings are taken from; unless set there is no limit but a
         * quarter of the heap.
         */
        public Builder withMemory(MemoryBudget budget) {
            memory = budget;
            return this;
        }

        /**
         * Names a program that is no file of a volume: it is found at this absolute path all the
         * same, by a shell that searches for it, as a file that only says that it is WebAssembly.
         */
        public Builder withProgram(String path) {
            programs.add(GuestPath.normalise(GuestPath.ROOT, path));
            return this;
        }

        /** Where relative paths start; the root unless set. It must lie in a volume. */
        public Builder withWorkingDirectory(String guest) {
            workingDirectory = guest;
            return this;
        }

        /**
         * Opens the volumes.
         *
         * @throws IllegalArgumentException with a sentence for the human when a directory is
         *     missing or cannot be read, two volumes have one guest path, or the working directory
         *     is not there, or a volume leads where nobody may write
         */
        public Mounts build() {
            if (!workingDirectory.startsWith("/")) {
                throw new IllegalArgumentException(
                        "the working directory must be absolute: " + workingDirectory);
            }
            String current = GuestPath.normalise(GuestPath.ROOT, workingDirectory);
            Map<String, Mount> mounts = new LinkedHashMap<>();
            try {
                for (Volume volume : volumes) {
                    add(mounts, volume, current);
                }
                KeptPlaces kept = KeptPlaces.of(places, mounts.values());
                if (own != null) {
                    addOwn(mounts, own, memory);
                }
                Mounts built =
                        new Mounts(mounts, kept, own, memory, folders(programs), GuestPath.ROOT);
                if (!current.equals(GuestPath.ROOT)) {
                    built.enter(current);
                }
                return built;
            } catch (Throwable e) {
                mounts.values().forEach(mount -> mount.root().close());
                throw e;
            }
        }

        /** Folders with the programs, by path. */
        private static Map<String, Mount> folders(Set<String> programs) {
            Map<String, MemoryFolder> folders = new LinkedHashMap<>();
            for (String path : programs) {
                if (!path.equals(GuestPath.ROOT)) {
                    folders.computeIfAbsent(GuestPath.parent(path), parent -> OwnNodes.folder())
                            .put(path.substring(path.lastIndexOf('/') + 1), OwnNodes.program());
                }
            }
            Map<String, Mount> found = new LinkedHashMap<>();
            folders.forEach((path, folder) -> found.put(path, Mount.own(path, folder, true)));
            return Map.copyOf(found);
        }

        /** Adds the folders of our own that nothing hides. */
        private static void addOwn(Map<String, Mount> mounts, OwnNodes own, MemoryBudget memory) {
            own.folders(memory)
                    .forEach(
                            (path, folder) -> {
                                if (!isHidden(path, mounts)) {
                                    mounts.put(
                                            path,
                                            Mount.own(path, folder.folder(), folder.readOnly()));
                                }
                            });
        }

        /** Whether something that was granted stands where one of our own folders would be. */
        private static boolean isHidden(String path, Map<String, Mount> mounts) {
            if (mounts.containsKey(path)) {
                return true;
            }
            String parent = GuestPath.parent(path);
            if (!parent.equals(GuestPath.ROOT)) {
                Mount outer = mounts.get(parent);
                return outer == null || !outer.isOwn();
            }
            Mount root = mounts.get(GuestPath.ROOT);
            if (root == null || path.equals(DEVICES) && root.name().startsWith(GuestPath.ROOT)) {
                // where a whole system was granted its devices are still not the host's
                return false;
            }
            return root.root().look(path.substring(1)) != null;
        }

        private static void add(Map<String, Mount> mounts, Volume volume, String current) {
            if (volume.guest().isEmpty() || volume.guest().indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "a volume needs a path in the guest: " + volume.host());
            }
            String path = GuestPath.normalise(current, volume.guest());
            if (mounts.containsKey(path)) {
                throw new IllegalArgumentException("two volumes at " + path + " in the guest");
            }
            Path real;
            HostDirectory root;
            try {
                real = volume.host().toRealPath();
                if (!Files.isDirectory(real)) {
                    throw new NotDirectoryException(real.toString());
                }
                root = HostDirectory.open(real);
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        "cannot open the directory "
                                + volume.host()
                                + " for the guest's "
                                + path
                                + ": "
                                + FileErrors.errno(e).wasiName(),
                        e);
            }
            mounts.put(path, new Mount(path, volume.guest(), real, root, volume.readOnly()));
        }
    }

    private void enter(String path) {
        try {
            changeDirectory(path);
        } catch (ErrnoException e) {
            throw new IllegalArgumentException(
                    "the working directory " + path + " cannot be entered: " + e.errno().wasiName(),
                    e);
        }
    }

    /**
     * Opens the granted directories as descriptors, in the order they were granted; after the
     * standard streams they are 3, 4 and so on, where libc looks for them.
     */
    public void preopen(FdTable descriptors) {
        for (Mount mount : mounts.values()) {
            if (mount.isOwn()) {
                continue;
            }
            DirectoryNode node = new DirectoryNode(mount, mount.root().retain(), mount.path());
            descriptors.open(null, new Directory(this, node, mount.name()));
        }
    }

    /**
     * Opens the root of the tree as the one descriptor through which every granted directory is
     * reached, for guests that cannot tell several apart; nothing when nothing was granted.
     */
    public void preopenRoot(FdTable descriptors) {
        if (mounts.values().stream().anyMatch(mount -> !mount.isOwn())) {
            rootDescriptor = descriptors.open(null, new Directory(this, root(), GuestPath.ROOT));
        }
    }

    /** The root of the tree as a directory; the caller discards it. */
    public Directory rootDirectory() {
        return new Directory(this, root(), GuestPath.ROOT);
    }

    /** A path from the root, by its text alone. */
    public String normalise(String path) {
        return GuestPath.normalise(workingDirectory, path);
    }

    /** A path from the root, not normalised: links on its way keep their meaning. */
    public String absolute(String path) {
        return path.startsWith("/") ? path : workingDirectory + '/' + path;
    }

    /**
     * Opens the root of the tree beside the granted directories, so that libc finds what is our
     * own: after everything else that the guest was given, as its number must not be another's.
     *
     * <p>Not where the guest has a root already. Nor where a grant is called {@code .}: libc
     * compares names without dots and slashes, and would take the root for it.
     */
    public void preopenOwnRoot(FdTable descriptors) {
        boolean needed =
                own != null
                        && descriptors.find(rootDescriptor) == null
                        && mounts.values().stream()
                                .noneMatch(
                                        mount ->
                                                !mount.isOwn()
                                                        && GuestPath.names(mount.name()).isEmpty());
        if (needed) {
            rootDescriptor = descriptors.open(null, new Directory(this, root(), GuestPath.ROOT));
        }
    }

    /** What files in memory and open listings are taken from; one for a family of processes. */
    public MemoryBudget memory() {
        return memory;
    }

    /** The process that these belong to has these descriptors. */
    public void attach(FdTable table) {
        descriptors = table;
    }

    /** Where relative paths start, an absolute guest path. */
    public String workingDirectory() {
        return workingDirectory;
    }

    /**
     * chdir(2).
     *
     * @throws org.wasix4j.types.ErrnoException noent, notdir, loop, nametoolong, notcapable
     */
    public void changeDirectory(String path) {
        try (ResolvedPath place = walk(path, Lookup.of(false, true))) {
            if (place.isDirectoryItself()) {
                workingDirectory = place.node().path();
            } else if (!place.require().isDirectory()) {
                throw Errno.NOTDIR.exception();
            } else {
                enter(place.node(), place.name()).close();
                workingDirectory = GuestPath.child(place.node().path(), place.name());
            }
        }
    }

    private ResolvedPath walk(String path, Lookup lookup) {
        if (path.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        try (DirectoryNode root = root()) {
            return Walker.walk(this, root, absolute(path), lookup);
        }
    }

    /**
     * A name on the host, for what the JVM does by path only: unix sockets. Good as long as the
     * action runs.
     *
     * @param directory leads to the directory itself, however it is renamed
     * @param name the name in it
     * @param guestPath the absolute path in the guest, links resolved
     * @param readOnly whether nothing may be created there
     */
    public record HostPlace(Path directory, Path name, String guestPath, boolean readOnly) {
        /** The whole path; short, so that it fits into a socket address. */
        public Path path() {
            return directory.resolve(name);
        }
    }

    /** Something done with a name on the host. */
    @FunctionalInterface
    public interface HostAction<T> {
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
    public <T> T at(
            String path, boolean follow, HostAction<T> action, MemoryPlace.Action<T> inMemory) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try (ResolvedPath place = walk(path, new Lookup(false, follow, follow))) {
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
    private static <T> HostPlaceResult<T> actAt(
            DirectoryNode node, HostPlace place, boolean follow, HostAction<T> action)
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

    /**
     * Opens a directory of the host's in another: the only step from one to the next.
     *
     * @throws org.wasix4j.types.ErrnoException acces for one that no guest may write in
     */
    DirectoryNode enter(DirectoryNode from, String name) {
        Folder opened = from.directory().openDirectory(name);
        if (!from.readOnly() && kept.hides(opened.key())) {
            opened.close();
            throw Errno.ACCES.exception();
        }
        return new DirectoryNode(from.mount(), opened, GuestPath.child(from.path(), name));
    }

    /** Whether a name can be moved and removed: no mount point, and nothing that leads to one. */
    boolean isFixed(ResolvedPath place) {
        if (place.isDirectoryItself()
                || isAbove(GuestPath.child(place.node().path(), place.name()))) {
            return true;
        }
        BasicFileAttributes found = place.look();
        return found != null && found.isDirectory() && kept.fixes(found.fileKey());
    }

    /** What is our own, or null when there is nothing of it. */
    public OwnNodes own() {
        return own;
    }

    /** What is mounted at an absolute path, or null. */
    Mount at(String path) {
        return mounts.get(path);
    }

    /** Whether something is mounted beneath an absolute path, or a program was named there. */
    boolean isAbove(String path) {
        return above.contains(path);
    }

    /** The folder with a program that was named to the host, or null. */
    DirectoryNode program(String directory, String name) {
        Mount folder = programs.get(directory);
        return folder == null || folder.root().look(name) == null
                ? null
                : new DirectoryNode(folder, folder.root(), directory);
    }

    /**
     * The names in a directory that lead to mounts and to programs that were named to the host.
     * Other things of our own are found in a granted directory and not listed: its listing is what
     * is in it.
     */
    Set<String> namesIn(String path) {
        Set<String> names = new TreeSet<>();
        if (isAbove(path)) {
            programs.forEach(
                    (at, folder) -> {
                        if (at.equals(path)) {
                            folder.root().names(names::add);
                        } else if (GuestPath.isWithin(at, path)) {
                            names.add(GuestPath.between(path, at).get(0));
                        }
                    });
            boolean granted = mounts.containsKey(path) && !mounts.get(path).isOwn();
            mounts.forEach(
                    (at, mount) -> {
                        if (!at.equals(path)
                                && GuestPath.isWithin(at, path)
                                && !(granted && mount.isOwn())) {
                            names.add(GuestPath.between(path, at).get(0));
                        }
                    });
        }
        return names;
    }

    /** The root of the tree; the caller closes it. */
    DirectoryNode root() {
        Mount mount = mounts.get(GuestPath.ROOT);
        return mount == null
                ? new DirectoryNode(null, null, GuestPath.ROOT)
                : new DirectoryNode(mount, mount.root().retain(), GuestPath.ROOT);
    }

    /**
     * The same volumes for another process, with a working directory of its own, which is this
     * one's at first. To be closed on its own.
     */
    public Mounts fork() {
        mounts.values().forEach(mount -> mount.root().retain());
        Mounts copy = new Mounts(mounts, kept, own, memory, programs, workingDirectory);
        copy.rootDescriptor = rootDescriptor;
        return copy;
    }

    /** Lets go of the volumes; open descriptors keep theirs. */
    @Override
    public void close() {
        mounts.values().forEach(mount -> mount.root().close());
    }
}
