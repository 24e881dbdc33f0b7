package org.wasix4j.runtime.internal;

import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;

/** The bytes of an entry of the cache, in memory or in a file. For any threads at once. */
interface EntryBytes extends AutoCloseable {

    /** How many there are. */
    int size();

    /**
     * Reads some of them.
     *
     * @param at where the first one is
     * @throws IOException when the file has become shorter, or cannot be read
     */
    void read(int at, byte[] to, int offset, int length) throws IOException;

    /** Nothing is read any more. */
    @Override
    default void close() {}

    /** Some of them. */
    default byte[] read(int at, int length) throws IOException {
        byte[] bytes = new byte[length];
        read(at, bytes, 0, length);
        return bytes;
    }

    /** Those of an array. */
    static EntryBytes of(byte[] bytes) {
        return new EntryBytes() {
            @Override
            public int size() {
                return bytes.length;
            }

            @Override
            public void read(int at, byte[] to, int offset, int length) throws IOException {
                try {
                    Objects.checkFromIndexSize(at, length, bytes.length);
                } catch (IndexOutOfBoundsException e) {
                    throw new EOFException(e.getMessage());
                }
                System.arraycopy(bytes, at, to, offset, length);
            }
        };
    }
}
