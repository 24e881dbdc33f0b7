package org.wasix4j.runtime.internal.lowering;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the binary format into memory; each method answers the writer itself. */
public final class BinaryWriter {

    private byte[] bytes;
    private int size;

    /** An empty one. */
    public BinaryWriter() {
        this(256);
    }

    /** An empty one that is expected to become so large. */
    public BinaryWriter(int expected) {
        bytes = new byte[Math.max(16, expected)];
    }

    /** How many bytes were written. */
    public int size() {
        return size;
    }

    /** What was written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Forgets what was written. */
    public BinaryWriter clear() {
        size = 0;
        return this;
    }

    private void reserve(int count) {
        if (count > bytes.length - size) {
            long wanted = Math.max((long) size + count, bytes.length * 2L);
            if ((long) size + count > Integer.MAX_VALUE - 16) {
                throw new UnsupportedException("it would have more than 2 GB when rewritten");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
        }
    }

    /** A byte. */
    public BinaryWriter u8(int value) {
        if (size == bytes.length) {
            reserve(1);
        }
        bytes[size++] = (byte) value;
        return this;
    }

    /** Part of an array. */
    public BinaryWriter raw(byte[] source, int from, int to) {
        reserve(to - from);
        System.arraycopy(source, from, bytes, size, to - from);
        size += to - from;
        return this;
    }

    /** What another one has. */
    public BinaryWriter raw(BinaryWriter other) {
        return raw(other.bytes, 0, other.size);
    }

    /** A piece of what another one has. */
    public BinaryWriter raw(BinaryWriter other, int from, int to) {
        return raw(other.bytes, from, to);
    }

    /** What another one has, with the number of its bytes in front. */
    public BinaryWriter sized(BinaryWriter other) {
        return u32(other.size).raw(other);
    }

    /** An unsigned number of 32 bits. */
    public BinaryWriter u32(int value) {
        return u64(Integer.toUnsignedLong(value));
    }

    /** An unsigned number. */
    public BinaryWriter u64(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            u8((int) left & 0x7f | 0x80);
            left >>>= 7;
        }
        return u8((int) left);
    }

    /** A signed number. */
    public BinaryWriter signed(long value) {
        long left = value;
        while (left >= 0x40 || left < -0x40) {
            u8((int) left & 0x7f | 0x80);
            left >>= 7;
        }
        return u8((int) left & 0x7f);
    }

    /** A name: its length and its UTF-8 bytes. */
    public BinaryWriter name(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return u32(utf8.length).raw(utf8, 0, utf8.length);
    }

    /** A section. */
    public BinaryWriter section(int id, BinaryWriter contents) {
        return u8(id).sized(contents);
    }
}
