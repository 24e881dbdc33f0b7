package org.wasix4j.runtime.internal.lowering;

import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The rest of a function from the head of one of its loops on, as a function of its own. It is
 * given all locals as parameters, and answers what the function would have answered. With it, a
 * call that is interpreted goes on in compiled code.
 */
public final class LoopContinuation {

    /** A Java method has 255 slots of parameters; some are needed for other things. */
    private static final int MOST_SLOTS = 240;

    private LoopContinuation() {}

    /**
     * Whether a function can go on at each of its loops; so when it has none.
     *
     * <p>It cannot at a loop that stands on operands, or that has parameters, or is in a block that
     * has some; nor with more locals than a Java method can be given, with vectors or with
     * references that are never null among them; nor with instructions that are rare.
     */
    public static boolean isPossible(FunctionSurvey survey, int function) {
        if (!survey.hasLoops(function)) {
            return true;
        }
        try {
            ModuleIndex module = survey.module();
            FunctionType type = module.functionType(function);
            BinaryReader body = body(survey, function);
            int locals = fitting(type, body);
            if (locals < 0) {
                return false;
            }
            int code = body.position();
            return switch (FreeLoops.look(module, type, locals, body)) {
                case YES -> true;
                case NO -> false;
                case UNKNOWN -> {
                    body.seek(code);
                    yield areFree(new BlockTree(module, type, locals, body));
                }
            };
        } catch (BlockTree.UnsuitableException
                | MalformedException
                | UnsupportedException unsuitable) {
            return false;
        }
    }

    private static BinaryReader body(FunctionSurvey survey, int function) {
        byte[] wasm = survey.module().wasm();
        return new BinaryReader(wasm, survey.start(function), survey.end(function));
    }

    /**
     * How many locals there are.
     *
     * @return -1 when they cannot be given to a Java method
     */
    private static int fitting(FunctionType type, BinaryReader in) {
        int locals = type.parameters().length;
        long slots = 0;
        for (int each : type.parameters()) {
            slots += slots(each);
        }
        for (int left = in.count("groups of locals", 2); left > 0; left--) {
            long count = Integer.toUnsignedLong(in.u32());
            slots += count * slots(ValueTypes.read(in));
            locals += (int) count;
        }
        return slots <= MOST_SLOTS ? locals : -1;
    }

    private static int slots(int type) {
        return switch (type & 0xff) {
            case ValueTypes.I64, ValueTypes.F64 -> 2;
            case ValueTypes.V128, ValueTypes.REF -> MOST_SLOTS + 1;
            default -> 1;
        };
    }

    /** Whether no loop, and no block around one, stands on operands or has parameters. */
    static boolean areFree(BlockTree tree) {
        for (int block = 1; block < tree.blocks(); block++) {
            if (tree.isLoop(block) && !isFree(tree, block)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isFree(BlockTree tree, int loop) {
        if (tree.base(loop) != 0) {
            return false;
        }
        for (int each = loop; each != 0; each = tree.parent(each)) {
            if (tree.type(each).parameters().length != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * A module, unchanged, with the rest of a function behind its functions.
     *
     * @param survey the module's functions
     * @param function one that can go on at its loops
     * @param loop which of its {@code loop} instructions, from 0, in the order of the code
     * @param place the number that the rest has as a function; functions that only trap are put in
     *     front of it as they are needed
     * @return a binary in which function {@code place} has the function's locals as parameters and
     *     the function's results
     */
    public static byte[] append(FunctionSurvey survey, int function, int loop, int place) {
        if (place < survey.functions()) {
            throw new IllegalArgumentException("there is a function " + place);
        }
        ModuleIndex module = survey.module();
        FunctionType type = module.functionType(function);
        BinaryReader body = body(survey, function);
        int[] types = LoweredValues.localTypes(type, body);
        int offset = offset(body(survey, function), loop);
        BinaryWriter rest;
        try {
            BlockTree tree = new BlockTree(module, type, types.length, body);
            rest = LoopRemainder.write(tree, types, block(tree, offset));
        } catch (BlockTree.UnsuitableException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        Helpers helpers = new Helpers(module);
        int number = helpers.type(types, type.results());
        int padding = place - survey.functions();
        return GrownModule.write(
                module,
                helpers.types(),
                Collections.nCopies(padding + 1, number),
                List.of(),
                bodies(module, padding, rest));
    }

    /** Where a loop begins. */
    private static int offset(BinaryReader in, int loop) {
        FunctionBodies.skipLocals(in);
        int loops = 0;
        while (in.hasMore()) {
            int at = in.position();
            Instruction instruction = Instructions.read(in);
            if (instruction.code() == Instruction.LOOP && loops++ == loop) {
                return at;
            }
            instruction.skipImmediates(in);
        }
        throw new IllegalArgumentException("there is no loop " + loop);
    }

    private static int block(BlockTree tree, int offset) {
        for (int block = 1; block < tree.blocks(); block++) {
            if (tree.start(tree.opener(block)) == offset) {
                if (!isFree(tree, block)) {
                    throw new IllegalArgumentException("the loop stands on operands");
                }
                return block;
            }
        }
        throw new IllegalArgumentException("the loop is never reached");
    }

    /** The whole section of code. */
    private static BinaryWriter bodies(ModuleIndex module, int padding, BinaryWriter rest) {
        Section code = Objects.requireNonNull(module.section(Section.CODE));
        BinaryReader in = code.reader(module.wasm());
        BinaryWriter bodies = GrownModule.grown(in, "functions", padding + 1);
        for (int i = 0; i < padding; i++) {
            bodies.u32(3).u32(0).u8(Instruction.UNREACHABLE).u8(Instruction.END);
        }
        return bodies.sized(rest);
    }
}
