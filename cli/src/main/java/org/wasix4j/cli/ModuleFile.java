package org.wasix4j.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that is to be run, which can be anything: it is looked at before it is read. */
final class ModuleFile {

    /** The name that stands for standard input. */
    static final String STANDARD_INPUT = "-";

    /** A module is never as large; a disk, or a device that never ends, can be. */
    private static final int MOST_BYTES = 1 << 30;

    /** Enough to say what a file is that is no module. */
    private static final int BEGINNING = 4096;

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
            return read(stdin);
        }
        Path path = Path.of(file);
        if (Files.isDirectory(path)) {
            throw new IOException("it is a directory");
        }
        if (Files.isRegularFile(path) && Files.size(path) > MOST_BYTES) {
            throw new IOException(
                    "it has " + Files.size(path) + " bytes, and a module at most " + MOST_BYTES);
        }
        try (InputStream in = Files.newInputStream(path)) {
            return read(in);
        }
    }

    private static byte[] read(InputStream from) throws IOException {
        InputStream in = new BufferedInputStream(from, BEGINNING);
        in.mark(BEGINNING);
        byte[] beginning = in.readNBytes(BEGINNING);
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= beginning.length || beginning[i] != MAGIC[i]) {
                return beginning;
            }
        }
        in.reset();
        byte[] all = in.readNBytes(MOST_BYTES + 1);
        if (all.length > MOST_BYTES) {
            throw new IOException("a module has at most " + MOST_BYTES + " bytes");
        }
        return all;
    }
}
