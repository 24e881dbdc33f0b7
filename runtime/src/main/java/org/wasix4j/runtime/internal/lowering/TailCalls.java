package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Nullable;

/**
 * The pass that makes tail calls leave the function first. The engine calls and then returns: so a
 * tail call of the function itself took room on the stack, and one out of a {@code try_table} was
 * still inside of it. The former becomes a branch to a loop around the function, the latter stands
 * behind a block around it.
 *
 * <pre>
 * loop                       (tail calls of itself go here)
 *   block ... block          (one for each tail call inside of a try)
 *     the function
 *     return
 *   end the arguments, return_call
 *   ...
 * end
 * unreachable
 * </pre>
 */
final class TailCalls {

    private final ModuleIndex module;
    private final int function;
    private final BinaryReader body;
    private final int[] types;
    private final int codeAt;
    private final BinaryWriter written = new BinaryWriter();
    private final Code code = new Code(written);
    private final LocalPool locals = new LocalPool();

    /** The tail calls inside of a try, in order. */
    private final List<Site> sites = new ArrayList<>();

    private boolean callsItself;

    /** A tail call inside of a try: where it is, and the locals with its arguments. */
    private record Site(int start, int end, int[] arguments) {}

    private TailCalls(ModuleIndex module, int function, BinaryReader body) {
        this.module = module;
        this.function = function;
        this.body = body;
        this.types = LoweredValues.localTypes(module.functionType(function), body);
        this.codeAt = body.position();
    }

    /** The module with such calls written anew, or the same one. */
    static ModuleIndex rewrite(ModuleIndex module, Features features) {
        if (features.tailCallers().isEmpty()) {
            return module;
        }
        return FunctionBodies.rewrite(
                module,
                (function, body) ->
                        features.tailCallers().get(function)
                                ? new TailCalls(module, function, body).write()
                                : null);
    }

    /** The function: locals and code; null when it can stay as it is. */
    private @Nullable BinaryWriter write() {
        walk(false);
        if (sites.isEmpty() && !callsItself) {
            return null;
        }
        int parameters = module.functionType(function).parameters().length;
        for (int i = 0; i < types.length; i++) {
            if (i == parameters) {
                locals.endParameters();
            }
            locals.add(types[i]);
            if ((types[i] & 0xff) == ValueTypes.REF) {
                // a local that is never null cannot be set back
                return null;
            }
        }
        if (types.length == parameters) {
            locals.endParameters();
        }
        for (Site site : sites) {
            int[] operands = operands(site);
            for (int i = 0; i < operands.length; i++) {
                if ((operands[i] & 0xff) == ValueTypes.REF) {
                    return null;
                }
                site.arguments[i] = locals.add(operands[i]);
            }
        }
        if (callsItself) {
            open(Instruction.LOOP);
        }
        sites.forEach(site -> open(Instruction.BLOCK));
        walk(true);
        code.op(Instruction.RETURN);
        for (Site site : sites) {
            code.op(Instruction.END);
            for (int argument : site.arguments) {
                code.get(argument);
            }
            written.raw(body.bytes(), site.start, site.end);
        }
        if (callsItself) {
            code.op(Instruction.END).op(Instruction.UNREACHABLE);
        }
        code.op(Instruction.END);
        BinaryWriter out = new BinaryWriter(written.size() + 64);
        locals.write(out);
        return out.raw(written);
    }

    private void open(int instruction) {
        code.op(instruction);
        written.u8(ValueTypes.EMPTY);
    }

