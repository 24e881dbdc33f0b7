package org.wasix4j.system.fs;

import java.nio.ByteBuffer;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;

/**
 * An open directory. It stays the same directory when it is renamed, and what starts from it is
 * looked up in it, wherever it is now.
 */
public final class Directory extends OpenDescription {

    private static final long INHERITING = Rights.DIRECTORY | Rights.REGULAR_FILE | Rights.SOCKET;

    private final Mounts mounts;
    private final DirectoryNode node;
    private final @Nullable String preopenName;

    /** The names as they were when the listing was begun, or null. */
    private final AtomicReference<Listing> listing = new AtomicReference<>();

    /**
     * Takes over a node.
     *
     * @param preopenName the guest path that was granted, or null for a directory that was opened
     */
    Directory(Mounts mounts, DirectoryNode node, @Nullable String preopenName) {
        this.mounts = mounts;
        this.node = node;
        this.preopenName = preopenName;
    }

    /** The directory, for a walk that starts here; the caller closes it. */
    DirectoryNode node() {
        return node.retain();
    }

    /** The tree that it lies in. */
    Mounts mounts() {
        return mounts;
    }

    /** Its absolute guest path when it was opened. */
    public String path() {
        return node.path();
    }

    /** The guest path that was granted, or null when it was opened by the guest. */
    public @Nullable String preopenName() {
        return preopenName;
    }

    @Override
    public FileType type() {
        return FileType.DIRECTORY;
    }

    @Override
    protected long possibleRights() {
        return Rights.DIRECTORY;
    }

    @Override
    protected long possibleRightsBelow() {
        return INHERITING;
    }

    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        throw Errno.ISDIR.exception();
    }

    @Override
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        throw Errno.BADF.exception();
    }

    @Override
    public FileStat stat() {
        try (DirectoryNode open = node()) {
            return open.stat();
        }
    }

    @Override
    public long pread(ByteBuffer[] buffers, int count, long position) {
        throw Errno.ISDIR.exception();
    }

    @Override
    public long pwrite(ByteBuffer[] buffers, int count, long position) {
        throw Errno.BADF.exception();
    }

    @Override
    public long seek(long distance, Whence whence) {
        throw Errno.ISDIR.exception();
    }

    @Override
    public void allocate(long start, long length) {
        throw Errno.BADF.exception();
    }

    @Override
    public void advise() {
        // taken note of by doing nothing
    }

    @Override
    public void sync(boolean metadata) {
        try (DirectoryNode open = node()) {
            if (open.hasFolder()) {
                open.directory().sync();
            }
        }
    }

    @Override
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
        try (DirectoryNode open = node()) {
            open.writable().setTimes(access, modification);
        }
    }

    @Override
    public int readiness(int interest) {
        return interest & (Readiness.READ | Readiness.WRITE);
    }

    /**
     * An entry of a listing.
     *
     * @param next where a listing goes on after this entry
     */
    public record Entry(long next, long inode, FileType type, String name) {}

    /** Takes entries. */
    @FunctionalInterface
    public interface EntrySink {
        /** Takes an entry; false when there is no room for more. */
        boolean take(Entry entry);
    }

    /**
     * readdir(3): hands out entries from a position on. Position 0 takes note of the names that are
     * there now; the positions that entries report stay valid, and mean the same entries, until
     * then, whatever is created or removed meanwhile. A name that is gone is left out.
     */
    public void list(long from, EntrySink sink) {
        try (DirectoryNode open = node()) {
            Listing current = listing.get();
            if (from == 0 || current == null) {
                // the old names first: the guest may have no memory for both
                discard(listing.getAndSet(null));
                current = names(open);
                keep(current);
            }
            List<String> names = current.names();
            if (from < 0 || from > names.size()) {
                return;
            }
            for (int i = (int) from; i < names.size(); i++) {
                Entry entry = entry(open, names.get(i), i + 1L);
                if (entry != null && !sink.take(entry)) {
                    return;
                }
            }
        }
    }

    private Listing names(DirectoryNode open) {
        Set<String> mounted = mounts.namesIn(open.path());
        Listing names = new Listing(mounts.memory());
        try {
            if (open.hasFolder()) {
                open.directory()
                        .names(
                                name -> {
                                    if (!mounted.contains(name)) {
                                        names.add(name);
                                    }
                                });
            }
            // of a directory that is gone Linux lists nothing, not even the dots
            if (!names.names().isEmpty() || !open.hasFolder() || !open.directory().isRemoved()) {
                names.addFirst(List.of(".", ".."));
            }
            mounted.forEach(names::add);
            return names;
        } catch (Throwable e) {
            names.discard();
            throw e;
        }
    }

    private void keep(Listing names) {
        discard(listing.getAndSet(names));
        if (isClosed()) {
            // closing may have been before
            discard(listing.getAndSet(null));
        }
    }

    private static void discard(Listing old) {
        if (old != null) {
            old.discard();
        }
    }

    private @Nullable Entry entry(DirectoryNode open, String name, long next) {
        if (name.equals(".") || name.equals("..") && open.path().equals(top(open))) {
            return new Entry(next, inode(open), FileType.DIRECTORY, name);
        }
        Mount mount = mounts.at(GuestPath.child(open.path(), name));
        if (mount != null) {
            long inode = mount.root().stat().inode();
            return new Entry(next, inode, FileType.DIRECTORY, name);
        }
        BasicFileAttributes found = open.hasFolder() ? open.directory().look(name) : null;
        DirectoryNode programs = found == null ? mounts.program(open.path(), name) : null;
        if (programs != null) {
            BasicFileAttributes program = Objects.requireNonNull(programs.directory().look(name));
            return new Entry(
                    next, programs.directory().inode(program), HostStat.type(program), name);
        }
        if (found == null) {
            return mounts.isAbove(GuestPath.child(open.path(), name))
                    ? new Entry(next, name.hashCode() & 0xffffffffL, FileType.DIRECTORY, name)
                    : null;
        }
        FileType type = HostStat.type(found);
        if (type == FileType.UNKNOWN) {
            FileStat stat = open.directory().stat(name, found);
            type = stat == null ? type : stat.type();
        }
        return new Entry(next, open.directory().inode(found), type, name);
    }

    /** Where {@code ..} is the directory itself: what is above a volume is not the guest's. */
    private static String top(DirectoryNode open) {
        return open.mount() == null ? open.path() : open.mount().path();
    }

    private static long inode(DirectoryNode open) {
        return open.stat().inode();
    }

    @Override
    protected void onClose() {
        discard(listing.getAndSet(null));
        node.close();
    }
}
