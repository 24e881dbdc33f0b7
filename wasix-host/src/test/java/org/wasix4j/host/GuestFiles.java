package org.wasix4j.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.MountsBuilder;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Rights;

/** A harness guest with volumes, and the file calls with Java's types: what a libc would be. */
final class GuestFiles implements AutoCloseable {

    static final int FOLLOW = 1;
    static final int CREAT = 1;
    static final int DIRECTORY = 2;
    static final int EXCL = 4;
    static final int TRUNC = 8;
    static final long READ = Rights.FD_READ;
    static final long WRITE = Rights.FD_WRITE;
    static final long BOTH = READ | WRITE;

    final HostHarness guest;

    private GuestFiles(HostHarness guest) {
        this.guest = guest;
        for (int i = 0; i < 3; i++) {
            guest.process().descriptors().open(null, StandardStreams.closed());
        }
        guest.process().mounts().preopen(guest.process().descriptors());
    }

    /** A WASIX guest with a host directory as its root, descriptor 3. */
    static GuestFiles at(Path root) {
        return of(HostHarness.builder(), mounts -> mounts.withVolume(root, "/", false));
    }

    /** A plain preview1 guest with a host directory as its root, descriptor 3. */
    static GuestFiles preview1(Path root) {
        return of(HostHarness.builder().preview1(), m -> m.withVolume(root, "/", false));
    }

    static GuestFiles with(Consumer<MountsBuilder> volumes) {
        return of(HostHarness.builder(), volumes);
    }

    static GuestFiles of(HostHarness.Builder builder, Consumer<MountsBuilder> volumes) {
        MountsBuilder mounts = Mounts.builder();
        volumes.accept(mounts);
        return new GuestFiles(builder.mounts(mounts.build()).build());
    }

    /** A guest with the directories of another. */
    static GuestFiles forked(Mounts mounts) {
        GuestFiles files = new GuestFiles(HostHarness.builder().mounts(mounts).build());
        mounts.preopenRoot(files.guest.process().descriptors());
        mounts.preopenOwnRoot(files.guest.process().descriptors());
        return files;
    }

    /** What a call answered, or the descriptor or count it gave. */
    record Answer(Errno errno, int value) {
        int ok() {
            if (errno != Errno.SUCCESS) {
                throw new AssertionError("answered " + errno);
            }
            return value;
        }
    }

    Answer open(int dir, int lookup, String path, int oflags, long rights, int fdflags) {
        int out = guest.alloc(4);
        Errno errno =
                guest.call(
                        "path_open",
                        dir,
                        lookup,
                        guest.string(path),
                        HostHarness.length(path),
                        oflags,
                        rights,
                        rights,
                        fdflags,
                        out);
        return new Answer(errno, guest.i32(out));
    }

    /** Opens below descriptor 3, following links. */
    Answer open(String path, int oflags, long rights) {
        return open(3, FOLLOW, path, oflags, rights, 0);
    }

    /** The errno of opening for reading, closing again. */
    Errno tryOpen(String path) {
        Answer answer = open(path, 0, READ);
        if (answer.errno() == Errno.SUCCESS) {
            close(answer.value());
        }
        return answer.errno();
    }

    void close(int fd) {
        guest.ok("fd_close", fd);
    }

    Errno path(String function, String path) {
        return path(function, 3, path);
    }

    Errno path(String function, int dir, String path) {
        return guest.call(function, dir, guest.string(path), HostHarness.length(path));
    }

    Errno rename(String from, String to) {
        return rename(3, from, 3, to);
    }

    Errno rename(int dir, String from, int newDir, String to) {
        return guest.call(
                "path_rename",
                dir,
                guest.string(from),
                HostHarness.length(from),
                newDir,
                guest.string(to),
                HostHarness.length(to));
    }

    Errno link(String from, String to) {
        return link(3, 0, from, 3, to);
    }

    Errno link(int dir, int lookup, String from, int newDir, String to) {
        return guest.call(
                "path_link",
                dir,
                lookup,
                guest.string(from),
                HostHarness.length(from),
                newDir,
                guest.string(to),
                HostHarness.length(to));
    }

