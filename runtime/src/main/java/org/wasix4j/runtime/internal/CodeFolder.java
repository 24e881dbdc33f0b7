package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.types.Nullable;

/**
 * A folder with entries of code, for any threads and processes at once: an entry appears whole,
 * under its name, or not at all, and what is in one never changes. The one that was used longest
 * ago goes when there are too many bytes.
 *
 * <p>What is read here is executed. So the folder is ours, and no one else can write to it or
 * exchange it.
 */
public final class CodeFolder {

    private static final String ENTRY = ".code";
    private static final String UNFINISHED = ".new";

    /** An unfinished file of this age is one of a process that died. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private static final Integer ROOT = 0;
    private static final int STICKY = 01000;
    private static final int GROUP_WRITES = 020;
    private static final int OTHERS_WRITE = 02;
    private static final Set<PosixFilePermission> WRITTEN_BY_OTHERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final FileAttribute<Set<PosixFilePermission>> OWN_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWN_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;
    private final long mostBytes;

    /** A module that runs and of which not everything is in the folder yet. */
    interface Unfinished {

        /** Writes what there is. */
        void keep();
    }

    private final Set<Unfinished> unfinished = ConcurrentHashMap.newKeySet();

    /** Filled by a trusted user; nothing is written, touched or deleted. */
    private boolean readOnly;

    private volatile @Nullable String refusal;

    private CodeFolder(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
    }

    /**
     * Opens a folder, which is created when there is none.
     *
     * @throws IOException with a sentence when it cannot be used, or must not be
     */
    public static CodeFolder open(Path folder, long mostBytes) throws IOException {
        try {
            if (!Files.isDirectory(folder)) {
                Path parent = folder.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                createFolder(folder);
            }
            Path real = folder.toRealPath();
            CodeFolder opened = new CodeFolder(real, mostBytes);
            opened.requireOurs();
            return opened;
        } catch (UnsupportedOperationException e) {
            throw new IOException("the owner of a file is not known there", e);
        } catch (FileAlreadyExistsException | NotDirectoryException e) {
            throw new IOException(e.getFile() + " is no folder", e);
        } catch (AccessDeniedException e) {
            throw new IOException(folder + " must not be written", e);
        } catch (FileSystemException e) {
            throw new IOException(
                    folder
                            + " cannot be written"
                            + (e.getReason() == null ? "" : ": " + e.getReason()),
                    e);
        }
    }

