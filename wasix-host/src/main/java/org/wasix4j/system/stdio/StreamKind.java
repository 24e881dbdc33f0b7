package org.wasix4j.system.stdio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/** What a standard stream is connected to, as the guest sees it. */
public enum StreamKind {
    /** A terminal: what libc's isatty looks for is a character device that cannot seek. */
    TERMINAL(FileType.CHARACTER_DEVICE, 0),
    /** A device such as /dev/null, which is no terminal. */
    DEVICE(FileType.CHARACTER_DEVICE, Rights.FD_SEEK | Rights.FD_TELL),
    /** A file that the host has redirected the stream to. */
    FILE(FileType.REGULAR_FILE, Rights.FD_SEEK | Rights.FD_TELL | Rights.FD_FILESTAT_SET_SIZE),
    /** A pipe, or anything else that bytes go through; the ABI has no number for it. */
    PIPE(FileType.UNKNOWN, 0),
    /** A socket. */
    SOCKET(FileType.SOCKET_STREAM, 0),
    /** Nothing: every call answers {@code badf}. */
    CLOSED(FileType.UNKNOWN, 0);

    private static final long COMMON =
            Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE;

    private final FileType type;
    private final long extraRights;

    StreamKind(FileType type, long extraRights) {
        this.type = type;
        this.extraRights = extraRights;
    }

    FileType type() {
        return type;
    }

    long rights(long direction) {
        return COMMON | direction | extraRights;
    }

    /** What one of this JVM's own standard streams, 0 to 2, is connected to. */
    public static StreamKind ofHost(int number) {
        Path path = Path.of("/dev/fd/" + number);
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            return switch (mode & 0170000) {
                case 0020000 -> isTerminal(path) ? TERMINAL : DEVICE;
                case 0100000 -> FILE;
                case 0140000 -> SOCKET;
                default -> PIPE;
            };
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Files.exists(path.getParent()) ? CLOSED : PIPE;
        }
    }

    private static boolean isTerminal(Path path) throws IOException {
        String target = path.toRealPath().toString();
        return target.startsWith("/dev/pts/")
                || target.startsWith("/dev/tty")
                || target.equals("/dev/console");
    }
}