    Errno symlink(String text, String path) {
        return guest.call(
                "path_symlink",
                guest.string(text),
                HostHarness.length(text),
                3,
                guest.string(path),
                HostHarness.length(path));
    }

    /** The link's text, or null with the errno thrown away when it cannot be read. */
    String readlink(String path, int room) {
        int buffer = guest.alloc(room);
        int out = guest.alloc(4);
        Errno errno =
                guest.call(
                        "path_readlink",
                        3,
                        guest.string(path),
                        HostHarness.length(path),
                        buffer,
                        room,
                        out);
        return errno == Errno.SUCCESS ? guest.text(buffer, guest.i32(out)) : errno.wasiName();
    }

    /** A filestat in guest memory. */
    record Stat(long dev, long ino, int type, long nlink, long size, long atim, long mtim) {}

    Stat stat(int lookup, String path) {
        int out = guest.alloc(64);
        Errno errno = tryStat(3, lookup, path, out);
        if (errno != Errno.SUCCESS) {
            throw new AssertionError("path_filestat_get answered " + errno);
        }
        return statAt(out);
    }

    Errno tryStat(String path) {
        return tryStat(3, FOLLOW, path, guest.alloc(64));
    }

    private Errno tryStat(int dir, int lookup, String path, int out) {
        return guest.call(
                "path_filestat_get",
                dir,
                lookup,
                guest.string(path),
                HostHarness.length(path),
                out);
    }

    Stat stat(int fd) {
        int out = guest.alloc(64);
        guest.ok("fd_filestat_get", fd, out);
        return statAt(out);
    }

    private Stat statAt(int at) {
        return new Stat(
                guest.i64(at),
                guest.i64(at + 8),
                guest.u8(at + 16),
                guest.i64(at + 24),
                guest.i64(at + 32),
                guest.i64(at + 40),
                guest.i64(at + 48));
    }

    Stat stat(String path) {
        return stat(FOLLOW, path);
    }

    int write(int fd, String text) {
        return guest.get("fd_write", fd, guest.iovec(text), 1);
    }

    String read(int fd, int room) {
        int buffer = guest.alloc(room);
        int count = guest.get("fd_read", fd, guest.iovec(buffer, room), 1);
        return guest.text(buffer, count);
    }

    long seek(int fd, long offset, int whence) {
        int out = guest.alloc(8);
        guest.ok("fd_seek", fd, offset, whence, out);
        return guest.i64(out);
    }

    /** Creates a file with content. */
    void create(String path, String content) {
        int fd = open(path, CREAT | TRUNC, BOTH).ok();
        write(fd, content);
        close(fd);
    }

    /** A whole small file. */
    String content(String path) {
        int fd = open(path, 0, READ).ok();
        try {
            return read(fd, 4096);
        } finally {
            close(fd);
        }
    }

    /** An entry of a listing. */
    record Entry(long next, long inode, int type, String name) {}

    /** One call of fd_readdir: the entries that are whole. */
    List<Entry> readdir(int fd, long cookie, int room) {
        int buffer = guest.alloc(room);
        int used = guest.get("fd_readdir", fd, buffer, room, cookie);
        byte[] bytes = guest.read(buffer, used);
        List<Entry> entries = new ArrayList<>();
        int at = 0;
        while (at + 24 <= used) {
            int length = guest.i32(buffer + at + 16);
            if (at + 24 + length > used) {
                break;
            }
            entries.add(
                    new Entry(
                            guest.i64(buffer + at),
                            guest.i64(buffer + at + 8),
                            guest.u8(buffer + at + 20),
                            new String(bytes, at + 24, length, StandardCharsets.UTF_8)));
            at += 24 + length;
        }
        return entries;
    }

    /** All names of a directory, as a libc reads them. */
    List<String> names(int fd, int room) {
        List<String> names = new ArrayList<>();
        long cookie = 0;
        for (; ; ) {
            List<Entry> some = readdir(fd, cookie, room);
            if (some.isEmpty()) {
                return names;
            }
            some.forEach(entry -> names.add(entry.name()));
            cookie = some.get(some.size() - 1).next();
        }
    }

    @Override
    public void close() {
        guest.close();
    }
}
