package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a module's code uses that the engine may lack, and the first function that uses it. */
public final class Features {

    /** A feature. */
    public enum Feature {
        /** {@code v128}. */
        SIMD,
        /** {@code i64.add128} and the like. */
        WIDE_ARITHMETIC,
        /** {@code try} and {@code catch}. */
        LEGACY_EXCEPTIONS
    }

    /** So many locals a function has at most, as in other engines. */
    static final int MOST_LOCALS = 50_000;

    private final Map<Feature, Integer> first = new EnumMap<>(Feature.class);
    private final BitSet vectors = new BitSet();
    private final BitSet legacy = new BitSet();
    private final BitSet exceptions = new BitSet();
    private final BitSet branchesOut = new BitSet();
    private final BitSet tailCallers = new BitSet();

    private final byte[] wasm;
    private final int imported;

    // by the place of a function in the section of code
    private final int[] starts;
    private final int[] ends;
    private final int[] javaSizes;

    private Features(ModuleIndex module) {
        wasm = module.wasm();
        imported = module.importedFunctions();
        int own = module.functionCount() - imported;
        starts = new int[own];
        ends = new int[own];
        javaSizes = new int[own];
    }

    /**
     * Walks through all code.
     *
     * @throws MalformedException when it is damaged
     */
    public static Features of(ModuleIndex module) {
        Features features = new Features(module);
        FunctionBodies.forEach(module, features::function);
        return features;
    }

    /** Notes that the code of a function is in another one as well. */
    void copied(int from, int to) {
        for (BitSet each : List.of(vectors, legacy, exceptions, branchesOut, tailCallers)) {
            each.set(to, each.get(from));
        }
    }

    private void function(int function, BinaryReader in) {
        int own = function - imported;
        int start = in.position();
        long locals = 0;
        for (int left = in.count("groups of locals", 2); left > 0; left--) {
            locals += Integer.toUnsignedLong(in.u32());
            if (ValueTypes.read(in) == ValueTypes.V128) {
                find(Feature.SIMD, function);
                vectors.set(function);
            }
        }
        if (locals > MOST_LOCALS) {
            throw new UnsupportedException(
                    function,
                    "has " + locals + " locals, and no more than " + MOST_LOCALS + " are possible");
        }
        int depth = 0;
        int size = 0;
        while (in.hasMore()) {
            Instruction instruction = read(in, function);
            int code = instruction.code();
            size += JavaSize.of(code);
            if (instruction.opensBlock()) {
                depth++;
            } else if (code == Instruction.END || code == Instruction.DELEGATE) {
                depth--;
            } else if (code >= Instruction.BR && code <= Instruction.BR_TABLE) {
                int labels =
                        branch(
                                function,
                                code,
                                depth,
                                new BinaryReader(in.bytes(), in.position(), in.end()));
                size += code == Instruction.BR_TABLE ? JavaSize.SWITCH_ENTRY * (labels - 1) : 0;
            }
            if (code > 0xff) {
                prefixed(instruction, function);
            } else if (code <= Instruction.TRY_TABLE) {
                switch (code) {
                    case Instruction.TRY,
                            Instruction.CATCH,
                            Instruction.RETHROW,
                            Instruction.DELEGATE,
                            Instruction.CATCH_ALL -> {
                        find(Feature.LEGACY_EXCEPTIONS, function);
                        legacy.set(function);
                        exceptions.set(function);
                    }
                    case Instruction.TRY_TABLE -> exceptions.set(function);
                    case Instruction.RETURN_CALL,
                            Instruction.RETURN_CALL_INDIRECT,
                            Instruction.RETURN_CALL_REF ->
                            tailCallers.set(function);
                    default -> {
                        // nothing new
                    }
                }
            }
            instruction.skipImmediates(in);
        }
        // that there are as many as are declared is checked later
        if (own < starts.length) {
            starts[own] = start;
            ends[own] = in.end();
            javaSizes[own] = size;
        }
    }

    /** Looks at the targets of a branch; answers how many there are. */
    private int branch(int function, int code, int depth, BinaryReader in) {
        int labels = code == Instruction.BR_TABLE ? in.count("labels", 1) + 1 : 1;
        for (int i = 0; i < labels; i++) {
            if (in.u32() == depth) {
                branchesOut.set(function);
            }
        }
        return labels;
    }

    /**
     * About how many bytes of bytecode the code of a function becomes that may have been written
     * anew since, but for its locals.
     *
     * @param body its locals and code, as they are now
     * @return -1 when they are not as they were
     */
    int javaSize(int function, BinaryReader body) {
        int own = function - imported;
        return own < starts.length
                        && Arrays.equals(
                                wasm,
                                starts[own],
                                ends[own],
                                body.bytes(),
                                body.position(),
                                body.end())
                ? javaSizes[own]
                : -1;
    }

    private static Instruction read(BinaryReader in, int function) {
        try {
            return Instructions.read(in);
        } catch (UnsupportedException e) {
            throw new UnsupportedException(function, e.getMessage());
        }
    }

    private void prefixed(Instruction instruction, int function) {
        if (instruction.prefix() == Instruction.SIMD) {
            find(Feature.SIMD, function);
            vectors.set(function);
        } else if (instruction.code() >= Instruction.FIRST_WIDE
                && instruction.code() <= Instruction.LAST_WIDE) {
            find(Feature.WIDE_ARITHMETIC, function);
            vectors.set(function);
        }
    }

    private void find(Feature feature, int function) {
        first.putIfAbsent(feature, function);
    }

    /** Whether a function has {@code v128}, or wide arithmetic. */
    boolean hasVectors(int function) {
        return vectors.get(function);
    }

    /** Whether a function has legacy exceptions. */
    boolean hasLegacyExceptions(int function) {
        return legacy.get(function);
    }

    /** Whether a function has exceptions of either kind. */
    boolean hasExceptions(int function) {
        return exceptions.get(function);
    }

    /** The functions with tail calls. */
    BitSet tailCallers() {
        return tailCallers;
    }

    /** The functions with a branch to the end of themselves. */
    BitSet branchesOut() {
        return branchesOut;
    }

    /** Whether any function has exceptions of either kind. */
    boolean hasExceptions() {
        return !exceptions.isEmpty();
    }

    /** Whether any code uses it. */
    public boolean uses(Feature feature) {
        return first.containsKey(feature);
    }

    /** The number of the first function that uses it, or -1. */
    public int firstUse(Feature feature) {
        return first.getOrDefault(feature, -1);
    }
}