    private static void createFolder(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, OWN_FOLDER);
        } catch (IOException e) {
            // another process was faster
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    private void requireOurs() throws IOException {
        PosixFileAttributes found =
                Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        for (PosixFilePermission permission : found.permissions()) {
            if (WRITTEN_BY_OTHERS.contains(permission)) {
                throw new IOException(folder + " can be written by others (chmod 700 helps)");
            }
        }
        readOnly = !Files.isWritable(folder);
        if (readOnly) {
            requireTrusted(found);
        } else {
            requireOwned(found);
        }
        for (Path above = folder.getParent(); above != null; above = above.getParent()) {
            requireNotReplaceable(above, found.owner());
        }
    }

    /** Whoever owns a folder, or can write in it, can replace what is in it. */
    private static void requireNotReplaceable(Path above, UserPrincipal us) throws IOException {
        Map<String, Object> of = Files.readAttributes(above, "unix:mode,uid,owner,group");
        int mode = (Integer) attribute(of, "mode");
        boolean sticky = (mode & STICKY) != 0;
        if ((mode & OTHERS_WRITE) != 0 && !sticky) {
            throw new IOException(above + ", in which it lies, can be written by any user");
        }
        Principal owner = (Principal) attribute(of, "owner");
        Principal group = (Principal) attribute(of, "group");
        // a group that is called as its user is that user's alone, where systems make such groups
        boolean alone = group.getName().equals(us.getName()) || group.getName().equals("root");
        if ((mode & GROUP_WRITES) != 0 && !sticky && !alone) {
            throw new IOException(
                    above + ", in which it lies, can be written by the group " + group.getName());
        }
        if (!owner.equals(us) && !Integer.valueOf(0).equals(of.get("uid"))) {
            throw new IOException(above + ", in which it lies, belongs to " + owner.getName());
        }
    }

    private static Object attribute(Map<String, Object> of, String name) throws IOException {
        Object value = of.get(name);
        if (value == null) {
            throw new IOException("the file system does not report the " + name + " of a folder");
        }
        return value;
    }

    private void requireOwned(PosixFileAttributes found) throws IOException {
        // a file that this process creates has its user
        Path probe = unfinished("probe");
        Files.createFile(probe, OWN_FILE);
        try {
            if (!Files.getOwner(probe).equals(found.owner())) {
                throw new IOException(folder + " belongs to " + found.owner().getName());
            }
        } finally {
            Files.delete(probe);
        }
    }

    /** A folder that we only read is ours too, or that of the system's own user. */
    private void requireTrusted(PosixFileAttributes found) throws IOException {
        Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Path self = Path.of("/proc/self");
        Object own = Files.exists(self) ? Files.getAttribute(self, "unix:uid") : ROOT;
        if (!owner.equals(ROOT) && !owner.equals(own)) {
            throw new IOException(folder + " belongs to " + found.owner().getName());
        }
    }

    /** The folder, symbolic links resolved. */
    public Path path() {
        return folder;
    }

    /** An entry, which has then been used, or null when there is none. */
    @Nullable
    EntryBytes open(String key) {
        Path file = entry(key);
        try {
            EntryFile opened = EntryFile.open(file);
            touch(file);
            return opened;
        } catch (IOException e) {
            return null;
        }
    }

    private void touch(Path file) {
        if (readOnly) {
            return;
        }
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            // it was removed meanwhile, and can be read all the same
        }
    }

    /** A module of which an entry will be written when it is compiled. */
    void expect(Unfinished module) {
        unfinished.add(module);
    }

    /** It is compiled. */
    void forget(Unfinished module) {
        unfinished.remove(module);
    }

    /** Writes what there is of modules that are not compiled yet. */
    public void flush() {
        unfinished.forEach(Unfinished::keep);
    }

    /** How many bytes an entry has; 0 when there is none. */
    long size(String key) {
        try {
            return Files.size(entry(key));
        } catch (IOException e) {
            return 0;
        }
    }

    /** Takes an entry away that turned out to be damaged. */
    void discard(String key) {
        if (!readOnly) {
            delete(entry(key));
        }
    }

    /** Writes an entry, or does not when the host refuses or it is larger than all may be. */
    void write(String key, byte[] bytes) {
        if (bytes.length > mostBytes) {
            return;
        }
        if (readOnly) {
            refusal = folder + " must not be written";
            return;
        }
        Path file = unfinished(key);
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            file,
                            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                            OWN_FILE)) {
                for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
                    channel.write(left);
                }
            }
            Files.move(file, entry(key), StandardCopyOption.ATOMIC_MOVE);
            makeRoom(entry(key));
        } catch (IOException e) {
            // disk full, quota, a folder that was removed: the next run compiles again
            delete(file);
            String reason = e instanceof FileSystemException failure ? failure.getReason() : null;
            refusal = folder + " cannot be written: " + (reason != null ? reason : e.getMessage());
        }
    }

    /** Why the last entry that was to be written is not there, or null. */
    public @Nullable String refusal() {
        return refusal;
    }

    private Path entry(String key) {
        return folder.resolve(key + ENTRY);
    }

    private Path unfinished(String name) {
        return folder.resolve(name + "-" + UniqueName.next() + UNFINISHED);
    }

    private record Entry(Path file, long size, FileTime used) {}

    /** Removes those that were used longest ago until the rest is small enough. */
    private void makeRoom(Path keep) throws IOException {
        List<Entry> entries = new ArrayList<>();
        long total = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                Entry entry = look(file);
                if (entry == null) {
                    continue;
                }
                if (name.endsWith(ENTRY)) {
                    total += entry.size();
                    if (!file.equals(keep)) {
                        entries.add(entry);
                    }
                } else if (name.endsWith(UNFINISHED)
                        && entry.used().toInstant().isBefore(Instant.now().minus(ABANDONED))) {
                    delete(file);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        entries.sort(Comparator.comparing(Entry::used));
        for (Entry entry : entries) {
            if (total <= mostBytes) {
                return;
            }
            delete(entry.file());
            total -= entry.size();
        }
    }

    private static @Nullable Entry look(Path file) {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(
                            file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new Entry(file, found.size(), found.lastModifiedTime());
        } catch (IOException e) {
            // another process removed it
            return null;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // it stays, and is found damaged, old or unfinished another time
        }
    }
}
