package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The directories that were granted to a process, as one tree, and its working directory. One
 * volume can lie in another, with or without a directory of that name there; outside the volumes
 * there is only what is our own ({@link OwnNodes}).
 *
 * <p>Each volume is held open from the start: what the host renames or replaces afterwards does not
 * change what was granted.
 */
public final class Mounts implements AutoCloseable {

    /** Where the devices of our own are. */
    static final String DEVICES = "/dev";

    private static final String DESCRIPTORS = "/dev/fd";

    private final Map<String, Mount> mounts;

    /** Every directory that has a mount somewhere beneath it. */
    private final Set<String> above = new HashSet<>();

    private final KeptPlaces kept;
    private final @Nullable OwnNodes own;
    private final MemoryBudget memory;

    /** Programs that were named to the host, as folders by path; found where a folder has none. */
    private final Map<String, Mount> programs;

    /** The descriptors of the process, for {@code /dev/fd}; null until it has some. */
    private volatile @Nullable FdTable descriptors;

    /** The descriptor of the root that was made for the guest, or -1. */
    private volatile int rootDescriptor = -1;

    private volatile String workingDirectory;

    Mounts(
            Map<String, Mount> volumes,
            KeptPlaces kept,
            @Nullable OwnNodes own,
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

    /** Collects what is granted to a process. */
    public static MountsBuilder builder() {
        return new MountsBuilder();
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
     * reached, for guests that cannot distinguish several; nothing when nothing was granted.
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
                                                        && mount.name() != null
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

    /** Follows a path; a relative one starts in the working directory. The caller closes it. */
    ResolvedPath walk(String path, Lookup lookup) {
        if (path.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        try (DirectoryNode root = root()) {
            return Walker.walk(this, root, absolute(path), lookup);
        }
    }

    /**
     * As {@link #enter(DirectoryNode, String, BasicFileAttributes, long)}; the place was not looked
     * at.
     */
    DirectoryNode enter(DirectoryNode from, String name) {
        return enter(from, name, null, 0);
    }

    /**
     * Opens a directory of the host's in another: the only step from one to the next.
     *
     * @param seen what the name was seen to stand for, or null
     * @param mark the mark of the directory before that
     * @throws org.wasix4j.types.ErrnoException acces for one that no guest may write in
     */
    DirectoryNode enter(
            DirectoryNode from, String name, @Nullable BasicFileAttributes seen, long mark) {
        Folder opened = from.directory().openDirectory(name, seen, mark);
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
    public @Nullable OwnNodes own() {
        return own;
    }

    /** What is mounted at an absolute path, or null. */
    @Nullable
    Mount at(String path) {
        return mounts.get(path);
    }

    /** Whether something is mounted beneath an absolute path, or a program was named there. */
    boolean isAbove(String path) {
        return above.contains(path);
    }

    /** The folder with a program that was named to the host, or null. */
    @Nullable
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
