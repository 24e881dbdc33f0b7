package org.wasix4j.deep;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a module that makes some host calls near the top of its stack, and then one more at the
 * bottom of a recursion. Its export {@code run} takes the number of levels; a negative number
 * recurses as deep without the last call.
 */
final class DeepModule {

    private static final int I32 = 0x7f;
    private static final int I64 = 0x7e;
    private static final int LOCAL_GET = 0x20;
    private static final int CALL = 0x10;

    private final Map<HostFunction, Integer> imports = new LinkedHashMap<>();
    private final List<byte[]> types = new ArrayList<>();

    private DeepModule() {}

    /**
     * The binary.
     *
     * @param before calls of the first function, their results are dropped
     * @param last the call at the bottom
     * @param bottom instructions in place of {@code last}, when that is null; they leave nothing
     * @param memory the size in pages, or -1 for no memory
     */
    static byte[] of(List<DeepCall> before, DeepCall last, byte[] bottom, int memory) {
        return new DeepModule().build(before, last, bottom, memory);
    }

    private byte[] build(List<DeepCall> before, DeepCall last, byte[] bottom, int memory) {
        for (DeepCall call : before) {
            imports.putIfAbsent(call.function(), imports.size());
        }
        if (last != null) {
            imports.putIfAbsent(last.function(), imports.size());
        }
        ByteArrayOutputStream importSection = new ByteArrayOutputStream();
        number(importSection, imports.size());
        for (HostFunction function : imports.keySet()) {
            name(importSection, function.module());
            name(importSection, function.name());
            importSection.write(0);
            number(importSection, type(function.parameters(), function.result()));
        }
        int run = imports.size();
        int descend = run + 1;
        int recursive = type("i", "i");
        int whole = type("i", "i");
        int empty = type("", "");

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        ByteArrayOutputStream typeSection = new ByteArrayOutputStream();
        number(typeSection, types.size());
        types.forEach(typeSection::writeBytes);
        section(out, 1, typeSection);
        section(out, 2, importSection);
        ByteArrayOutputStream functions = new ByteArrayOutputStream();
        functions.writeBytes(new byte[] {2, (byte) whole, (byte) recursive});
        section(out, 3, functions);
        // a table that grows, for the instructions that have to do with one
        ByteArrayOutputStream tables = new ByteArrayOutputStream();
        tables.writeBytes(new byte[] {1, 0x70, 1, 4, (byte) 0x80, 1});
        section(out, 4, tables);
        if (memory >= 0) {
            ByteArrayOutputStream memories = new ByteArrayOutputStream();
            memories.writeBytes(new byte[] {1, 1});
            number(memories, memory);
            number(memories, Math.max(memory, 4) * 2L);
            section(out, 5, memories);
        }
        ByteArrayOutputStream tags = new ByteArrayOutputStream();
        tags.writeBytes(new byte[] {1, 0});
        number(tags, empty);
        section(out, 13, tags);
        ByteArrayOutputStream exports = new ByteArrayOutputStream();
        number(exports, memory >= 0 ? 2 : 1);
        name(exports, "run");
        exports.write(0);
        number(exports, run);
        if (memory >= 0) {
            name(exports, "memory");
            exports.writeBytes(new byte[] {2, 0});
        }
        section(out, 7, exports);
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        number(code, 2);
        body(code, first(before, descend));
        body(code, descend(last, bottom, descend));
        section(out, 10, code);
        if (memory > 0) {
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            data.writeBytes(new byte[] {1, 0, 0x41, 0, 0x0b});
            number(data, DeepData.IMAGE.length);
            data.writeBytes(DeepData.IMAGE);
            section(out, 11, data);
        }
        return out.toByteArray();
    }

    private byte[] first(List<DeepCall> before, int descend) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        // who only recurses has nothing to prepare
        code.writeBytes(new byte[] {LOCAL_GET, 0, 0x41, 0, 0x4e, 0x04, 0x40});
        for (DeepCall call : before) {
            call(code, call);
            if (!call.function().result().isEmpty()) {
                code.write(0x1a);
            }
        }
        code.write(0x0b);
        code.writeBytes(new byte[] {LOCAL_GET, 0, CALL});
        number(code, descend);
        return code.toByteArray();
    }

    private byte[] descend(DeepCall last, byte[] bottom, int descend) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        // n == 0: the call
        code.writeBytes(new byte[] {LOCAL_GET, 0, 0x45, 0x04, 0x40});
        if (last != null) {
            call(code, last);
            code.writeBytes(
                    last.function().result().isEmpty()
                            ? new byte[] {0x41, 0, 0x0f}
                            : last.function().result().equals("I")
                                    ? new byte[] {(byte) 0xa7, 0x0f}
                                    : new byte[] {0x0f});
        } else {
            code.writeBytes(bottom);
            code.writeBytes(new byte[] {0x41, 0, 0x0f});
        }
        code.write(0x0b);
        // n == -1: back without it
        code.writeBytes(new byte[] {LOCAL_GET, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x41, 0, 0x0f});
        code.write(0x0b);
        // one step nearer to the end
        code.writeBytes(new byte[] {LOCAL_GET, 0, 0x41, 0x7f, 0x41, 1});
        code.writeBytes(new byte[] {LOCAL_GET, 0, 0x41, 0, 0x48, 0x1b, 0x6b});
        code.write(CALL);
        number(code, descend);
        // the level has something to do after the call, so it needs its frame
        code.writeBytes(new byte[] {0x41, 0, 0x6a});
        return code.toByteArray();
    }

    private void call(ByteArrayOutputStream code, DeepCall call) {
        for (int i = 0; i < call.arguments().length; i++) {
            long argument = call.arguments()[i];
            if (call.isLoaded(i)) {
                code.write(0x41);
                signed(code, argument);
                code.writeBytes(new byte[] {0x28, 2, 0});
            } else {
                code.write(call.function().parameters().charAt(i) == 'i' ? 0x41 : 0x42);
                signed(code, argument);
            }
        }
        code.write(CALL);
        number(code, imports.get(call.function()));
    }

    private int type(String parameters, String results) {
        ByteArrayOutputStream type = new ByteArrayOutputStream();
        type.write(0x60);
        values(type, parameters);
        values(type, results);
        byte[] bytes = type.toByteArray();
        for (int i = 0; i < types.size(); i++) {
            if (java.util.Arrays.equals(types.get(i), bytes)) {
                return i;
            }
        }
        types.add(bytes);
        return types.size() - 1;
    }

    private static void values(ByteArrayOutputStream type, String letters) {
        number(type, letters.length());
        letters.chars().forEach(letter -> type.write(letter == 'i' ? I32 : I64));
    }

    private static void body(ByteArrayOutputStream code, byte[] instructions) {
        number(code, instructions.length + 2L);
        code.write(0);
        code.writeBytes(instructions);
        code.write(0x0b);
    }

    private static void section(ByteArrayOutputStream out, int id, ByteArrayOutputStream body) {
        out.write(id);
        number(out, body.size());
        out.writeBytes(body.toByteArray());
    }

    private static void name(ByteArrayOutputStream out, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        number(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void number(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest > 0x7f) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void signed(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>= 7;
        }
        out.write((int) (rest & 0x7f));
    }
}
