package org.wasix4j.host;

import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Directory;
import org.wasix4j.system.fs.Lookup;
import org.wasix4j.system.fs.OpenMode;
import org.wasix4j.system.fs.PathCalls;
import org.wasix4j.system.poll.Pipe;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.Rights;
import org.wasix4j.types.SpawnAction;

/** What a spawned child finds open: its standard streams, and the file actions of its parent. */
final class ChildDescriptors {

    /** {@code stdio_mode}. */
    private static final int PIPED = 0;

    private static final int INHERIT = 1;
    private static final int NULL = 2;
    private static final int LOG = 3;

    private ChildDescriptors() {}

    /** Gives the child a standard stream; the parent's end of a pipe, or -1. */
    static int connect(CallContext call, GuestProcess child, int stream, int mode) {
        FdTable theirs = child.descriptors();
        switch (mode) {
            case INHERIT -> {
                return -1;
            }
            case NULL -> {
                put(
                        theirs,
                        stream == 0 ? StandardStreams.nullInput() : StandardStreams.nullOutput(),
                        stream,
                        0);
                return -1;
            }
            case LOG -> {
                if (stream != 2) {
                    theirs.renumber(null, 2, stream, false);
                }
                return -1;
            }
            case PIPED -> {
                Pipe[] pipe =
                        Pipe.open(
                                call.process().mounts().memory(), call.profile().legacySockTypes());
                Pipe ours = pipe[stream == 0 ? 1 : 0];
                Pipe childs = pipe[stream == 0 ? 0 : 1];
                int end;
                try {
                    end = call.descriptors().install(call.thread(), ours);
                } catch (Throwable e) {
                    FdTable.discard(childs);
                    throw e;
                }
                try {
                    put(theirs, childs, stream, 0);
                } catch (Throwable e) {
                    call.descriptors().close(call.thread(), end);
                    throw e;
                }
                return end;
            }
            default -> throw Errno.INVAL.exception();
        }
    }

    /** Puts a new description at a number. */
    private static void put(FdTable table, OpenDescription description, int number, int flags) {
        int fd = table.install(null, description);
        if (fd != number) {
            try {
                table.renumber(null, fd, number, false);
            } finally {
                table.close(null, fd);
            }
        }
        table.flags(number, flags);
    }

    /** Does one file action of a spawn. */
    static void apply(GuestProcess child, SpawnAction action) {
        FdTable table = child.descriptors();
        switch (action.kind()) {
            case CLOSE -> {
                if (table.find(action.fd()) != null) {
                    table.close(null, action.fd());
                }
            }
            case DUP2 -> {
                table.renumber(null, action.source(), action.fd(), false);
                table.flags(action.fd(), 0);
            }
            case OPEN -> {
                if (action.fd() < 0 || action.fd() >= table.limit()) {
                    throw Errno.BADF.exception();
                }
                put(
                        table,
                        open(child, action),
                        action.fd(),
                        action.descriptorFlags() & FdFlags.CLOEXEC);
            }
            case CHDIR -> child.mounts().changeDirectory(action.path());
            case FCHDIR ->
                    child.mounts()
                            .changeDirectory(
                                    table.get(action.fd(), Directory.class, Errno.NOTDIR).path());
        }
    }

    private static OpenDescription open(GuestProcess child, SpawnAction action) {
        if ((action.statusFlags() & ~FdFlags.ALL) != 0 || action.path().isEmpty()) {
            throw (action.path().isEmpty() ? Errno.NOENT : Errno.INVAL).exception();
        }
        int flags = action.openFlags();
        OpenMode mode =
                new OpenMode(
                        (action.rights() & Rights.FD_READ) != 0,
                        (action.rights() & Rights.FD_WRITE) != 0,
                        (flags & 1) != 0,
                        (flags & 4) != 0,
                        (flags & 8) != 0,
                        (flags & 2) != 0,
                        action.statusFlags());
        Directory root = child.mounts().rootDirectory();
        try {
            return PathCalls.open(
                    root,
                    child.mounts().absolute(action.path()),
                    Lookup.of(false, (action.lookup() & 1) != 0),
                    mode);
        } finally {
            FdTable.discard(root);
        }
    }
}
