package org.wasix4j.abi;

import java.util.List;

/**
 * A list of strings as a C program wants it: an array of pointers, and the strings in a buffer with
 * a NUL behind each. Strings are bytes here, without NUL.
 */
public final class StringList {

    private final List<byte[]> strings;

    /** A list of strings without their NULs. */
    public StringList(List<byte[]> strings) {
        this.strings = strings;
    }

    private int bytes() {
        return strings.stream().mapToInt(string -> string.length + 1).sum();
    }

    /** Writes the number of strings and of bytes, a size each. */
    public void writeSizes(GuestMemory memory, int count, int bytes) {
        memory.check(count, 4);
        memory.check(bytes, 4);
        memory.writeI32(count, strings.size());
        memory.writeI32(bytes, bytes());
    }

    /** Writes the pointers and the strings; nothing when not everything fits into the memory. */
    public void write(GuestMemory memory, int pointers, int buffer) {
        memory.check(pointers, strings.size(), 4);
        memory.check(buffer, bytes());
        int at = buffer;
        for (int i = 0; i < strings.size(); i++) {
            byte[] string = strings.get(i);
            memory.writeI32(pointers + i * 4, at);
            memory.writeBytes(at, string);
            memory.writeU8(at + string.length, 0);
            at += string.length + 1;
        }
    }
}
