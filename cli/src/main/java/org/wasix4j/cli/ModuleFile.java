package org.wasix4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The file that is to be run, which can be anything: it is looked at before it is read. */
final class ModuleFile {

    /** The name that stands for standard input. */
    static final String STANDARD_INPUT = "-";

    /** A module is never as large; a disk, or a device that never ends, can be. */
    private static final int MOST_BYTES = 1 << 30;

    /** Enough to say what a file is that is no module. */
    private static final int BEGINNING = 4096;

    /** So much is read at once: the JVM copies it through a buffer of that size. */
    private static final int PIECE = 256 << 10;

    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    private ModuleFile() {}

    /**
     * The bytes of a module; of a file that is none only the first, which say so.
     *
     * @param file a path, or '-'
     * @throws IOException when it cannot be read, is a directory or too large
     */
    static byte[] read(String file, InputStream stdin) throws IOException {
        if (file.equals(STANDARD_INPUT)) {
            return read(stdin, 0);
        }
        Path path = Path.of(file);
        if (Files.isDirectory(path)) {
            throw new IOException("it is a directory");
        }
        long size = Files.isRegularFile(path) ? Files.size(path) : 0;
        if (size > MOST_BYTES) {
            throw new IOException("it has " + size + " bytes, and a module at most " + MOST_BYTES);
        }
        try (InputStream in = Files.newInputStream(path)) {
            return read(in, (int) size);
        }
    }

    /**
     * Reads a module.
     *
     * @param size what the file has, as far as is known
     */
    private static byte[] read(InputStream in, int size) throws IOException {
        byte[] beginning = in.readNBytes(BEGINNING);
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= beginning.length || beginning[i] != MAGIC[i]) {
                return beginning;
            }
        }
        // a stream that is read to its end is copied together from many pieces
        byte[] all = Arrays.copyOf(beginning, Math.max(size, beginning.length));
        int read = beginning.length;
        while (read < all.length) {
            int count = in.read(all, read, Math.min(PIECE, all.length - read));
            if (count < 0) {
                return Arrays.copyOf(all, read);
            }
            read += count;
        }
        byte[] rest = in.readNBytes(MOST_BYTES + 1 - read);
        if (rest.length == 0) {
            return all;
        }
        if (rest.length > MOST_BYTES - read) {
            throw new IOException("a module has at most " + MOST_BYTES + " bytes");
        }
        byte[] whole = Arrays.copyOf(all, read + rest.length);
        System.arraycopy(rest, 0, whole, read, rest.length);
        return whole;
    }
}
