package org.wasix4j.system.fs;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription.Whence;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * One of this JVM's own descriptors 0, 1 and 2, as a file: what it is, and the offset that it
 * shares with the process that started the JVM. No channel is made for it: a channel is closed, and
 * the descriptor with it, when a thread that is in it is interrupted.
 */
public final class HostDescriptor {

    private final Path path;
    private final Path information;
    private final FileDescriptor descriptor;

    private HostDescriptor(int number, FileDescriptor descriptor) {
        this.path = Path.of("/dev/fd/" + number);
        this.information = Path.of("/proc/self/fdinfo/" + number);
        this.descriptor = descriptor;
    }

    /** Standard input, output or error, by number. */
    public static HostDescriptor of(int number) {
        return new HostDescriptor(
                number,
                switch (number) {
                    case 0 -> FileDescriptor.in;
                    case 1 -> FileDescriptor.out;
                    case 2 -> FileDescriptor.err;
                    default -> throw new IllegalArgumentException("descriptor " + number);
                });
    }

    /** fstat(2), or null where the host does not report it. */
    public @Nullable FileStat stat() {
        return HostStat.byPath(path);
    }

    /**
     * lseek(2).
     *
     * @throws org.wasix4j.types.ErrnoException inval for a place before the start, spipe where the
     *     host does not report the offset
     */
    public synchronized long seek(long distance, Whence whence) {
        try {
            long now = offset();
            long from =
                    switch (whence) {
                        case START -> 0;
                        case CURRENT -> now;
                        case END -> size();
                    };
            long target = from + distance;
            if (target < 0) {
                throw Errno.INVAL.exception();
            }
            if (target != now) {
                // not closed: that would close the descriptor
                new FileInputStream(descriptor).skip(target - now);
            }
            return target;
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    private long offset() throws IOException {
        String text = Files.readString(information, StandardCharsets.US_ASCII);
        long offset = DescriptorPath.offsetIn(text);
        if (offset < 0) {
            throw Errno.SPIPE.exception();
        }
        return offset;
    }

    private long size() {
        FileStat stat = stat();
        if (stat == null) {
            throw Errno.SPIPE.exception();
        }
        return stat.size();
    }

    /** ftruncate(2). */
    public void setSize(long size) {
        if (size < 0) {
            throw Errno.INVAL.exception();
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toString(), "rw")) {
            file.setLength(size);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }
}
