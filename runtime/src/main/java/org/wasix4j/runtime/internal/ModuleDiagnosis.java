package org.wasix4j.runtime.internal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.wasix4j.runtime.internal.lowering.BinaryReader;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.MalformedException;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.Section;
import org.wasix4j.runtime.internal.lowering.UnsupportedException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * Finds out why a binary cannot run: what of WebAssembly it uses that nothing here knows, by name
 * and with the function that uses it, or where it is damaged. The engine's own message names a
 * byte. Only asked after a failure.
 */
final class ModuleDiagnosis {

    private static final int CUSTOM = 0;
    private static final int FUNCTION_NAMES = 1;

    private ModuleDiagnosis() {}

    /** The reason as a clause, or null when none was found. */
    static @Nullable String of(byte[] wasm) {
        List<String> all = all(wasm);
        return all.isEmpty() ? null : String.join("; ", all);
    }

    /** The reasons, each as a clause; none when none was found. */
    static List<String> all(byte[] wasm) {
        try {
            FunctionSurvey.of(ModuleRewriter.rewrite(wasm).wasm());
            return List.of();
        } catch (MalformedException e) {
            return List.of(e.getMessage());
        } catch (UnsupportedException e) {
            return List.of(clause(wasm, e));
        }
    }

    /** What there is to say of a module that cannot be rewritten. */
    static @Nullable String clause(byte[] wasm, UnsupportedException e) {
        return e.function() < 0
                ? e.getMessage()
                : describe(e.function(), nameOf(e.function(), wasm)) + " " + e.getMessage();
    }

    /** The name of a function in the section of names, or null. */
    static @Nullable String nameOf(int function, byte[] wasm) {
        try {
            for (Section section : Section.all(wasm)) {
                BinaryReader in = section.reader(wasm);
                if (section.id() == CUSTOM && in.name().equals("name")) {
                    return nameOf(function, in);
                }
            }
        } catch (MalformedException e) {
            // then it goes by its number
        }
        return null;
    }

    private static @Nullable String nameOf(int function, BinaryReader in) {
        while (in.hasMore()) {
            int id = in.u8();
            int size = in.count("bytes of names", 1);
            if (id != FUNCTION_NAMES) {
                in.skip(size);
                continue;
            }
            for (int left = in.count("names", 2); left > 0; left--) {
                if (in.u32() == function) {
                    return in.name();
                }
                in.skipName();
            }
            return null;
        }
        return null;
    }

    /** How a function is called in messages. */
    static String describe(int index, @Nullable String name) {
        return name == null
                ? "function " + index
                : "function " + index + " (" + Printable.foreign(name) + ")";
    }

    /** What the first bytes of something else than a module are, as a clause; null for a module. */
    static @Nullable String ofStart(byte[] wasm) {
        if (wasm.length == 0) {
            return "it is empty";
        }
        byte[] magic = {0, 'a', 's', 'm'};
        for (int i = 0; i < Math.min(4, wasm.length); i++) {
            if (wasm[i] != magic[i]) {
                String start =
                        new String(
                                wasm, 0, Math.min(wasm.length, 200), StandardCharsets.ISO_8859_1);
                return start.stripLeading().startsWith("(module")
                        ? "it is WebAssembly text: wat2wasm makes a binary of it"
                        : "it is not WebAssembly";
            }
        }
        if (wasm.length < 8) {
            return "it is truncated: the header has 8 bytes, there are " + wasm.length;
        }
        if (wasm[4] == 1 && wasm[5] == 0 && wasm[6] == 0 && wasm[7] == 0) {
            return null;
        }
        return wasm[6] == 1
                ? "it is a component, and a module is needed"
                : "its version of WebAssembly is unknown";
    }
}
