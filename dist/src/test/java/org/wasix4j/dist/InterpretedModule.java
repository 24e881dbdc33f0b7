package org.wasix4j.dist;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A module with a function that cannot be compiled, because no Java method takes so much code. */
final class InterpretedModule {

    private static final int TERMS = 20_000;

    private InterpretedModule() {}

    /** Writes it to a file, and answers the file. */
    static String write(Path folder) throws IOException {
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        // the types () -> () and (i32) -> (), a function of each, and a memory
        section(module, 1, new byte[] {2, 0x60, 0, 0, 0x60, 1, 0x7f, 0});
        section(module, 3, new byte[] {2, 0, 1});
        section(module, 5, new byte[] {1, 0, 1});
        section(module, 7, exports());
        section(module, 10, code());
        return Files.write(folder.resolve("interpreted.wasm"), module.toByteArray()).toString();
    }

    private static byte[] exports() {
        ByteArrayOutputStream exports = new ByteArrayOutputStream();
        exports.write(2);
        sized(exports, "_start".getBytes(StandardCharsets.UTF_8));
        exports.writeBytes(new byte[] {0, 0});
        sized(exports, "memory".getBytes(StandardCharsets.UTF_8));
        exports.writeBytes(new byte[] {2, 0});
        return exports.toByteArray();
    }

    /**
     * {@code _start} calls the other function with 50, which computes one long formula so often.
     */
    private static byte[] code() {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.write(2);
        sized(code, new byte[] {0, 0x41, 50, 0x10, 1, 0x0b});
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        // no locals; loop; local.get 0
        body.writeBytes(new byte[] {0, 0x03, 0x40, 0x20, 0});
        for (int i = 0; i < TERMS; i++) {
            // i32.const of three bytes, i32.xor
            int low = i & 0x7f | 0x80;
            int middle = i >> 7 & 0x7f | 0x80;
            body.writeBytes(new byte[] {0x41, (byte) low, (byte) middle, 1, 0x73});
        }
        // drop; local.get 0; i32.const 1; i32.sub; local.tee 0; br_if 0; end; end
        body.writeBytes(new byte[] {0x1a, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b});
        sized(code, body.toByteArray());
        return code.toByteArray();
    }

    private static void section(ByteArrayOutputStream out, int id, byte[] content) {
        out.write(id);
        sized(out, content);
    }

    /** Content after its size, which is an unsigned LEB128 number. */
    private static void sized(ByteArrayOutputStream out, byte[] content) {
        int rest = content.length;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>= 7;
        }
        out.write(rest);
        out.writeBytes(content);
    }
}
