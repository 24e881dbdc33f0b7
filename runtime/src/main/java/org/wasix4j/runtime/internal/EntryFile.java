package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The file of an entry of the cache. It stays open as long as classes may be read from it; the
 * entry can be deleted or replaced meanwhile. The JVM closes it when nothing refers to it any more.
 *
 * <p>It is no channel: guest threads read classes from it, and a channel is closed when a thread
 * that reads is interrupted.
 */
final class EntryFile implements EntryBytes {

    /**
     * What is read at once: the JVM reads into a buffer of its own of that size, and from 128 KB on
     * the C library would map memory for it.
     */
    private static final int PIECE = 64 << 10;

    private final RandomAccessFile file;
    private final int size;

    private EntryFile(RandomAccessFile file, int size) {
        this.file = file;
        this.size = size;
    }

    /**
     * Opens a file.
     *
     * @throws IOException when it is none, or cannot be read
     */
    static EntryFile open(Path path) throws IOException {
        BasicFileAttributes found =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile()) {
            // to open a FIFO waits for ever
            throw new IOException(path + " is no file");
        }
        if (found.size() > Integer.MAX_VALUE) {
            throw new IOException(path + " is too large");
        }
        return new EntryFile(new RandomAccessFile(path.toFile(), "r"), (int) found.size());
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public synchronized void read(int at, byte[] to, int offset, int length) throws IOException {
        file.seek(at);
        for (int read = 0; read < length; read += PIECE) {
            file.readFully(to, offset + read, Math.min(PIECE, length - read));
        }
    }

    @Override
    public synchronized void close() {
        try {
            file.close();
        } catch (IOException e) {
            // it was only read
        }
    }
}
