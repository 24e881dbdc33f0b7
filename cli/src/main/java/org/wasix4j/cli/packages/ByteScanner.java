package org.wasix4j.cli.packages;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a damaged or hostile file from front to back: every length is held against what is left
 * before anything is taken. Positions in messages count from the start of the file.
 */
final class ByteScanner {

    private static final int LONGEST_LEB = 10;

    private final ByteBuffer bytes;
    private final int base;
    private final String what;

    /**
     * A reader.
     *
     * @param bytes what is read, from its position to its limit
     * @param base where the first byte stands in the file
     * @param what what is read, for messages
     */
    ByteScanner(ByteBuffer bytes, int base, String what) {
        this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.base = base;
        this.what = what;
    }

    boolean isEmpty() {
        return !bytes.hasRemaining();
    }

    /** How many bytes are left. */
    int remaining() {
        return bytes.remaining();
    }

    /** Where the next byte stands in the file. */
    int position() {
        return base + bytes.position();
    }

    PackageException damaged(String how) {
        return new PackageException("damaged: " + what + ", at byte " + position() + ": " + how);
    }

    private void require(long count) throws PackageException {
        if (count < 0 || count > bytes.remaining()) {
            throw damaged(
                    "it claims "
                            + Long.toUnsignedString(count)
                            + " bytes, and "
                            + bytes.remaining()
                            + " are left");
        }
    }

    int u8() throws PackageException {
        require(1);
        return bytes.get() & 0xff;
    }

    /** A number of 64 bits; one that does not fit is more than any file has. */
    long u64() throws PackageException {
        require(8);
        return bytes.getLong();
    }

    /** A number in LEB128. */
    long leb128() throws PackageException {
        long value = 0;
        for (int i = 0; i < LONGEST_LEB; i++) {
            int next = u8();
            value |= (long) (next & 0x7f) << 7 * i;
            if (next < 0x80) {
                return value;
            }
        }
        throw damaged("a number has no end");
    }

    byte[] array(int count) throws PackageException {
        require(count);
        byte[] array = new byte[count];
        bytes.get(array);
        return array;
    }

    void skip(int count) throws PackageException {
        require(count);
        bytes.position(bytes.position() + count);
    }

    /** The next bytes, as a view. */
    ByteBuffer take(long count) throws PackageException {
        require(count);
        ByteBuffer view = bytes.slice(bytes.position(), (int) count);
        bytes.position(bytes.position() + (int) count);
        return view;
    }

    /** All that is left, as a view; nothing is taken. */
    ByteBuffer rest() {
        return bytes.slice();
    }

    /** The next bytes, as a reader. */
    ByteScanner part(long count, String name) throws PackageException {
        int start = position();
        return new ByteScanner(take(count), start, name);
    }

    /** A text in UTF-8. */
    String text(long count) throws PackageException {
        ByteBuffer view = take(count);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(view).toString();
        } catch (CharacterCodingException e) {
            throw damaged("a name is not UTF-8");
        }
    }

    /** The bytes between two offsets from the start of what is read, as a view. */
    ByteBuffer range(long start, long end) throws PackageException {
        if (start < 0 || end < start || end > bytes.limit()) {
            throw damaged(
                    "a file from "
                            + Long.toUnsignedString(start)
                            + " to "
                            + Long.toUnsignedString(end)
                            + " is not inside the "
                            + bytes.limit()
                            + " bytes of data");
        }
        return bytes.slice((int) start, (int) (end - start));
    }

    /** A reader that starts at an offset from the start of what is read. */
    ByteScanner at(long offset) throws PackageException {
        if (offset < 0 || offset > bytes.limit()) {
            throw damaged("the offset " + Long.toUnsignedString(offset) + " is outside");
        }
        ByteBuffer rest = bytes.duplicate().position((int) offset).limit(bytes.limit());
        return new ByteScanner(rest, base + (int) offset, what);
    }
}
