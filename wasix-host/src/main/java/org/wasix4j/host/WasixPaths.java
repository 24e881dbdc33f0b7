package org.wasix4j.host;

import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.StatCodec;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Directory;
import org.wasix4j.system.fs.Duplicate;
import org.wasix4j.system.fs.Lookup;
import org.wasix4j.system.fs.OpenMode;
import org.wasix4j.system.fs.PathCalls;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.PathText;
import org.wasix4j.types.Rights;

/**
 * The {@code path_*} functions and the working directory. Paths are at most 4,096 bytes, mostly
 * UTF-8, with a length and without NUL: nametoolong and inval otherwise, in every function here.
 *
 * <p>A guest of plain preview1 is confined to the directory that a call names. A WASIX guest has
 * one tree: libc hands an absolute path on with the descriptor of the root, and {@code ..} leads
 * from one granted directory into another. Leaving what was granted is {@code notcapable} for both.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * functions, whose errors these functions answer.
 */
public final class WasixPaths implements HostModule {

    /** {@code lookupflags}: a link at the end of the path is followed. */
    private static final int SYMLINK_FOLLOW = 1;

    /** {@code oflags}. */
    private static final int CREAT = 1;

    private static final int DIRECTORY = 2;
    private static final int EXCL = 4;
    private static final int TRUNC = 8;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "path_open" -> this::pathOpen;
            case "path_open2" -> this::pathOpen2;
            case "path_filestat_get" -> this::pathFilestatGet;
            case "path_filestat_set_times" -> this::pathFilestatSetTimes;
            case "path_create_directory" -> this::pathCreateDirectory;
            case "path_remove_directory" -> this::pathRemoveDirectory;
            case "path_unlink_file" -> this::pathUnlinkFile;
            case "path_rename" -> this::pathRename;
            case "path_link" -> this::pathLink;
            case "path_symlink" -> this::pathSymlink;
            case "path_readlink" -> this::pathReadlink;
            case "getcwd" -> this::getcwd;
            case "chdir" -> this::chdir;
            default -> null;
        };
    }

    private static Directory directory(CallContext call, long fd) {
        if (call.descriptors().place((int) fd) instanceof Directory directory) {
            return directory;
        }
        throw Errno.NOTDIR.exception();
    }

    private static String path(CallContext call, long address, long length) {
        return call.memory().readPath((int) address, (int) length);
    }

    /** Plain preview1 knows no tree above the directory that it was given. */
    private static boolean confined(CallContext call) {
        return !call.profile().extendedErrno();
    }

    private static Lookup lookup(CallContext call, long flags) {
        if (((int) flags & ~SYMLINK_FOLLOW) != 0) {
            throw Errno.INVAL.exception();
        }
        return Lookup.of(confined(call), (int) flags == SYMLINK_FOLLOW);
    }

    /**
     * {@code path_open(fd, dirflags, path, path_len, oflags, rights, inheriting, fdflags, ret:
     * *fd)}: openat(2). The rights fd_read and fd_write say whether it is opened for reading and
     * writing. Errors: badf, notdir, noent, exist, isdir, loop, acces, rofs, mfile, inval, nxio for
     * what is neither a file nor a directory, notcapable.
     */
    private Errno pathOpen(CallContext call, long[] args) {
        int fdOut = (int) args[8];
        return open(call, args, 0, fdOut);
    }

    /** {@code path_open2}: {@code path_open} with fdflagsext before the last parameter. */
    private Errno pathOpen2(CallContext call, long[] args) {
        int fdFlagsExt = (int) args[8];
        int fdOut = (int) args[9];
        if ((fdFlagsExt & ~FdFlags.CLOEXEC) != 0) {
            return Errno.INVAL;
        }
        return open(call, args, fdFlagsExt, fdOut);
    }

    private static Errno open(CallContext call, long[] args, int descriptorFlags, int out) {
        Directory base = directory(call, args[0]);
        Lookup lookup = lookup(call, args[1]);
        String path = path(call, args[2], args[3]);
        int flags = (int) args[4];
        long rights = args[5];
        int fdFlags = (int) args[7];
        call.memory().check(out, 4);
        if ((flags & ~(CREAT | DIRECTORY | EXCL | TRUNC)) != 0 || (fdFlags & ~FdFlags.ALL) != 0) {
            return Errno.INVAL;
        }
        OpenMode mode =
                new OpenMode(
                        (rights & Rights.FD_READ) != 0,
                        (rights & Rights.FD_WRITE) != 0,
                        (flags & CREAT) != 0,
                        (flags & EXCL) != 0,
                        (flags & TRUNC) != 0,
                        (flags & DIRECTORY) != 0,
                        fdFlags);
        FdTable descriptors = call.descriptors();
        descriptors.requireFree(1);
        OpenDescription opened = PathCalls.open(base, path, lookup, mode);
        if (opened instanceof Duplicate duplicate) {
            int source = duplicate.numberIn(descriptors);
            call.memory().writeI32(out, descriptors.dup(call.thread(), source, 0, descriptorFlags));
            return Errno.SUCCESS;
        }
        int fd = descriptors.install(call.thread(), opened, descriptorFlags);
        call.memory().writeI32(out, fd);
        return Errno.SUCCESS;
    }

    /**
     * {@code path_filestat_get(fd, flags, path, path_len, ret: *filestat)}: fstatat(2). Errors:
     * badf, notdir, noent, loop, acces, notcapable.
     */
    private Errno pathFilestatGet(CallContext call, long[] args) {
        int filestatOut = (int) args[4];
        Directory base = directory(call, args[0]);
        Lookup lookup = lookup(call, args[1]);
        String path = path(call, args[2], args[3]);
        StatCodec.writeFilestat(
                call.memory(),
                filestatOut,
                WasixDescriptors.record(PathCalls.stat(base, path, lookup)),
                call.profile());
        return Errno.SUCCESS;
    }

    /**
     * {@code path_filestat_set_times(fd, flags, path, path_len, atim, mtim, fst_flags)}:
     * utimensat(2), nanoseconds since 1970. Errors: as {@code path_filestat_get}, inval, rofs.
     */
    private Errno pathFilestatSetTimes(CallContext call, long[] args) {
        long atim = args[4];
        long mtim = args[5];
        Directory base = directory(call, args[0]);
        Lookup lookup = lookup(call, args[1]);
        String path = path(call, args[2], args[3]);
        int flags = (int) args[6];
        PathCalls.setTimes(
                base,
                path,
                lookup,
                WasixFiles.accessTime(atim, flags),
                WasixFiles.modificationTime(mtim, flags));
        return Errno.SUCCESS;
    }

    /**
     * {@code path_create_directory(fd, path, path_len)}: mkdirat(2). Errors: badf, notdir, noent,
     * exist, rofs, nospc, notcapable.
     */
    private Errno pathCreateDirectory(CallContext call, long[] args) {
        Directory base = directory(call, args[0]);
        String path = path(call, args[1], args[2]);
        PathCalls.createDirectory(base, path, confined(call));
        return Errno.SUCCESS;
    }

    /**
     * {@code path_remove_directory(fd, path, path_len)}: unlinkat(2) with AT_REMOVEDIR. Errors:
     * badf, notdir, noent, notempty, inval, busy, rofs, notcapable.
     */
    private Errno pathRemoveDirectory(CallContext call, long[] args) {
        Directory base = directory(call, args[0]);
        String path = path(call, args[1], args[2]);
        PathCalls.removeDirectory(base, path, confined(call));
        return Errno.SUCCESS;
    }

    /**
     * {@code path_unlink_file(fd, path, path_len)}: unlinkat(2). Errors: badf, notdir, noent,
     * isdir, rofs, notcapable.
     */
    private Errno pathUnlinkFile(CallContext call, long[] args) {
        Directory base = directory(call, args[0]);
        String path = path(call, args[1], args[2]);
        PathCalls.unlink(base, path, confined(call));
        return Errno.SUCCESS;
    }

    /**
     * {@code path_rename(fd, old_path, old_len, new_fd, new_path, new_len)}: renameat(2). Errors:
     * badf, notdir, noent, isdir, exist or notempty, inval, busy, xdev, rofs, notcapable.
     */
    private Errno pathRename(CallContext call, long[] args) {
        Directory from = directory(call, args[0]);
        String path = path(call, args[1], args[2]);
        Directory to = directory(call, args[3]);
        String newPath = path(call, args[4], args[5]);
        PathCalls.rename(from, path, to, newPath, confined(call));
        return Errno.SUCCESS;
    }

    /**
     * {@code path_link(old_fd, old_flags, old_path, old_len, new_fd, new_path, new_len)}:
     * linkat(2). Errors: badf, notdir, noent, exist, perm for a directory, xdev, mlink, rofs,
     * notcapable.
     */
    private Errno pathLink(CallContext call, long[] args) {
        Directory from = directory(call, args[0]);
        Lookup lookup = lookup(call, args[1]);
        String path = path(call, args[2], args[3]);
        Directory to = directory(call, args[4]);
        String newPath = path(call, args[5], args[6]);
        PathCalls.link(from, path, lookup, to, newPath);
        return Errno.SUCCESS;
    }

    /**
     * {@code path_symlink(old_path, old_len, fd, new_path, new_len)}: symlinkat(2); what the link
     * says need not exist. Errors: badf, notdir, noent, exist, rofs, notcapable.
     */
    private Errno pathSymlink(CallContext call, long[] args) {
        String text = path(call, args[0], args[1]);
        Directory base = directory(call, args[2]);
        String newPath = path(call, args[3], args[4]);
        PathCalls.createLink(text, base, newPath, confined(call));
        return Errno.SUCCESS;
    }

    /**
     * {@code path_readlink(fd, path, path_len, buf, buf_len, ret: *size)}: readlinkat(2); cut off
     * when it does not fit. Errors: badf, notdir, noent, inval for what is no link and for a buffer
     * without room, notcapable.
     */
    private Errno pathReadlink(CallContext call, long[] args) {
        int buf = (int) args[3];
        int bufLen = (int) args[4];
        int sizeOut = (int) args[5];
        Directory base = directory(call, args[0]);
        String path = path(call, args[1], args[2]);
        call.memory().check(buf, Integer.toUnsignedLong(bufLen));
        call.memory().check(sizeOut, 4);
        if (bufLen == 0) {
            return Errno.INVAL; // as on Linux, whatever the path is
        }
        byte[] text = PathText.encode(PathCalls.readLink(base, path, confined(call)));
        int length = (int) Math.min(text.length, Integer.toUnsignedLong(bufLen));
        call.memory().writeBytes(buf, java.util.Arrays.copyOf(text, length));
        call.memory().writeI32(sizeOut, length);
        return Errno.SUCCESS;
    }

    /**
     * {@code getcwd(path, path_len: in/out)}: the working directory, and a NUL behind it, since
     * libc hands the buffer to C code as it is; the returned length does not count the NUL. Errors:
     * range when it does not fit; path_len then says how much room it takes, with the NUL.
     */
    private Errno getcwd(CallContext call, long[] args) {
        int buf = (int) args[0];
        int lengthInOut = (int) args[1];
        GuestMemory memory = call.memory();
        byte[] path = PathText.encode(call.process().mounts().workingDirectory());
        long room = Integer.toUnsignedLong(memory.readI32(lengthInOut));
        if (room <= path.length) {
            memory.writeI32(lengthInOut, path.length + 1);
            return Errno.RANGE;
        }
        memory.writeBytes(buf, java.util.Arrays.copyOf(path, path.length + 1));
        memory.writeI32(lengthInOut, path.length);
        return Errno.SUCCESS;
    }

    /**
     * {@code chdir(path, path_len)}: chdir(2). Errors: noent, notdir, loop, nametoolong,
     * notcapable.
     */
    private Errno chdir(CallContext call, long[] args) {
        String path = path(call, args[0], args[1]);
        call.process().mounts().changeDirectory(path);
        return Errno.SUCCESS;
    }
}
