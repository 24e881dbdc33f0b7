package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;

/**
 * A function's instructions by number, with the blocks that they are in. Block 0 is the function
 * itself. Code that cannot be reached is left out.
 */
final class BlockTree {

    /** Where a branch goes that is none. */
    static final int NO_BLOCK = -1;

    private static final int[] NO_BLOCKS = {};

    /** What is kept of each takes some 40 bytes. */
    private static final int MOST_INSTRUCTIONS = 1_500_000;

    private final ModuleIndex module;
    private final BinaryReader in;
    private final FunctionType type;

    // ---- by instruction
    private int count;
    private int[] code = new int[256];
    private int[] start = new int[256];
    private int[] end = new int[256];
    private int[] block = new int[256];

    /** How many values are on the stack behind the instruction. */
    private int[] height = new int[256];

    /** The local of a variable instruction, or the block of a branch, or the one that is opened. */
    private int[] operand = new int[256];

    /** The blocks of a {@code br_table}, or those that the clauses of a try branch to. */
    private int[][] targets = new int[256][];

    // ---- by block
    private int blocks;
    private int[] opener = new int[64];
    private int[] closer = new int[64];
    private int[] otherwise = new int[64];
    private int[] parent = new int[64];
    private int[] base = new int[64];
    private FunctionType[] types = new FunctionType[64];
    private boolean[] caught = new boolean[64];

    /** The blocks that are open while the function is read, the outermost first. */
    private int[] open = new int[64];

    private int depth;
    private boolean catches;
    private long branches;
    private long levels;
    private final int locals;

