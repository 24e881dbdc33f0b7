package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CustomSection;
import com.dylibso.chicory.wasm.types.UnknownCustomSection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.types.Nullable;

/**
 * The custom section {@code dylink.0}: what a position-independent module needs of the program that
 * it becomes a part of.
 *
 * <p>Source: WebAssembly tool conventions, DynamicLinking.md.
 *
 * @param memorySize bytes of memory for its data
 * @param memoryAlignment of that, a power of two
 * @param tableSize entries of the table for its functions
 * @param tableAlignment of these, a power of two
 * @param needed the libraries that it needs, by the names it has for them
 * @param runtimePath folders in which these are looked for; may contain {@code $ORIGIN}
 * @param exports flags of exported symbols; most symbols have none
 * @param imports flags of imported symbols, by module and name with a space between
 */
record DylinkSection(
        long memorySize,
        int memoryAlignment,
        long tableSize,
        int tableAlignment,
        List<String> needed,
        List<String> runtimePath,
        Map<String, Integer> exports,
        Map<String, Integer> imports) {

    static final String NAME = "dylink.0";

    /** The symbol is thread-local: its address is relative to where a thread has its own. */
    static final int THREAD_LOCAL = 0x100;

    private static final int WEAK = 0x1;

    private static final int MEMORY_AND_TABLE = 1;
    private static final int NEEDED = 2;
    private static final int EXPORTS = 3;
    private static final int IMPORTS = 4;
    private static final int RUNTIME_PATH = 5;

    /** An alignment of more than a page is none. */
    private static final int MOST_ALIGNMENT = 16;

    /** A module that is not position-independent. */
    static final DylinkSection NONE =
            new DylinkSection(0, 1, 0, 1, List.of(), List.of(), Map.of(), Map.of());

    /**
     * The section of a module.
     *
     * @return null when it has none
     * @throws ModuleException when it is damaged
     */
    static @Nullable DylinkSection of(WasmModule module) {
        CustomSection section = module.customSection(NAME);
        return section instanceof UnknownCustomSection raw ? parse(raw.bytes()) : null;
    }

    /** Reads the contents of a section. */
    static DylinkSection parse(byte[] bytes) {
        return new Reader(bytes).read();
    }

    /**
     * Whether a program can do without an imported symbol. wasm-ld has the flags of an address
     * under {@code env}, too.
     */
    boolean isWeakImport(String module, String name) {
        int own = imports.getOrDefault(module + ' ' + name, 0);
        return ((own | imports.getOrDefault("env " + name, 0)) & WEAK) != 0;
    }

    /** Whether an exported symbol is thread-local. */
    boolean isThreadLocal(String name) {
        return (exports.getOrDefault(name, 0) & THREAD_LOCAL) != 0;
    }

    private static final class Reader {

        private final byte[] bytes;
        private int at;

        private long memorySize;
        private int memoryAlignment = 1;
        private long tableSize;
        private int tableAlignment = 1;
        private final List<String> needed = new ArrayList<>();
        private final List<String> runtimePath = new ArrayList<>();
        private final Map<String, Integer> exports = new HashMap<>();
        private final Map<String, Integer> imports = new HashMap<>();

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        DylinkSection read() {
            while (at < bytes.length) {
                int kind = bytes[at++];
                long length = number();
                if (length > bytes.length - at) {
                    throw damaged();
                }
                int end = at + (int) length;
                readPart(kind, end);
                if (at != end) {
                    throw damaged();
                }
            }
            return new DylinkSection(
                    memorySize,
                    memoryAlignment,
                    tableSize,
                    tableAlignment,
                    List.copyOf(needed),
                    List.copyOf(runtimePath),
                    Map.copyOf(exports),
                    Map.copyOf(imports));
        }

        private void readPart(int kind, int end) {
            switch (kind) {
                case MEMORY_AND_TABLE -> {
                    memorySize = number();
                    memoryAlignment = alignment();
                    tableSize = number();
                    tableAlignment = alignment();
                }
                case NEEDED -> names(needed, end);
                case RUNTIME_PATH -> names(runtimePath, end);
                case EXPORTS -> {
                    for (long left = number(); left > 0; left--) {
                        exports.put(name(end), (int) number());
                    }
                }
                case IMPORTS -> {
                    for (long left = number(); left > 0; left--) {
                        imports.put(name(end) + ' ' + name(end), (int) number());
                    }
                }
                // newer than this reader, and not needed for what it knows
                default -> at = end;
            }
        }

        private void names(List<String> into, int end) {
            for (long left = number(); left > 0; left--) {
                into.add(name(end));
            }
        }

        private String name(int end) {
            long length = number();
            if (length > end - at) {
                throw damaged();
            }
            String name = new String(bytes, at, (int) length, StandardCharsets.UTF_8);
            at += (int) length;
            return name;
        }

        private int alignment() {
            long power = number();
            if (power > MOST_ALIGNMENT) {
                throw damaged();
            }
            return 1 << power;
        }

        /** An unsigned LEB128 of 32 bits. */
        private long number() {
            long value = 0;
            for (int shift = 0; shift < 35; shift += 7) {
                if (at >= bytes.length) {
                    throw damaged();
                }
                int next = bytes[at++];
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    if (value > 0xffffffffL) {
                        throw damaged();
                    }
                    return value;
                }
            }
            throw damaged();
        }

        private ModuleException damaged() {
            return new ModuleException(
                    "its section " + NAME + " is damaged at byte " + Math.min(at, bytes.length));
        }
    }
}
