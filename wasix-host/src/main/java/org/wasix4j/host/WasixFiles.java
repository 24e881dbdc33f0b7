package org.wasix4j.host;

import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.wasix4j.abi.FileCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.IoVecs;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Directory;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.PathText;
import org.wasix4j.types.Rights;

/**
 * The {@code fd_*} functions that only files and directories have. What works on every kind of
 * descriptor, reading, writing and closing among it, is in {@link WasixDescriptors}; what takes a
 * path in {@link WasixPaths}.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * functions.
 */
public final class WasixFiles implements HostModule {

    /** {@code fstflags}: which times are set, and to what. */
    private static final int ATIM = 1;

    private static final int ATIM_NOW = 2;
    private static final int MTIM = 4;
    private static final int MTIM_NOW = 8;

    /** Values of {@code advice}: normal, sequential, random, willneed, dontneed, noreuse. */
    private static final int LAST_ADVICE = 5;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "fd_pread" -> this::fdPread;
            case "fd_pwrite" -> this::fdPwrite;
            case "fd_seek" -> this::fdSeek;
            case "fd_tell" -> this::fdTell;
            case "fd_advise" -> this::fdAdvise;
            case "fd_allocate" -> this::fdAllocate;
            case "fd_sync" -> this::fdSync;
            case "fd_datasync" -> this::fdDatasync;
            case "fd_filestat_set_size" -> this::fdFilestatSetSize;
            case "fd_filestat_set_times" -> this::fdFilestatSetTimes;
            case "fd_fdstat_set_rights" -> this::fdFdstatSetRights;
            case "fd_readdir" -> this::fdReaddir;
            case "fd_prestat_get" -> this::fdPrestatGet;
            case "fd_prestat_dir_name" -> this::fdPrestatDirName;
            default -> null;
        };
    }

    private static OpenDescription description(CallContext call, long fd) {
        return call.descriptors().get((int) fd);
    }

    /**
     * {@code fd_pread(fd, iovs, iovs_len, offset, ret: *size)}: preadv(2). Errors: badf, isdir,
     * spipe, inval for a negative offset.
     */
    private Errno fdPread(CallContext call, long[] args) {
        int iovs = (int) args[1];
        int iovsLen = (int) args[2];
        long offset = args[3];
        int sizeOut = (int) args[4];
        OpenDescription file = description(call, args[0]);
        IoVecs vectors = call.ioVecs().forRead(iovs, iovsLen);
        call.memory().check(sizeOut, 4);
        long count = file.pread(vectors.buffers(), vectors.count(), offset);
        vectors.finishRead();
        call.memory().writeI32(sizeOut, (int) count);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_pwrite(fd, iovs, iovs_len, offset, ret: *size)}: pwritev(2). Errors: badf, spipe,
     * inval for a negative offset, fbig, nospc.
     */
    private Errno fdPwrite(CallContext call, long[] args) {
        int iovs = (int) args[1];
        int iovsLen = (int) args[2];
        long offset = args[3];
        int sizeOut = (int) args[4];
        OpenDescription file = description(call, args[0]);
        IoVecs vectors = call.ioVecs().forWrite(iovs, iovsLen);
        call.memory().check(sizeOut, 4);
        long count = file.pwrite(vectors.buffers(), vectors.count(), offset);
        call.memory().writeI32(sizeOut, (int) count);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_seek(fd, offset, whence, ret: *filesize)}: lseek(2). The numbers of whence differ
     * in snapshot 0. A directory cannot be sought: its position is the cookie of a listing. Errors:
     * badf, inval, spipe, isdir.
     */
    private Errno fdSeek(CallContext call, long[] args) {
        long distance = args[1];
        int whenceCode = (int) args[2];
        int filesizeOut = (int) args[3];
        OpenDescription file = description(call, args[0]);
        file.require(Rights.FD_SEEK);
        int whence = FileCodec.whence(whenceCode, call.profile());
        if (whence < 0) {
            return Errno.INVAL;
        }
        call.memory().check(filesizeOut, 8);
        long offset = file.seek(distance, OpenDescription.Whence.values()[whence]);
        call.memory().writeI64(filesizeOut, offset);
        return Errno.SUCCESS;
    }

    /** {@code fd_tell(fd, ret: *filesize)}: lseek(fd, 0, SEEK_CUR). Errors: badf, spipe, isdir. */
    private Errno fdTell(CallContext call, long[] args) {
        int filesizeOut = (int) args[1];
        OpenDescription file = description(call, args[0]);
        file.require(Rights.FD_TELL);
        call.memory().check(filesizeOut, 8);
        call.memory().writeI64(filesizeOut, file.seek(0, OpenDescription.Whence.CURRENT));
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_advise(fd, offset, len, advice)}: posix_fadvise(2), which is taken note of by doing
     * nothing. Errors: badf, spipe, inval.
     */
    private Errno fdAdvise(CallContext call, long[] args) {
        long offset = args[1];
        long len = args[2];
        int advice = (int) args[3];
        OpenDescription description = description(call, args[0]);
        description.require(Rights.FD_ADVISE);
        description.advise();
        boolean good = offset >= 0 && len >= 0 && advice >= 0 && advice <= LAST_ADVICE;
        return good ? Errno.SUCCESS : Errno.INVAL;
    }

    /**
     * {@code fd_allocate(fd, offset, len)}: posix_fallocate(3). The file is made as long as asked
     * for; the host does not keep the room free. Errors: badf, spipe, inval, fbig, nospc.
     */
    private Errno fdAllocate(CallContext call, long[] args) {
        long offset = args[1];
        long len = args[2];
        OpenDescription file = description(call, args[0]);
        file.require(Rights.FD_ALLOCATE);
        file.allocate(offset, len);
        return Errno.SUCCESS;
    }

    /** {@code fd_sync(fd)}: fsync(2). Errors: badf, inval for what is no file, io. */
    private Errno fdSync(CallContext call, long[] args) {
        long fd = args[0];
        return sync(call, fd, true);
    }

    /** {@code fd_datasync(fd)}: fdatasync(2). Errors: badf, inval for what is no file, io. */
    private Errno fdDatasync(CallContext call, long[] args) {
        long fd = args[0];
        return sync(call, fd, false);
    }

    private static Errno sync(CallContext call, long fd, boolean metadata) {
        OpenDescription description = description(call, fd);
        description.require(metadata ? Rights.FD_SYNC : Rights.FD_DATASYNC);
        description.sync(metadata);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_filestat_set_size(fd, size)}: ftruncate(2). Errors: badf, inval when it is not open
     * for writing or no file, fbig, nospc.
     */
    private Errno fdFilestatSetSize(CallContext call, long[] args) {
        long size = args[1];
        OpenDescription file = description(call, args[0]);
        file.require(Rights.FD_FILESTAT_SET_SIZE);
        file.setSize(size);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_filestat_set_times(fd, atim, mtim, fst_flags)}: futimens(2), nanoseconds since
     * 1970. Errors: badf, inval for flags that contradict each other, rofs, notsup for what is no
     * file.
     */
    private Errno fdFilestatSetTimes(CallContext call, long[] args) {
        OpenDescription description = description(call, args[0]);
        description.require(Rights.FD_FILESTAT_SET_TIMES);
        int flags = (int) args[3];
        FileTime access = accessTime(args[1], flags);
        FileTime modification = modificationTime(args[2], flags);
        description.setTimes(access, modification);
        return Errno.SUCCESS;
    }

    /** The access time that flags ask for, or null to leave it. */
    static @Nullable FileTime accessTime(long nanos, int flags) {
        return time(nanos, flags, ATIM, ATIM_NOW);
    }

    /** The modification time that flags ask for, or null to leave it. */
    static @Nullable FileTime modificationTime(long nanos, int flags) {
        return time(nanos, flags, MTIM, MTIM_NOW);
    }

    private static @Nullable FileTime time(long nanos, int flags, int given, int now) {
        if ((flags & ~(ATIM | ATIM_NOW | MTIM | MTIM_NOW)) != 0
                || (flags & given) != 0 && (flags & now) != 0) {
            throw Errno.INVAL.exception();
        }
        if ((flags & now) != 0) {
            return FileTime.from(Instant.now());
        }
        return (flags & given) != 0 ? FileTime.from(nanos, TimeUnit.NANOSECONDS) : null;
    }

    /**
     * {@code fd_fdstat_set_rights(fd, base, inheriting)}: rights can be given up, never gained.
     * Errors: badf, notcapable.
     */
    private Errno fdFdstatSetRights(CallContext call, long[] args) {
        long fd = args[0];
        long base = args[1];
        long inheriting = args[2];
        description(call, fd).limitRights(base, inheriting);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_readdir(fd, buf, buf_len, cookie, ret: *size)}: getdents(2). Fills the buffer to
     * the brim, the last entry cut off when it does not fit; less than the buffer's length means
     * the end. Cookie 0 starts over; others stay good over changes of the directory. Errors: badf,
     * notdir.
     */
    private Errno fdReaddir(CallContext call, long[] args) {
        long cookie = args[3];
        int sizeOut = (int) args[4];
        OpenDescription description = description(call, args[0]);
        if (!(description instanceof Directory directory)) {
            return Errno.NOTDIR;
        }
        directory.require(Rights.FD_READDIR);
        GuestMemory memory = call.memory();
        int buffer = (int) args[1];
        int length = (int) args[2];
        memory.check(buffer, Integer.toUnsignedLong(length));
        memory.check(sizeOut, 4);
        int[] used = new int[1];
        if (length != 0) {
            directory.list(
                    cookie,
                    entry -> {
                        used[0] +=
                                FileCodec.writeDirent(
                                        memory,
                                        buffer + used[0],
                                        length - used[0],
                                        entry.next(),
                                        entry.inode(),
                                        entry.type().code(),
                                        PathText.encode(entry.name()));
                        return used[0] < length;
                    });
        }
        memory.writeI32(sizeOut, used[0]);
        return Errno.SUCCESS;
    }

    private static byte[] preopenName(CallContext call, long fd) {
        if (call.descriptors().place((int) fd) instanceof Directory directory
                && directory.preopenName() != null) {
            return PathText.encode(directory.preopenName());
        }
        throw Errno.BADF.exception();
    }

    /**
     * {@code fd_prestat_get(fd, ret: *prestat)}: how long the guest path of a granted directory is;
     * libc asks from descriptor 3 on until the answer is badf. Errors: badf.
     */
    private Errno fdPrestatGet(CallContext call, long[] args) {
        long fd = args[0];
        int prestatOut = (int) args[1];
        FileCodec.writePrestat(call.memory(), prestatOut, preopenName(call, fd).length);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_prestat_dir_name(fd, path, path_len)}: the guest path of a granted directory,
     * without NUL. Errors: badf, nametoolong when it does not fit.
     */
    private Errno fdPrestatDirName(CallContext call, long[] args) {
        long fd = args[0];
        int path = (int) args[1];
        int pathLen = (int) args[2];
        byte[] name = preopenName(call, fd);
        if (Integer.compareUnsigned(pathLen, name.length) < 0) {
            return Errno.NAMETOOLONG;
        }
        call.memory().writeBytes(path, name);
        return Errno.SUCCESS;
    }
}
