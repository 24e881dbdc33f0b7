package org.wasix4j.runtime.internal.lowering;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the binary format: bytes, LEB128 numbers, names. What lies outside of the part that it was
 * made for, or breaks the format, is a {@link MalformedException} that names the place.
 */
public final class BinaryReader {

    private final byte[] bytes;
    private final int end;
    private int position;

    /** Reads a part of an array. */
    public BinaryReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /** The bytes that it reads, all of them. */
    public byte[] bytes() {
        return bytes;
    }

    /** The offset of the next byte in the whole array. */
    public int position() {
        return position;
    }

    /** The offset behind the last byte. */
    public int end() {
        return end;
    }

    /** Goes to an offset, which is to be inside the part. */
    public void seek(int offset) {
        position = offset;
    }

    /** Whether there is more to read. */
    public boolean hasMore() {
        return position < end;
    }

    /** The next byte, 0 to 255. */
    public int u8() {
        if (position >= end) {
            throw cutShort();
        }
        return bytes[position++] & 0xff;
    }

    /** The next byte, which stays the next one. */
    public int peek() {
        if (position >= end) {
            throw cutShort();
        }
        return bytes[position] & 0xff;
    }

    /** An unsigned number of 32 bits, as an int. */
    public int u32() {
        int value = u8();
        if (value < 0x80) {
            return value;
        }
        value &= 0x7f;
        for (int shift = 7; shift < 35; shift += 7) {
            int next = u8();
            if (shift == 28 && next > 0xf) {
                break;
            }
            value |= (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw malformed("a number of more than 32 bits");
    }

    /**
     * The number of things that follow.
     *
     * @param what how they are called in a message
     * @param least how many bytes each of them takes at least
     */
    public int count(String what, int least) {
        int start = position;
        int count = u32();
        if (count < 0 || (long) count * least > end - position) {
            position = start;
            throw malformed(
                    Integer.toUnsignedLong(count)
                            + " "
                            + what
                            + " announced where "
                            + (end - start)
                            + " bytes are left");
        }
        return count;
    }

    /** An unsigned number of 64 bits, as a long. */
    public long u64() {
        return leb(64, false);
    }

    /** A signed number of 32 bits. */
    public int s32() {
        return (int) leb(32, true);
    }

    /** A signed number of 33 bits, of which the type of a block is one. */
    public long s33() {
        return leb(33, true);
    }

    /** A signed number of 64 bits. */
    public long s64() {
        return leb(64, true);
    }

    private long leb(int bits, boolean signed) {
        long value = 0;
        for (int shift = 0; shift < bits; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                int used = Math.min(64, shift + 7);
                return signed && used < 64 ? value << 64 - used >> 64 - used : value;
            }
        }
        throw malformed("a number of more than " + bits + " bits");
    }

    /** Skips a number of any kind. */
    public void skipLeb() {
        for (int i = 0; i < 10; i++) {
            if (u8() < 0x80) {
                return;
            }
        }
        throw malformed("a number of more than ten bytes");
    }

    /** Skips bytes. */
    public void skip(int count) {
        if (count < 0 || count > end - position) {
            throw cutShort();
        }
        position += count;
    }

    /** Eight bytes, the lowest first. */
    public long i64() {
        int at = position;
        skip(Long.BYTES);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
    }

    /** A name: its length and its UTF-8 bytes. */
    public String name() {
        int length = count("bytes of a name", 1);
        int at = position;
        skip(length);
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }

    /** Skips a name. */
    public void skipName() {
        skip(count("bytes of a name", 1));
    }

    /** A fault at the place that was read last. */
    public MalformedException malformed(String what) {
        return new MalformedException("it is damaged: " + what + ", at byte " + position);
    }

    /** The fault that there is nothing more to read. */
    MalformedException cutShort() {
        return malformed("it ends in the middle of an item");
    }
}
