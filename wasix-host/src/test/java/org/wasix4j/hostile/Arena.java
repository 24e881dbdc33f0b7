package org.wasix4j.hostile;

import com.dylibso.chicory.runtime.Memory;
import java.nio.charset.StandardCharsets;
import org.wasix4j.host.HostHarness;

/**
 * The part of a guest's memory into which one of its threads writes what its pointers point to.
 * What is handed out is filled with {@code 0xEE}, and given back all at once.
 */
final class Arena {

    private final Memory memory;
    private final int start;
    private final int end;
    private int top;

    Arena(HostHarness guest, int start, int end) {
        this.memory = guest.memory();
        this.start = start;
        this.end = end;
        this.top = start;
    }

    /** Forgets everything that was handed out. */
    void reset() {
        top = start;
    }

    /** Memory, 16-byte aligned. */
    int alloc(int bytes) {
        int address = top;
        top += (bytes + 31) & ~15;
        if (top > end) {
            throw new AssertionError("the hostile guest is out of memory");
        }
        memory.fill((byte) 0xEE, address, address + bytes);
        return address;
    }

    int bytes(byte... bytes) {
        int address = alloc(Math.max(bytes.length, 1));
        memory.write(address, bytes);
        return address;
    }

    int string(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Numbers of 32 bits, one after the other. */
    int words(int... words) {
        int array = alloc(words.length * 4);
        for (int i = 0; i < words.length; i++) {
            memory.writeI32(array + i * 4, words[i]);
        }
        return array;
    }

    void write(int address, byte... bytes) {
        memory.write(address, bytes);
    }

    Arena i32(int address, int value) {
        memory.writeI32(address, value);
        return this;
    }

    Arena i64(int address, long value) {
        memory.writeLong(address, value);
        return this;
    }

    /** Everything in it, whatever has been handed out. */
    byte[] content() {
        return memory.readBytes(start, end - start);
    }
}
