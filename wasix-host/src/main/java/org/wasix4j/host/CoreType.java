package org.wasix4j.host;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import org.wasix4j.types.Nullable;

/** The WebAssembly type of a function, written as letters: {@code iiI:i}, i for i32, I for i64. */
final class CoreType {

    private CoreType() {}

    static FunctionType parse(String letters) {
        int colon = letters.indexOf(':');
        return FunctionType.of(
                values(letters.substring(0, colon)), values(letters.substring(colon + 1)));
    }

    /** The letters of a type, or null when it has a value that is neither i32 nor i64. */
    static @Nullable String format(FunctionType type) {
        StringBuilder letters = new StringBuilder();
        return append(letters, type.params()) && append(letters.append(':'), type.returns())
                ? letters.toString()
                : null;
    }

    private static boolean append(StringBuilder letters, List<ValType> types) {
        for (ValType type : types) {
            if (type.equals(ValType.I32)) {
                letters.append('i');
            } else if (type.equals(ValType.I64)) {
                letters.append('I');
            } else {
                return false;
            }
        }
        return true;
    }

    private static List<ValType> values(String letters) {
        return letters.chars().mapToObj(c -> c == 'I' ? ValType.I64 : ValType.I32).toList();
    }
}
