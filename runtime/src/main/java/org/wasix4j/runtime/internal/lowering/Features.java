package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a module's code uses that the engine may lack, and the first function that uses it. {@link
 * FunctionSurvey} finds it.
 */
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
    private final BitSet manyLocals = new BitSet();
    private final BitSet legacy = new BitSet();
    private final BitSet exceptions = new BitSet();
    private final BitSet branchesOut = new BitSet();
    private final BitSet tailCallers = new BitSet();

    Features() {}

    /** Notes that the code of a function is in another one as well. */
    void copied(int from, int to) {
        for (BitSet each : List.of(vectors, legacy, exceptions, branchesOut, tailCallers)) {
            each.set(to, each.get(from));
        }
    }

    /** Notes a group of locals of a function. */
    void local(int function, int type) {
        if (type == ValueTypes.V128) {
            find(Feature.SIMD, function);
            vectors.set(function);
        }
    }

    /** Notes how many locals a function has. */
    void locals(int function, long count) {
        if (count >= ShortLivedLocals.LEAST && count <= MOST_LOCALS) {
            manyLocals.set(function);
        }
    }

    /** Notes an instruction of a function that has to do with blocks, calls or exceptions. */
    void control(int function, int code) {
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

    /** Notes that a function has a branch to its end. */
    void branchOut(int function) {
        branchesOut.set(function);
    }

    /** Notes an instruction of a function that has a prefix. */
    void prefixed(int function, int code) {
        if (code >> 16 == Instruction.SIMD) {
            find(Feature.SIMD, function);
            vectors.set(function);
        } else if (code >= Instruction.FIRST_WIDE && code <= Instruction.LAST_WIDE) {
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

    /** The functions with so many locals that some should share a place. */
    BitSet manyLocals() {
        return manyLocals;
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
