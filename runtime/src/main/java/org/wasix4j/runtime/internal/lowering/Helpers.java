package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * The functions and types that a pass appends to a module. They come behind the module's own, so
 * that no number changes.
 */
final class Helpers {

    /** So many helpers there may be before none is made any more for a single place. */
    private static final int MOST = 1_000;

    private final int firstFunction;
    private final int firstType;
    private final List<byte[]> types = new ArrayList<>();
    private final Map<String, Integer> typeNumbers = new HashMap<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<Integer> functionTypes = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    Helpers(ModuleIndex module) {
        firstFunction = module.functionCount();
        firstType = module.typeCount();
    }

    /** What a helper is made of. */
    interface Body {

        /**
         * Writes it.
         *
         * @return its result
         */
        Value write(Scope scope);
    }

    /** The parameters and locals of a helper while it is written. */
    static final class Scope {

        private final BinaryWriter written = new BinaryWriter();
        private final BinaryWriter locals = new BinaryWriter();
        private final Code code = new Code(written);
        private int groups;
        private int next;

        private Scope(int parameters) {
            next = parameters;
        }

        /** A parameter. */
        Value parameter(int number) {
            return Value.local(number);
        }

        /** Keeps a value that is used more than once in a local. */
        Value let(int type, Value value) {
            groups++;
            locals.u32(1).u8(type);
            code.value(value).set(next);
            return Value.local(next++);
        }

        /** Keeps an i64. */
        Value let(Value value) {
            return let(ValueTypes.I64, value);
        }

        /** Joins the bits of parts, at least one; each step is kept in a local. */
        Value gather(int count, IntFunction<Value> part) {
            Value all = let(part.apply(0));
            for (int i = 1; i < count; i++) {
                all = let(all.or(part.apply(i)));
            }
            return all;
        }

        /** Keeps an i32. */
        Value letInt(Value value) {
            return let(ValueTypes.I32, value);
        }

        private byte[] body(Value result) {
            code.value(result).op(Instruction.END);
            return new BinaryWriter().u32(groups).raw(locals).raw(written).toByteArray();
        }
    }

    /** The number of a type, which is appended when it was not yet. */
    int type(int[] parameters, int[] results) {
        BinaryWriter type = new BinaryWriter().u8(0x60).u32(parameters.length);
        for (int each : parameters) {
            ValueTypes.write(type, each);
        }
        type.u32(results.length);
        for (int each : results) {
            ValueTypes.write(type, each);
        }
        byte[] bytes = type.toByteArray();
        return typeNumbers.computeIfAbsent(
                new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1),
                key -> {
                    types.add(bytes);
                    return firstType + types.size() - 1;
                });
    }

    /** Whether a helper that is made for one place of the code is there, or may be added. */
    boolean hasRoomFor(String name) {
        return numbers.containsKey(name) || numbers.size() < MOST;
    }

    /**
     * The number of a helper, which is written when it was not yet.
     *
     * @param signature the letters of its parameters, a colon, that of its result: I, J, F, D
     */
    int function(String name, String signature, Body body) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        int colon = signature.indexOf(':');
        Scope scope = new Scope(colon);
        byte[] written = scope.body(body.write(scope));
        functionTypes.add(
                type(types(signature.substring(0, colon)), types(signature.substring(colon + 1))));
        bodies.add(written);
        int number = firstFunction + bodies.size() - 1;
        numbers.put(name, number);
        return number;
    }

    private static int[] types(String letters) {
        return letters.chars()
                .map(
                        letter ->
                                switch (letter) {
                                    case 'I' -> ValueTypes.I32;
                                    case 'J' -> ValueTypes.I64;
                                    case 'F' -> ValueTypes.F32;
                                    default -> ValueTypes.F64;
                                })
                .toArray();
    }

    /** The types that were appended. */
    List<byte[]> types() {
        return types;
    }

    /** The types of the functions that were appended. */
    List<Integer> functionTypes() {
        return functionTypes;
    }

    /** The functions that were appended: locals and code. */
    List<byte[]> bodies() {
        return bodies;
    }

    /** The names of these functions, by number. */
    Map<Integer, String> names() {
        Map<Integer, String> names = new TreeMap<>();
        numbers.forEach((name, number) -> names.put(number, name));
        return names;
    }
}
