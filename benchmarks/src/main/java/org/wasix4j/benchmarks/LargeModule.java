package org.wasix4j.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A large module, made of a small one: its functions are there many times, the copies are called by
 * none. So the large module does what the small one does, and its code is as a C compiler writes
 * it. The same small module and size give the same bytes.
 */
final class LargeModule {

    private static final int HEADER = 8;
    private static final int FUNCTIONS = 3;
    private static final int CODE = 10;

    private LargeModule() {}

    /**
     * Makes the module.
     *
     * @param size in bytes, about; the copies are whole
     */
    static Path make(Path small, int size, Path folder) {
        Path large = folder.resolve("large-" + size + "-" + small.getFileName());
        try {
            Files.write(large, enlarge(Files.readAllBytes(small), size));
            return large;
        } catch (IOException e) {
            throw new BenchmarkException("cannot make " + large + ": " + e.getMessage(), e);
        }
    }

    /** A vector of a section: how many, and the bytes of all of them. */
    private record Vector(int count, byte[] items) {}

    private static byte[] enlarge(byte[] module, int size) {
        Vector functions = null;
        Vector code = null;
        ByteBuffer in = ByteBuffer.wrap(module).position(HEADER);
        while (in.hasRemaining()) {
            int id = in.get();
            byte[] content = content(in);
            if (id == FUNCTIONS) {
                functions = vector(content);
            } else if (id == CODE) {
                code = vector(content);
            }
        }
        if (functions == null || code == null || code.items().length == 0) {
            throw new BenchmarkException("a module without functions");
        }
        int times = 1 + Math.max(0, size - module.length) / code.items().length;
        ByteArrayOutputStream out = new ByteArrayOutputStream(size + size / 8);
        out.write(module, 0, HEADER);
        in.position(HEADER);
        while (in.hasRemaining()) {
            int id = in.get();
            byte[] content = content(in);
            out.write(id);
            byte[] written =
                    switch (id) {
                        case FUNCTIONS -> repeat(functions, times);
                        case CODE -> repeat(code, times);
                        default -> content;
                    };
            writeNumber(out, written.length);
            out.writeBytes(written);
        }
        return out.toByteArray();
    }

    private static byte[] content(ByteBuffer in) {
        byte[] content = new byte[readNumber(in)];
        in.get(content);
        return content;
    }

    private static Vector vector(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content);
        int count = readNumber(in);
        byte[] items = new byte[in.remaining()];
        in.get(items);
        return new Vector(count, items);
    }

    private static byte[] repeat(Vector vector, int times) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writeNumber(out, vector.count() * times);
        for (int i = 0; i < times; i++) {
            out.writeBytes(vector.items());
        }
        return out.toByteArray();
    }

    /** LEB128, unsigned. */
    private static int readNumber(ByteBuffer in) {
        int number = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            number |= (next & 0x7f) << shift;
            if (next >= 0) {
                return number;
            }
        }
    }

    private static void writeNumber(ByteArrayOutputStream out, int number) {
        int left = number;
        while (left >= 0x80) {
            out.write(left & 0x7f | 0x80);
            left >>>= 7;
        }
        out.write(left);
    }
}
