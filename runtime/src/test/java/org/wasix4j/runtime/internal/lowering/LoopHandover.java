package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A module in which one function, at one of its loops, goes on in the continuation of that loop: as
 * it arrives at the loop for the n-th time.
 *
 * @param wasm the module
 * @param arrivals the number of a global that counts how often the loop is arrived at
 */
public record LoopHandover(byte[] wasm, int arrivals) {

    /** In front of the continuation there are functions that are not used. */
    private static final int PADDING = 2;

    /** The offsets of all loops of a function in the binary. */
    public static List<Integer> loops(FunctionSurvey survey, int function) {
        List<Integer> loops = new ArrayList<>();
        BinaryReader in =
                new BinaryReader(
                        survey.module().wasm(), survey.start(function), survey.end(function));
        FunctionBodies.skipLocals(in);
        while (in.hasMore()) {
            int at = in.position();
            Instruction instruction = Instructions.read(in);
            instruction.skipImmediates(in);
            if (instruction.code() == Instruction.LOOP) {
                loops.add(at);
            }
        }
        return loops;
    }

    /** Whether a loop stands in code that can be reached, by the rules of validation. */
    public static boolean isReachable(FunctionSurvey survey, int function, int loop) {
        ModuleIndex module = survey.module();
        BinaryReader in =
                new BinaryReader(module.wasm(), survey.start(function), survey.end(function));
        int locals = LoweredValues.localTypes(module.functionType(function), in).length;
        BlockTree tree = new BlockTree(module, module.functionType(function), locals, in);
        int offset = loops(survey, function).get(loop);
        for (int block = 1; block < tree.blocks(); block++) {
            if (tree.start(tree.opener(block)) == offset) {
                return true;
            }
        }
        return false;
    }

    /** The module with the continuation appended, which is not used. */
    public static byte[] appended(FunctionSurvey survey, int function, int loop) {
        return LoopContinuation.append(survey, function, loop, survey.functions() + PADDING);
    }

    /** The module in which it is used. */
    public static LoopHandover at(FunctionSurvey survey, int function, int loop, int arrival) {
        ModuleIndex module = new ModuleIndex(appended(survey, function, loop));
        int continuation = survey.functions() + PADDING;
        int counter = module.globalCount();
        FunctionType type = module.functionType(function);
        Helpers helpers = new Helpers(module);
        int whole = helpers.type(new int[0], type.results());
        BinaryReader in =
                Objects.requireNonNull(module.section(Section.CODE)).reader(module.wasm());
        BinaryWriter bodies = new BinaryWriter().u32(in.count("functions", 2));
        FunctionBodies.write(
                module,
                bodies,
                (number, body) ->
                        number == function
                                ? handingOver(
                                        body, type, whole, loop, counter, arrival, continuation)
                                : null);
        byte[] wasm =
                GrownModule.write(
                        module, helpers.types(), List.of(), List.of(ValueTypes.I32), bodies);
        return new LoopHandover(wasm, counter);
    }

    /**
     * The function with a block around all of its code, out of which it goes at the loop. The call
     * of the continuation is behind it, where the function catches nothing.
     */
    private static BinaryWriter handingOver(
            BinaryReader in,
            FunctionType type,
            int whole,
            int loop,
            int counter,
            int arrival,
            int continuation) {
        byte[] wasm = in.bytes();
        int start = in.position();
        int locals = LoweredValues.localTypes(type, in).length;
        BinaryWriter own = new BinaryWriter().raw(wasm, start, in.position());
        Code code = new Code(own);
        code.op(Instruction.BLOCK).out().u8(ValueTypes.EMPTY);
        code.op(Instruction.BLOCK);
        if (type.results().length == 1) {
            ValueTypes.write(own, type.results()[0]);
        } else {
            own.signed(whole);
        }
        int loops = 0;
        int depth = 0;
        while (in.hasMore()) {
            int at = in.position();
            Instruction instruction = Instructions.read(in);
            instruction.skipImmediates(in);
            own.raw(wasm, at, in.position());
            depth += instruction.opensBlock() ? 1 : 0;
            depth -= instruction.code() == Instruction.END ? 1 : 0;
            if (instruction.code() == Instruction.LOOP && loops++ == loop) {
                code.op(Instruction.GLOBAL_GET, counter).i32(1).op(Op.I32_ADD);
                code.op(Instruction.GLOBAL_SET, counter);
                code.op(Instruction.GLOBAL_GET, counter).i32(arrival).op(Op.I32_SUB);
                code.op(Op.I32_EQZ).op(Instruction.BR_IF, depth + 1);
            }
        }
        code.op(Instruction.RETURN).op(Instruction.END);
        for (int i = 0; i < locals; i++) {
            code.get(i);
        }
        code.op(Instruction.CALL, continuation).op(Instruction.NOP).op(Instruction.END);
        return own;
    }
}
