package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * The pass that lets locals share a place in functions that have very many. Compilers that do not
 * optimise use a new local for each value. The engine sets each of them to zero at each call, and
 * each of Java's stack map frames lists all of them, so time and memory would grow with the square
 * of the function.
 *
 * <p>A local is short-lived when, in each stretch of code without branches and blocks in which it
 * is used, it is set first. So its value never leaves a stretch, and another local may have the
 * place before and after.
 */
final class ShortLivedLocals {

    /** A function with fewer locals is left as it is. */
    static final int LEAST = 200;

    private static final int NONE = -1;

    private final BinaryReader body;
    private final int codeAt;
    private final int parameters;
    private final int[] types;

    /** Whether a local is not short-lived. */
    private final boolean[] kept;

    /** The accesses to locals in the order of the code, as the local's number. */
    private int[] accesses = new int[1024];

    /** Whether an access is the last one to this local in its stretch. */
    private boolean[] last = new boolean[0];

    private int count;

    /** Where stretches begin, as a number of accesses. */
    private final List<Integer> stretches = new ArrayList<>();

    /** The locals as they are written: parameters, kept ones, then shared places. */
    private final List<Integer> newTypes = new ArrayList<>();

    private final int[] newNumbers;

    private ShortLivedLocals(int parameters, int[] types, BinaryReader body) {
        this.body = body;
        this.codeAt = body.position();
        this.parameters = parameters;
        this.types = types;
        this.kept = new boolean[types.length];
        this.newNumbers = new int[types.length];
    }

    /** The module whose locals share places, or the same one. */
    static ModuleIndex share(ModuleIndex module, Features features) {
        if (features.manyLocals().isEmpty()) {
            return module;
        }
        return FunctionBodies.rewrite(
                module,
                (function, body) ->
                        features.manyLocals().get(function) ? share(module, function, body) : null);
    }

    private static @Nullable BinaryWriter share(
            ModuleIndex module, int function, BinaryReader body) {
        FunctionType type = module.functionType(function);
        int[] types = LoweredValues.localTypes(type, body);
        ShortLivedLocals pass = new ShortLivedLocals(type.parameters().length, types, body);
        return pass.survey() ? pass.write() : null;
    }

    /**
     * Finds out which locals are short-lived.
     *
     * @return false when there are none, or when a number is wrong, which the engine will say
     */
    private boolean survey() {
        Arrays.fill(kept, 0, parameters, true);
        int[] stretchOf = new int[types.length];
        int stretch = 1;
        BinaryReader in = new BinaryReader(body.bytes(), codeAt, body.end());
        while (in.hasMore()) {
            Instruction instruction = Instructions.read(in);
            if (!isAccess(instruction)) {
                instruction.skipImmediates(in);
                if (isBoundary(instruction)) {
                    stretch++;
                    stretches.add(count);
                }
                continue;
            }
            int local = in.u32();
            if (local < 0 || local >= types.length) {
                return false;
            }
            if (stretchOf[local] != stretch) {
                stretchOf[local] = stretch;
                kept[local] |=
                        instruction.code() == Instruction.LOCAL_GET
                                || !ValueTypes.isNumber(types[local]);
            }
            if (count == accesses.length) {
                accesses = Arrays.copyOf(accesses, 2 * count);
            }
            accesses[count++] = local;
        }
        findLast();
        for (boolean each : kept) {
            if (!each) {
                return true;
            }
        }
        return false;
    }

    private void findLast() {
        last = new boolean[count];
        int[] seenIn = new int[types.length];
        Arrays.fill(seenIn, NONE);
        int stretch = stretches.size();
        for (int i = count - 1; i >= 0; i--) {
            while (stretch > 0 && stretches.get(stretch - 1) > i) {
                stretch--;
            }
            last[i] = seenIn[accesses[i]] != stretch;
            seenIn[accesses[i]] = stretch;
        }
    }

    private static boolean isAccess(Instruction instruction) {
        return instruction.code() >= Instruction.LOCAL_GET
                && instruction.code() <= Instruction.LOCAL_TEE;
    }

    /** Whether code may be left or entered here: anything of control but calls. */
    private static boolean isBoundary(Instruction instruction) {
        int code = instruction.code();
        return switch (code) {
            case Instruction.CALL, Instruction.CALL_INDIRECT, Instruction.CALL_REF -> false;
            case Instruction.TRY_TABLE, Instruction.BR_ON_NULL, Instruction.BR_ON_NON_NULL -> true;
            default ->
                    code >= Instruction.BLOCK && code <= Instruction.CATCH_ALL
                            || instruction.prefix() == Instruction.GC;
        };
    }

    /** The function: locals and code. */
    private BinaryWriter write() {
        for (int local = 0; local < types.length; local++) {
            newNumbers[local] = NONE;
            if (kept[local]) {
                newNumbers[local] = newTypes.size();
                newTypes.add(types[local]);
            }
        }
        BinaryWriter code = new BinaryWriter(body.end() - codeAt);
        writeCode(new Code(code));
        BinaryWriter out = new BinaryWriter(code.size() + 64);
        List<Integer> locals = newTypes.subList(parameters, newTypes.size());
        out.u32(locals.size());
        for (int type : locals) {
            ValueTypes.write(out.u32(1), type);
        }
        return out.raw(code);
    }

    private void writeCode(Code out) {
        Map<Integer, Deque<Integer>> free = new HashMap<>();
        BinaryReader in = new BinaryReader(body.bytes(), codeAt, body.end());
        int copied = codeAt;
        int access = 0;
        while (in.hasMore()) {
            int at = in.position();
            Instruction instruction = Instructions.read(in);
            if (!isAccess(instruction)) {
                instruction.skipImmediates(in);
                continue;
            }
            int local = in.u32();
            if (!kept[local] && newNumbers[local] == NONE) {
                newNumbers[local] = place(free, types[local]);
            }
            out.out().raw(in.bytes(), copied, at);
            out.op(instruction.code(), newNumbers[local]);
            copied = in.position();
            if (!kept[local] && last[access]) {
                places(free, types[local]).push(newNumbers[local]);
                newNumbers[local] = NONE;
            }
            access++;
        }
        out.out().raw(in.bytes(), copied, body.end());
    }

    private int place(Map<Integer, Deque<Integer>> free, int type) {
        Integer place = places(free, type).poll();
        if (place == null) {
            place = newTypes.size();
            newTypes.add(type);
        }
        return place;
    }

    private static Deque<Integer> places(Map<Integer, Deque<Integer>> free, int type) {
        return free.computeIfAbsent(type, any -> new ArrayDeque<>());
    }
}
