package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;

/** Collects the directories that are granted to a process, and opens them as {@link Mounts}. */
public final class MountsBuilder {
    private record Volume(Path host, String guest, boolean readOnly) {}

    private final List<Volume> volumes = new ArrayList<>();
    private final List<KeptPlace> places = new ArrayList<>();
    private final Set<String> programs = new TreeSet<>();
    private @Nullable OwnNodes own;
    private MemoryBudget memory = MemoryBudget.of(0);
    private String workingDirectory = GuestPath.ROOT;

    MountsBuilder() {}

    /**
     * Grants a directory of the host with everything beneath it.
     *
     * @param host the directory; symbolic links on the way to it are the host's own and are
     *     followed
     * @param guest its path in the guest; a relative one is meant from the working directory
     * @param readOnly whether every change is refused
     */
    public MountsBuilder withVolume(Path host, String guest, boolean readOnly) {
        volumes.add(new Volume(host, guest, readOnly));
        return this;
    }

    /** Keeps the guest from writing in some folders, whatever is granted. */
    public MountsBuilder withKeptPlaces(List<KeptPlace> kept) {
        places.addAll(kept);
        return this;
    }

    /** Adds what a machine has besides: nothing unless set. What is granted hides it. */
    public MountsBuilder withOwnNodes(OwnNodes nodes) {
        own = nodes;
        return this;
    }

    /**
     * What files in memory and open listings are taken from; unless set there is no limit but a
     * quarter of the heap.
     */
    public MountsBuilder withMemory(MemoryBudget budget) {
        memory = budget;
        return this;
    }

    /**
     * Names a program that is no file of a volume: it is found at this absolute path all the same,
     * by a shell that searches for it, as a file that only says that it is WebAssembly.
     */
    public MountsBuilder withProgram(String path) {
        programs.add(GuestPath.normalise(GuestPath.ROOT, path));
        return this;
    }

    /** Where relative paths start; the root unless set. It must lie in a volume. */
    public MountsBuilder withWorkingDirectory(String guest) {
        workingDirectory = guest;
        return this;
    }

    /**
     * Opens the volumes.
     *
     * @throws IllegalArgumentException with a sentence for the human when a directory is missing or
     *     cannot be read, two volumes have one guest path, or the working directory is not there,
     *     or a volume leads that must not be written
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
            Mounts built = new Mounts(mounts, kept, own, memory, folders(programs), GuestPath.ROOT);
            if (!current.equals(GuestPath.ROOT)) {
                enter(built, current);
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
                                        path, Mount.own(path, folder.folder(), folder.readOnly()));
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
        if (root == null) {
            return false;
        }
        String granted = root.name();
        if (granted != null && path.equals(Mounts.DEVICES) && granted.startsWith(GuestPath.ROOT)) {
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

    private static void enter(Mounts mounts, String path) {
        try {
            mounts.changeDirectory(path);
        } catch (ErrnoException e) {
            throw new IllegalArgumentException(
                    "the working directory " + path + " cannot be entered: " + e.errno().wasiName(),
                    e);
        }
    }
}
