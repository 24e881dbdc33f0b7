package org.wasix4j.runtime;

import com.dylibso.chicory.wasm.WasmWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Shared libraries that are made byte by byte, as no tool would make them. */
final class LibraryBytes {

    static final int MEMORY_AND_TABLE = 1;
    static final int NEEDED = 2;
    static final int RUNTIME_PATH = 5;
    static final int CUSTOM = 0;
    static final int TYPES = 1;
    static final int IMPORTS = 2;
    static final int FUNCTIONS = 3;
    static final int EXPORTS = 7;
    static final int START = 8;
    static final int ELEMENTS = 9;
    static final int CODE = 10;
    static final int DATA = 11;

    private LibraryBytes() {}

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] number(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WasmWriter.writeVarUInt32(out, (int) value);
        return out.toByteArray();
    }

    static byte[] name(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return join(number(text.length), text);
    }

    static byte[] section(int id, byte[]... contents) {
        byte[] all = join(contents);
        return join(bytes(id), number(all.length), all);
    }

    static byte[] module(byte[]... sections) {
        return join(bytes(0, 'a', 's', 'm', 1, 0, 0, 0), join(sections));
    }

    static byte[] dylink(byte[]... parts) {
        return section(CUSTOM, name("dylink.0"), join(parts));
    }

    static byte[] needs(long memory, long memoryPower, long table, long tablePower) {
        return section(
                MEMORY_AND_TABLE,
                number(memory),
                number(memoryPower),
                number(table),
                number(tablePower));
    }

    static byte[] memoryImport() {
        return join(name("env"), name("memory"), bytes(2, 3, 0), number(65536));
    }

    static byte[] tableImport() {
        return join(name("env"), name("__indirect_function_table"), bytes(1, 0x70, 0, 0));
    }

    static byte[] globalImport(String module, String name, boolean mutable) {
        return join(name(module), name(name), bytes(3, 0x7f, mutable ? 1 : 0));
    }

    static byte[] functionImport(String name, int type) {
        return join(name("env"), name(name), bytes(0, type));
    }

    static byte[] neededPart(String... names) {
        return part(NEEDED, names);
    }

    static byte[] runtimePathPart(String... folders) {
        return part(RUNTIME_PATH, folders);
    }

    private static byte[] part(int id, String... names) {
        byte[] all = number(names.length);
        for (String each : names) {
            all = join(all, name(each));
        }
        return section(id, all);
    }

    static byte[] body(byte[]... instructions) {
        byte[] code = join(bytes(0), join(instructions), bytes(0x0b));
        return join(number(code.length), code);
    }
}