    /** Finds the calls that are to be written anew, or writes all of the function's code. */
    private void walk(boolean writing) {
        BinaryReader in = new BinaryReader(body.bytes(), codeAt, body.end());
        int added = sites.size() + (callsItself ? 1 : 0);
        boolean[] tries = new boolean[16];
        int depth = 0;
        int openTries = 0;
        int site = 0;
        while (in.hasMore()) {
            int start = in.position();
            Instruction instruction = Instructions.read(in);
            int opcode = instruction.code();
            if (opcode == Instruction.END && depth == 0) {
                return;
            }
            if (writing && opcode >= Instruction.BR && opcode <= Instruction.BR_TABLE) {
                branch(in, opcode, depth, added);
                continue;
            }
            boolean itself = false;
            if (opcode == Instruction.RETURN_CALL) {
                itself = new BinaryReader(in.bytes(), in.position(), in.end()).u32() == function;
            }
            if (writing && opcode == Instruction.TRY_TABLE) {
                openTry(in, start, depth, added);
            } else if (writing && isBranchOnNull(opcode)) {
                Instruction.write(written, opcode);
                written.u32(label(in.u32(), depth, added));
            } else {
                instruction.skipImmediates(in);
            }
            if (itself) {
                callsItself = true;
            }
            boolean moved = !itself && isTailCall(opcode) && openTries > 0;
            if (!writing) {
                if (moved) {
                    int[] operands = operands(start);
                    sites.add(new Site(start, in.position(), new int[operands.length]));
                }
            } else if (itself) {
                again(depth + sites.size());
            } else if (moved) {
                int[] arguments = sites.get(site).arguments;
                for (int i = arguments.length - 1; i >= 0; i--) {
                    code.set(arguments[i]);
                }
                // the first one's block is the innermost
                code.op(Instruction.BR, depth + site++);
            } else if (opcode != Instruction.TRY_TABLE && !isBranchOnNull(opcode)) {
                written.raw(in.bytes(), start, in.position());
            }
            if (instruction.opensBlock()) {
                if (depth == tries.length) {
                    tries = java.util.Arrays.copyOf(tries, 2 * depth);
                }
                tries[depth++] = opcode == Instruction.TRY_TABLE;
                openTries += opcode == Instruction.TRY_TABLE ? 1 : 0;
            } else if (opcode == Instruction.END) {
                openTries -= tries[--depth] ? 1 : 0;
            }
        }
        throw in.malformed("a function without its end");
    }

    private static boolean isTailCall(int opcode) {
        return opcode == Instruction.RETURN_CALL
                || opcode == Instruction.RETURN_CALL_INDIRECT
                || opcode == Instruction.RETURN_CALL_REF;
    }

    private static boolean isBranchOnNull(int opcode) {
        return opcode == Instruction.BR_ON_NULL || opcode == Instruction.BR_ON_NON_NULL;
    }

    /** A label in a function around which there are more blocks. */
    private static int label(int label, int depth, int added) {
        return label == depth ? label + added : label;
    }

    private void branch(BinaryReader in, int opcode, int depth, int added) {
        code.op(opcode);
        int labels = 1;
        if (opcode == Instruction.BR_TABLE) {
            labels = in.count("labels", 1) + 1;
            written.u32(labels - 1);
        }
        for (int i = 0; i < labels; i++) {
            written.u32(label(in.u32(), depth, added));
        }
    }

    private void openTry(BinaryReader in, int start, int depth, int added) {
        ValueTypes.skip(in);
        written.raw(in.bytes(), start, in.position());
        int clauses = in.count("clauses", 2);
        written.u32(clauses);
        for (int i = 0; i < clauses; i++) {
            int kind = in.u8();
            written.u8(kind);
            if (kind < 2) {
                written.u32(in.u32());
            }
            written.u32(label(in.u32(), depth, added));
        }
    }

    /** Begins the function again: the parameters are on the stack, the other locals are zero. */
    private void again(int loop) {
        int parameters = module.functionType(function).parameters().length;
        for (int i = parameters - 1; i >= 0; i--) {
            code.set(i);
        }
        for (int i = parameters; i < types.length; i++) {
            code.zero(types[i]).set(i);
        }
        code.op(Instruction.BR, loop);
    }

    private int[] operands(Site site) {
        return operands(site.start);
    }

    /** The types of what a tail call takes from the stack. */
    private int[] operands(int start) {
        BinaryReader in = new BinaryReader(body.bytes(), start, body.end());
        int opcode = in.u8();
        int number = in.u32();
        if (opcode == Instruction.RETURN_CALL) {
            return module.functionType(number).parameters();
        }
        int[] parameters = module.type(number).parameters();
        int[] operands = java.util.Arrays.copyOf(parameters, parameters.length + 1);
        operands[parameters.length] =
                opcode == Instruction.RETURN_CALL_INDIRECT
                        ? ValueTypes.I32
                        : ValueTypes.nullable(number);
        return operands;
    }
}