    /** A function that the pass leaves as it is. */
    static final class UnsuitableException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnsuitableException(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Reads a function.
     *
     * @param locals how many locals it has, the parameters among them
     * @param in its code, behind the locals
     * @throws UnsuitableException when it has an instruction that is not known here
     */
    BlockTree(ModuleIndex module, FunctionType type, int locals, BinaryReader in) {
        this.locals = locals;
        this.module = module;
        this.in = in;
        this.type = type;
        read();
    }

    private void read() {
        openBlock(-1, NO_BLOCK, new FunctionType(new int[0], type.results()), 0);
        int current = 0;
        int now = 0;
        while (in.hasMore()) {
            if (current < 0) {
                throw in.malformed("code behind the end of a function");
            }
            int at = in.position();
            Instruction instruction = Instructions.read(in);
            int i = add(instruction.code(), at, current);
            switch (instruction.code()) {
                case Instruction.BLOCK, Instruction.LOOP, Instruction.IF, Instruction.TRY_TABLE -> {
                    FunctionType own = module.blockType(in);
                    now -= own.parameters().length;
                    now -= instruction.code() == Instruction.IF ? 1 : 0;
                    if (instruction.code() == Instruction.TRY_TABLE) {
                        catches = true;
                        targets[i] = clauses();
                    }
                    requireHeight(now, current);
                    current = openBlock(i, current, own, now);
                    operand[i] = current;
                    now += own.parameters().length;
                }
                case Instruction.ELSE -> {
                    otherwise[current] = i;
                    operand[i] = current;
                    now = base[current] + types[current].parameters().length;
                }
                case Instruction.END -> {
                    closer[current] = i;
                    operand[i] = current;
                    now = base[current] + types[current].results().length;
                    current = parent[current];
                    depth--;
                }
                default -> now += effect(instruction, i);
            }
            end[i] = in.position();
            height[i] = now;
            if (current >= 0) {
                requireHeight(now, current);
            }
            if (instruction.endsPath()) {
                Instructions.skipUnreachable(in);
            }
        }
        if (current >= 0) {
            throw in.malformed("a function without its end");
        }
        CodeScan.requireFewLevels(levels);
    }

    private int add(int instruction, int at, int current) {
        if (count == MOST_INSTRUCTIONS) {
            throw new UnsuitableException("too many instructions");
        }
        if (count == code.length) {
            int more = 2 * count;
            code = Arrays.copyOf(code, more);
            start = Arrays.copyOf(start, more);
            end = Arrays.copyOf(end, more);
            block = Arrays.copyOf(block, more);
            height = Arrays.copyOf(height, more);
            operand = Arrays.copyOf(operand, more);
            targets = Arrays.copyOf(targets, more);
        }
        code[count] = instruction;
        start[count] = at;
        block[count] = current;
        operand[count] = NO_BLOCK;
        return count++;
    }

    private int openBlock(int at, int outer, FunctionType own, int height) {
        if (blocks == opener.length) {
            int more = 2 * blocks;
            opener = Arrays.copyOf(opener, more);
            closer = Arrays.copyOf(closer, more);
            otherwise = Arrays.copyOf(otherwise, more);
            parent = Arrays.copyOf(parent, more);
            base = Arrays.copyOf(base, more);
            types = Arrays.copyOf(types, more);
            caught = Arrays.copyOf(caught, more);
        }
        opener[blocks] = at;
        otherwise[blocks] = -1;
        parent[blocks] = outer;
        base[blocks] = height;
        types[blocks] = own;
        if (depth == open.length) {
            open = Arrays.copyOf(open, 2 * depth);
        }
        open[depth++] = blocks;
        return blocks++;
    }

    private void requireHeight(int now, int current) {
        if (now < base[current]) {
            throw new UnsuitableException("an instruction lacks its operands");
        }
    }

    /** What an instruction adds to the height of the stack. */
    private int effect(Instruction instruction, int i) {
        int[] operands = instruction.operands();
        int[] results = instruction.results();
        if (operands != null && results != null) {
            instruction.skipImmediates(in);
            return results.length - operands.length;
        }
        switch (instruction.code()) {
            case Instruction.UNREACHABLE, Instruction.RETURN, Instruction.THROW_REF -> {
                return 0;
            }
            case Instruction.THROW -> {
                in.u32();
                return 0;
            }
            case Instruction.BR -> {
                operand[i] = labelled(in.u32());
                return 0;
            }
            case Instruction.BR_IF -> {
                operand[i] = labelled(in.u32());
                return -1;
            }
            case Instruction.BR_TABLE -> {
                int[] all = new int[in.count("labels", 1) + 1];
                for (int k = 0; k < all.length; k++) {
                    all[k] = labelled(in.u32());
                }
                targets[i] = all;
                return -1;
            }
            case Instruction.CALL, Instruction.RETURN_CALL -> {
                return effect(module.functionType(in.u32()));
            }
            case Instruction.CALL_INDIRECT, Instruction.RETURN_CALL_INDIRECT -> {
                int effect = effect(module.type(in.u32()));
                in.u32();
                return effect - 1;
            }
            case Instruction.CALL_REF, Instruction.RETURN_CALL_REF -> {
                return effect(module.type(in.u32())) - 1;
            }
            case Instruction.LOCAL_GET -> {
                operand[i] = local();
                return 1;
            }
            case Instruction.LOCAL_SET -> {
                operand[i] = local();
                return -1;
            }
            case Instruction.LOCAL_TEE -> {
                operand[i] = local();
                return 0;
            }
            default -> {
                instruction.skipImmediates(in);
                return plainEffect(instruction.code());
            }
        }
    }

    private int local() {
        int local = in.u32();
        if (local < 0 || local >= locals) {
            throw in.malformed("there is no local " + Integer.toUnsignedString(local));
        }
        return local;
    }

    private static int plainEffect(int code) {
        return switch (code) {
            case Instruction.GLOBAL_GET, Instruction.REF_NULL, Instruction.REF_FUNC -> 1;
            case Instruction.REF_IS_NULL, Instruction.REF_AS_NON_NULL, Instruction.TABLE_GET -> 0;
            case Instruction.DROP,
                    Instruction.GLOBAL_SET,
                    Instruction.REF_EQ,
                    Instruction.TABLE_GROW ->
                    -1;
            case Instruction.SELECT, Instruction.SELECT_TYPED, Instruction.TABLE_SET -> -2;
            case Instruction.TABLE_FILL -> -3;
            default -> throw new UnsuitableException("an instruction with a rare effect");
        };
    }

    private static int effect(FunctionType called) {
        return called.results().length - called.parameters().length;
    }

    private int labelled(int label) {
        branches++;
        if (label < 0 || label >= depth) {
            throw in.malformed("there is no block " + Integer.toUnsignedString(label));
        }
        levels += label;
        return open[depth - 1 - label];
    }

    private int[] clauses() {
        int[] all = new int[in.count("clauses", 2)];
        for (int k = 0; k < all.length; k++) {
            if (in.u8() < 2) {
                in.skipLeb();
            }
            all[k] = labelled(in.u32());
            caught[all[k]] = true;
        }
        return all;
    }

    // ---- what there is to ask

    byte[] bytes() {
        return in.bytes();
    }

    /** How many instructions there are. */
    int size() {
        return count;
    }

    /** How many branches there are, each target of a switch counted. */
    long branches() {
        return branches + blocks;
    }

    /** The code of an instruction. */
    int code(int i) {
        return code[i];
    }

    int start(int i) {
        return start[i];
    }

    int end(int i) {
        return end[i];
    }

    /** The block that an instruction is in; of what opens or ends a block, the one around it. */
    int block(int i) {
        return code[i] == Instruction.END ? parent[operand[i]] : block[i];
    }

    /** How many values are on the stack behind an instruction. */
    int height(int i) {
        return height[i];
    }

    /** The local of an instruction. */
    int local(int i) {
        return operand[i];
    }

    /** The block that an instruction opens or ends, or has its other half begin. */
    int own(int i) {
        return operand[i];
    }

    /** The block that a branch goes to. */
    int target(int i) {
        return operand[i];
    }

    /** The blocks of a {@code br_table}, or those that the clauses of a try branch to. */
    int[] targets(int i) {
        return targets[i] == null ? NO_BLOCKS : targets[i];
    }

    /** How many blocks there are, the function among them. */
    int blocks() {
        return blocks;
    }

    /** The instruction that opens a block; -1 for the function. */
    int opener(int block) {
        return opener[block];
    }

    /** The {@code end} of a block. */
    int closer(int block) {
        return closer[block];
    }

    /** The {@code else} of a block, or -1. */
    int otherwise(int block) {
        return otherwise[block];
    }

    int parent(int block) {
        return parent[block];
    }

    /** How many values lie under those of a block. */
    int base(int block) {
        return base[block];
    }

    FunctionType type(int block) {
        return types[block];
    }

    /** The code of the instruction that opens a block. */
    int kind(int block) {
        return block == 0 ? Instruction.BLOCK : code[opener[block]];
    }

    boolean isLoop(int block) {
        return kind(block) == Instruction.LOOP;
    }

    /** What a branch to a block carries. */
    int[] carried(int block) {
        return isLoop(block) ? types[block].parameters() : types[block].results();
    }

    /** Whether a clause of a try branches to a block. */
    boolean isCaughtAt(int block) {
        return caught[block];
    }

    /** Whether there is a try. */
    boolean catches() {
        return catches;
    }

    /** Whether the instruction behind this one is not reached from it. */
    boolean endsPath(int i) {
        return switch (code[i]) {
            case Instruction.UNREACHABLE,
                    Instruction.THROW,
                    Instruction.THROW_REF,
                    Instruction.BR,
                    Instruction.BR_TABLE,
                    Instruction.RETURN,
                    Instruction.RETURN_CALL,
                    Instruction.RETURN_CALL_INDIRECT,
                    Instruction.RETURN_CALL_REF ->
                    true;
            default -> false;
        };
    }
}
