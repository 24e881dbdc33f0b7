package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/** Reads a program of the guest's tree, as execve(2) does. */
public final class ProgramFile {

    private ProgramFile() {}

    /**
     * Reads a file and makes something of it. Its content is taken from the guest's memory as long
     * as that takes.
     *
     * @param mounts the tree, with the working directory that a relative path starts in
     * @param most how large it can be, in bytes
     * @param use makes something of the content
     * @return what {@code use} has made
     * @throws org.wasix4j.types.ErrnoException noent, notdir, loop, nametoolong, notcapable; acces
     *     when it is no regular file or cannot be read; noexec when it is too large, nomem when the
     *     guest has too little memory left; what {@code use} throws
     */
    public static <T> T read(Mounts mounts, String path, int most, Function<byte[], T> use) {
        Directory root = mounts.rootDirectory();
        try {
            OpenDescription opened = open(root, mounts.absolute(path));
            try {
                if (!(opened instanceof OpenFile file)) {
                    throw Errno.ACCES.exception();
                }
                long size = size(file.content(), most);
                mounts.memory().takeHeap(size, Errno.NOMEM);
                try {
                    return use.apply(read(file.content(), (int) size));
                } finally {
                    mounts.memory().giveBackHeap(size);
                }
            } finally {
                FdTable.discard(opened);
            }
        } finally {
            FdTable.discard(root);
        }
    }

    private static long size(FileContent file, int most) {
        try {
            long size = file.size();
            if (size > most) {
                throw Errno.NOEXEC.exception();
            }
            return size;
        } catch (IOException e) {
            throw FileErrors.of(e);
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

    private static byte[] read(FileContent file, int size) {
        try {
            ByteBuffer content = ByteBuffer.allocate(size);
            while (content.hasRemaining() && file.read(content, content.position()) > 0) {
                // until it is whole, or shorter than it was
            }
            return content.hasRemaining()
                    ? Arrays.copyOf(content.array(), content.position())
                    : content.array();
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }
}
