package org.wasix4j.runtime;

import com.dylibso.chicory.wasm.Parser;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.wasix4j.testmodules.TestModule;

/**
 * A module like a Go program of a real size, which has megabytes: the guest {@code
 * system/go-registers} with its large function so much longer, and so many times, that the host
 * divides each of them with its usual limits.
 */
final class LargeGoProgram {

    private static final int FUNCTIONS = 3;
    private static final int CODE = 10;
    private static final int HEADER = 8;

    /** How often the statements of the large function are there, 1.8 KB each time. */
    private static final int LONGER = 30;

    /** How many large functions there are. */
    private static final int MANY = 8;

    /** At the end of the function: {@code local.get 0}, end. */
    private static final byte[] RESULT = {0x20, 0, 0x0b};

    private LargeGoProgram() {}

    static byte[] bytes() {
        byte[] small = TestModule.resource("system/go-registers.wasm");
        ByteBuffer in = ByteBuffer.wrap(small).position(HEADER);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(small, 0, HEADER);
        while (in.hasRemaining()) {
            int id = in.get();
            byte[] section = bytes(in, number(in));
            byte[] changed =
                    id == FUNCTIONS
                            ? withTypes(section)
                            : id == CODE ? withCode(ByteBuffer.wrap(section)) : section;
            out.write(id);
            write(out, changed.length);
            out.writeBytes(changed);
        }
        byte[] large = out.toByteArray();
        Parser.parse(large);
        return large;
    }

    /** The types of the functions, the last one's more often. */
    private static byte[] withTypes(byte[] section) {
        byte[] more = Arrays.copyOf(section, section.length + MANY);
        Arrays.fill(more, section.length, more.length, section[section.length - 1]);
        more[0] += MANY;
        return more;
    }

    private static byte[] withCode(ByteBuffer section) {
        int count = number(section);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, count + MANY);
        byte[] body = {};
        for (int i = 0; i < count; i++) {
            body = bytes(section, number(section));
            write(out, body.length);
            out.writeBytes(body);
        }
        byte[] longer = longer(body);
        for (int i = 0; i < MANY; i++) {
            write(out, longer.length);
            out.writeBytes(longer);
        }
        return out.toByteArray();
    }

    /** A body, which has one group of locals, with its statements again and again. */
    private static byte[] longer(byte[] body) {
        int locals = 3;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(body, 0, locals);
        for (int i = 0; i < LONGER; i++) {
            out.write(body, locals, body.length - locals - RESULT.length);
        }
        out.writeBytes(RESULT);
        return out.toByteArray();
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** Reads an unsigned number of LEB128. */
    private static int number(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static void write(ByteArrayOutputStream out, int number) {
        int rest = number;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
