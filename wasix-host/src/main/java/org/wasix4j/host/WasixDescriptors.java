package org.wasix4j.host;

import org.wasix4j.abi.IoVecs;
import org.wasix4j.abi.StatCodec;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Directory;
import org.wasix4j.system.poll.Pipe;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;

/**
 * The functions that work on every kind of descriptor: reading, writing, closing, duplicating,
 * flags.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * functions.
 */
public final class WasixDescriptors implements HostModule {

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "fd_read" -> this::fdRead;
            case "fd_write" -> this::fdWrite;
            case "fd_close" -> this::fdClose;
            case "fd_fdstat_get" -> this::fdFdstatGet;
            case "fd_fdstat_set_flags" -> this::fdFdstatSetFlags;
            case "fd_filestat_get" -> this::fdFilestatGet;
            case "fd_renumber" -> this::fdRenumber;
            case "fd_dup" -> this::fdDup;
            case "fd_dup2" -> this::fdDup2;
            case "fd_fdflags_get" -> this::fdFdflagsGet;
            case "fd_fdflags_set" -> this::fdFdflagsSet;
            default -> null;
        };
    }

    /**
     * {@code fd_read(fd, iovs, iovs_len, ret: *size)}: readv(2). On a socket it is {@code
     * sock_recv} without flags. Errors: badf, again, isdir, and those of the kind.
     */
    private Errno fdRead(CallContext call, long[] args) {
        int fd = (int) args[0];
        int iovs = (int) args[1];
        int iovsLen = (int) args[2];
        int sizeOut = (int) args[3];
        OpenDescription description = call.descriptors().get(fd);
        description.require(Rights.FD_READ);
        IoVecs vectors = call.ioVecs().forRead(iovs, iovsLen);
        call.memory().check(sizeOut, 4);
        long count = description.read(call.thread(), vectors.buffers(), vectors.count());
        if (count == OpenDescription.WOULD_BLOCK) {
            return Errno.AGAIN;
        }
        vectors.finishRead();
        call.memory().writeI32(sizeOut, (int) count);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_write(fd, iovs, iovs_len, ret: *size)}: writev(2). On a socket it is {@code
     * sock_send} without flags; a write to a pipe without a reader raises SIGPIPE. Errors: badf,
     * again, pipe, and those of the kind.
     */
    private Errno fdWrite(CallContext call, long[] args) {
        int fd = (int) args[0];
        int iovs = (int) args[1];
        int iovsLen = (int) args[2];
        int sizeOut = (int) args[3];
        OpenDescription description = call.descriptors().get(fd);
        description.require(Rights.FD_WRITE);
        IoVecs vectors = call.ioVecs().forWrite(iovs, iovsLen);
        call.memory().check(sizeOut, 4);
        long count;
        try {
            count = description.write(call.thread(), vectors.buffers(), vectors.count());
        } catch (ErrnoException e) {
            // not after a write that succeeded, although the reader has closed since
            if (description instanceof Pipe pipe && pipe.isBroken()) {
                call.process().signals().raise(call.thread(), Signals.PIPE);
            }
            throw e;
        }
        if (count == OpenDescription.WOULD_BLOCK) {
            return Errno.AGAIN;
        }
        call.memory().writeI32(sizeOut, (int) count);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_close(fd)}: close(2). Unlike Linux it wakes every thread that waits on the last
     * descriptor of a description, with badf, and a listener's port is free when it returns. The
     * directories that a WASIX guest was given stay open, since its libc finds every path by them
     * and daemons close all descriptors that there may be; the answer is success. Errors: badf.
     */
    private Errno fdClose(CallContext call, long[] args) {
        int fd = (int) args[0];
        if (call.profile().extendedErrno()
                && call.descriptors().find(fd) instanceof Directory directory
                && directory.preopenName() != null) {
            return Errno.SUCCESS;
        }
        call.descriptors().close(call.thread(), fd);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_fdstat_get(fd, ret: *fdstat)}: F_GETFL and the file type. At the number of a
     * granted directory the inheriting rights are always those of the directory, which libc asks
     * for before it opens a path there. Errors: badf.
     */
    private Errno fdFdstatGet(CallContext call, long[] args) {
        int fd = (int) args[0];
        int fdstatOut = (int) args[1];
        OpenDescription place = call.descriptors().place(fd);
        OpenDescription now = call.descriptors().find(fd);
        OpenDescription description = now == null ? place : now;
        StatCodec.writeFdstat(
                call.memory(),
                fdstatOut,
                description.type().code(),
                description.statusFlags(),
                description.rights() & mask(call),
                place.inheritingRights() & mask(call));
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_fdstat_set_flags(fd, flags)}: F_SETFL, on the shared description. Errors: badf,
     * inval for unknown bits.
     */
    private Errno fdFdstatSetFlags(CallContext call, long[] args) {
        int fd = (int) args[0];
        int flags = (int) args[1];
        OpenDescription description = call.descriptors().get(fd);
        description.require(Rights.FD_FDSTAT_SET_FLAGS);
        description.statusFlags(flags);
        return Errno.SUCCESS;
    }

    /** {@code fd_filestat_get(fd, ret: *filestat)}: fstat(2). Errors: badf. */
    private Errno fdFilestatGet(CallContext call, long[] args) {
        int fd = (int) args[0];
        int filestatOut = (int) args[1];
        OpenDescription description = call.descriptors().get(fd);
        description.require(Rights.FD_FILESTAT_GET);
        StatCodec.writeFilestat(
                call.memory(), filestatOut, record(description.stat()), call.profile());
        return Errno.SUCCESS;
    }

    /** A file's data as the codec wants them: the machine and the codecs do not know each other. */
    static StatCodec.Filestat record(FileStat stat) {
        return new StatCodec.Filestat(
                stat.device(),
                stat.inode(),
                stat.type().code(),
                stat.links(),
                stat.size(),
                stat.accessTime(),
                stat.modificationTime(),
                stat.changeTime());
    }

    /** The rights that a guest of the profile knows. */
    static long mask(CallContext call) {
        return call.profile().extendedErrno() ? Rights.ALL : Rights.PREVIEW1;
    }

    /**
     * {@code fd_renumber(fd, to)}: dup2(2) for a WASIX guest, whose libc builds dup2 on it; for a
     * plain preview1 guest the source is freed, as that specification says. Errors: badf.
     */
    private Errno fdRenumber(CallContext call, long[] args) {
        int fd = (int) args[0];
        int to = (int) args[1];
        call.descriptors().renumber(call.thread(), fd, to, call.profile().renumberMoves());
        return Errno.SUCCESS;
    }

    /** {@code fd_dup(fd, ret: *fd)}: dup(2). Errors: badf, mfile. */
    private Errno fdDup(CallContext call, long[] args) {
        int fd = (int) args[0];
        int fdOut = (int) args[1];
        call.memory().check(fdOut, 4);
        int copy = call.descriptors().dup(call.thread(), fd, 0, 0);
        call.memory().writeI32(fdOut, copy);
        return Errno.SUCCESS;
    }

    /**
     * {@code fd_dup2(fd, min_result_fd, cloexec, ret: *fd)}: F_DUPFD and F_DUPFD_CLOEXEC. Errors:
     * badf, mfile, inval for a minimum over 65535.
     */
    private Errno fdDup2(CallContext call, long[] args) {
        int fd = (int) args[0];
        int minimum = (int) args[1];
        int cloexec = (int) args[2];
        int fdOut = (int) args[3];
        call.memory().check(fdOut, 4);
        FdTable descriptors = call.descriptors();
        descriptors.get(fd);
        if (minimum < 0 || minimum > FdTable.MAX_NUMBER) {
            return Errno.INVAL;
        }
        int flags = cloexec == 0 ? 0 : FdFlags.CLOEXEC;
        int copy = descriptors.dup(call.thread(), fd, minimum, flags);
        call.memory().writeI32(fdOut, copy);
        return Errno.SUCCESS;
    }

    /** {@code fd_fdflags_get(fd, ret: *fdflagsext)}: F_GETFD. Errors: badf. */
    private Errno fdFdflagsGet(CallContext call, long[] args) {
        int fd = (int) args[0];
        int fdflagsextOut = (int) args[1];
        call.memory().writeU16(fdflagsextOut, call.descriptors().flags(fd));
        return Errno.SUCCESS;
    }

    /** {@code fd_fdflags_set(fd, flags)}: F_SETFD. Errors: badf, inval for unknown bits. */
    private Errno fdFdflagsSet(CallContext call, long[] args) {
        int fd = (int) args[0];
        int flags = (int) args[1];
        if ((flags & ~FdFlags.CLOEXEC) != 0) {
            return Errno.INVAL;
        }
        call.descriptors().flags(fd, flags);
        return Errno.SUCCESS;
    }
}
