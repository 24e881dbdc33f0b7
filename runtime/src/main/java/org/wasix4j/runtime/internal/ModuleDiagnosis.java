package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.WasmEncoding;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out why a binary cannot be parsed or compiled: what of WebAssembly it uses that the engine
 * lacks, by name and with the function that uses it, or that it is cut short. The engine's own
 * message names a byte. Only asked after a failure.
 */
final class ModuleDiagnosis {

    private static final int CUSTOM = 0;
    private static final int IMPORT = 2;
    private static final int MEMORY = 5;
    private static final int CODE = 10;

    private final byte[] wasm;
    private final Map<String, String> findings = new LinkedHashMap<>();
    private final Map<Integer, String> names = new HashMap<>();
    private int position = 8;
    private int importedFunctions;
    private int codeStart = -1;

    private ModuleDiagnosis(byte[] wasm) {
        this.wasm = wasm;
    }

    /** The reasons as one clause, or null when none was found. */
    static String of(byte[] wasm) {
        List<String> all = all(wasm);
        return all.isEmpty() ? null : String.join("; ", all);
    }

    /** The reasons, each as a clause; none when none was found. */
    static List<String> all(byte[] wasm) {
        ModuleDiagnosis diagnosis = new ModuleDiagnosis(wasm);
        try {
            String damage = diagnosis.sections();
            if (damage != null) {
                return List.of(damage);
            }
            if (diagnosis.codeStart >= 0) {
                diagnosis.position = diagnosis.codeStart;
                diagnosis.functions();
            }
        } catch (IndexOutOfBoundsException e) {
            // damaged inside a section: what was found so far may still be the reason
        }
        return List.copyOf(diagnosis.findings.values());
    }

    private void find(String feature, String clause) {
        findings.putIfAbsent(feature, clause);
    }

    private String sections() {
        while (position < wasm.length) {
            int id = wasm[position++];
            long size = Integer.toUnsignedLong(varUint());
            int start = position;
            if (start + size > wasm.length) {
                return "it is truncated: section "
                        + id
                        + " should have "
                        + size
                        + " bytes, there are "
                        + (wasm.length - start);
            }
            int end = start + (int) size;
            switch (id) {
                case CUSTOM -> custom(end);
                case IMPORT -> imports();
                case MEMORY -> {
                    for (int left = varUint(); left > 0; left--) {
                        memoryLimits();
                    }
                }
                case CODE -> codeStart = start;
                default -> {
                    // says nothing about features
                }
            }
            position = end;
        }
        return null;
    }

    private void custom(int end) {
        if (!name().equals("name")) {
            return;
        }
        while (position < end) {
            int id = wasm[position++];
            int next = varUint() + position;
            if (id == 1) {
                for (int left = varUint(); left > 0; left--) {
                    names.put(varUint(), name());
                }
            }
            position = next;
        }
    }

    private void imports() {
        for (int left = varUint(); left > 0; left--) {
            name();
            name();
            switch (wasm[position++]) {
                case 0 -> {
                    varUint();
                    importedFunctions++;
                }
                case 1 -> {
                    position++;
                    limits();
                }
                case 2 -> memoryLimits();
                case 3 -> position += 2;
                default -> {
                    position++;
                    varUint();
                }
            }
        }
    }

    private void memoryLimits() {
        if ((wasm[position] & 4) != 0) {
            find("memory64", "it has a 64-bit memory (memory64), which the engine lacks");
        }
        limits();
    }

    private void limits() {
        int flags = wasm[position++];
        skipVar();
        if ((flags & 1) != 0) {
            skipVar();
        }
    }

    private void functions() {
        int count = varUint();
        for (int i = 0; i < count; i++) {
            int size = varUint();
            int end = position + size;
            function(importedFunctions + i, end);
            position = end;
        }
    }

    private void function(int index, int end) {
        for (int left = varUint(); left > 0; left--) {
            varUint();
            if (wasm[position] == 0x7b) {
                simd(index);
                return;
            }
            skipValueType();
        }
        while (position < end) {
            int code = wasm[position++] & 0xff;
            if (code == 0xfd) {
                simd(index);
                return;
            }
            if (code >= 0xfb) {
                code = (code << 8) + varUint();
            }
            OpCode opcode = code < 0 || code >= 0xff00 ? null : OpCode.byOpCode(code);
            if (opcode == null) {
                unknown(index, code);
                return;
            }
            for (WasmEncoding operand : OpCode.signature(opcode)) {
                skip(operand);
            }
        }
    }

    private void simd(int function) {
        find(
                "simd",
                describe(function)
                        + " uses SIMD (v128), which the engine lacks: build without -msimd128");
    }

    private void unknown(int function, int code) {
        switch (code) {
            case 0x06, 0x07, 0x09, 0x18, 0x19 ->
                    find(
                            "exceptions",
                            describe(function)
                                    + " uses legacy exceptions (try/catch), which the engine"
                                    + " lacks: build with the standard ones (exnref)");
            default ->
                    find(
                            "unknown",
                            describe(function)
                                    + " uses an instruction that the engine does not know, 0x"
                                    + Integer.toHexString(code));
        }
    }

    private String describe(int function) {
        return describe(function, names.get(function));
    }

    /** How a function is called in messages. */
    static String describe(int index, String name) {
        return name == null ? "function " + index : "function " + index + " (" + name + ")";
    }

    private void skip(WasmEncoding operand) {
        switch (operand) {
            case VARUINT, VARSINT32, VARSINT64 -> skipVar();
            case FLOAT32 -> position += 4;
            case FLOAT64 -> position += 8;
            case BYTE -> position++;
            case V128 -> position += 16;
            case VEC_VARUINT -> {
                for (int left = varUint(); left > 0; left--) {
                    skipVar();
                }
            }
            case VEC_CATCH -> {
                for (int left = varUint(); left > 0; left--) {
                    if (wasm[position++] < 2) {
                        skipVar();
                    }
                    skipVar();
                }
            }
            case BLOCK_TYPE -> skipValueType();
            case VEC_VALUE_TYPE -> {
                for (int left = varUint(); left > 0; left--) {
                    skipValueType();
                }
            }
            case MEMARG -> {
                if (varUint() >> 6 != 0) {
                    skipVar();
                }
                skipVar();
            }
        }
    }

    /** A value type, or a block type: a number, and for references to a type another one. */
    private void skipValueType() {
        int code = wasm[position] & 0xff;
        skipVar();
        if (code == 0x63 || code == 0x64) {
            skipVar();
        }
    }

    private void skipVar() {
        while (wasm[position++] < 0) {
            // the high bit says that another byte follows
        }
    }

    private int varUint() {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = wasm[position++];
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private String name() {
        int length = varUint();
        String name = new String(wasm, position, length, StandardCharsets.UTF_8);
        position += length;
        return name;
    }

    /** What the first bytes of something else than a module are, as a clause; null for a module. */
    static String ofStart(byte[] wasm) {
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
