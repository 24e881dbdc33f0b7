package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/** Reads a program of the guest's tree, as execve(2) does. */
public final class ProgramFile {

    private ProgramFile() {}

    /**
     * The content of a file.
     *
     * @param mounts the tree, with the working directory that a relative path starts in
     * @param most how large it can be, in bytes
     * @throws org.wasix4j.types.ErrnoException noent, notdir, loop, nametoolong, notcapable; acces
     *     when it is no regular file or cannot be read; noexec when it is too large
     */
    public static byte[] read(Mounts mounts, String path, int most) {
        Directory root = mounts.rootDirectory();
        try {
            OpenDescription opened = open(root, mounts.absolute(path));
            try {
                if (!(opened instanceof OpenFile file)) {
                    throw Errno.ACCES.exception();
                }
                return read(file.fileChannel(), most);
            } finally {
                FdTable.discard(opened);
            }
        } finally {
            FdTable.discard(root);
        }
    }

    private static OpenDescription open(Directory root, String path) {
        try {
            return PathCalls.open(root, path, Lookup.of(false, true), OpenMode.READ);
        } catch (ErrnoException e) {
            // neither a file nor a directory
            throw e.errno() == Errno.NXIO ? Errno.ACCES.exception() : e;
        }
    }

    private static byte[] read(FileChannel channel, int most) {
        try {
            long size = channel.size();
            if (size > most) {
                throw Errno.NOEXEC.exception();
            }
            ByteBuffer content = ByteBuffer.allocate((int) size);
            while (content.hasRemaining() && channel.read(content, content.position()) > 0) {
                // until it is whole, or shorter than it was
            }
            return java.util.Arrays.copyOf(content.array(), content.position());
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }
}
