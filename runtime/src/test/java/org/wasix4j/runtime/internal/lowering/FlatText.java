package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Code from the names of its instructions and what follows each, with blanks between. A block's
 * type is {@code -}, a value type or the number of a type; several labels are joined by commas, the
 * default last; a try has clauses like {@code catch:tag:label,catch_all:label}, or {@code -}.
 */
public final class FlatText {

    private FlatText() {}

    /** A function of the module: locals and code, whose last {@code end} is added. */
    public static BinaryWriter function(String locals, String code) {
        int[] types = types(locals);
        BinaryWriter out = new BinaryWriter().u32(types.length);
        for (int type : types) {
            out.u32(1);
            ValueTypes.write(out, type);
        }
        Deque<String> words = new ArrayDeque<>(Arrays.asList(code.trim().split("\\s+")));
        while (!words.isEmpty()) {
            Instruction instruction = Instructions.named(words.pop());
            instruction.write(out);
            for (Immediate each : instruction.immediates()) {
                immediate(out, each, words);
            }
        }
        return out.u8(Instruction.END);
    }

    /** A function's type, as it stands in a section: {@code i32 i64 : f32}. */
    public static BinaryWriter type(String text) {
        int colon = text.indexOf(':');
        BinaryWriter out = new BinaryWriter().u8(0x60);
        for (String half : new String[] {text.substring(0, colon), text.substring(colon + 1)}) {
            int[] types = types(half);
            out.u32(types.length);
            for (int type : types) {
                ValueTypes.write(out, type);
            }
        }
        return out;
    }

    private static int[] types(String text) {
        return Arrays.stream(text.trim().split("\\s+"))
                .filter(name -> !name.isEmpty())
                .mapToInt(FlatText::valueType)
                .toArray();
    }

    private static int valueType(String name) {
        return switch (name) {
            case "i32" -> ValueTypes.I32;
            case "i64" -> ValueTypes.I64;
            case "f32" -> ValueTypes.F32;
            case "f64" -> ValueTypes.F64;
            case "v128" -> ValueTypes.V128;
            case "funcref" -> ValueTypes.FUNCREF;
            case "exnref" -> ValueTypes.EXNREF;
            case "ref.func" -> ValueTypes.nonNull(ValueTypes.FUNCREF);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static void immediate(BinaryWriter out, Immediate kind, Deque<String> words) {
        String word = words.pop();
        switch (kind) {
            case BLOCK_TYPE -> {
                if (word.equals("-")) {
                    out.u8(ValueTypes.EMPTY);
                } else if (Character.isDigit(word.charAt(0))) {
                    out.signed(Long.parseLong(word));
                } else {
                    ValueTypes.write(out, valueType(word));
                }
            }
            case LABELS -> {
                String[] labels = word.split(",");
                out.u32(labels.length - 1);
                for (String label : labels) {
                    out.u32(Integer.parseInt(label));
                }
            }
            case CATCHES -> {
                String[] clauses = word.equals("-") ? new String[0] : word.split(",");
                out.u32(clauses.length);
                for (String clause : clauses) {
                    clause(out, clause.split(":"));
                }
            }
            case I32, I64 -> out.signed(Long.parseLong(word));
            case MEMORY_ARGUMENT -> out.u32(0).u32(Integer.parseInt(word));
            default -> out.u32(Integer.parseInt(word));
        }
    }

    private static void clause(BinaryWriter out, String[] parts) {
        switch (parts[0]) {
            case "catch" -> out.u8(0);
            case "catch_ref" -> out.u8(1);
            case "catch_all" -> out.u8(2);
            case "catch_all_ref" -> out.u8(3);
            default -> throw new IllegalArgumentException(parts[0]);
        }
        for (int i = 1; i < parts.length; i++) {
            out.u32(Integer.parseInt(parts[i]));
        }
    }
}
