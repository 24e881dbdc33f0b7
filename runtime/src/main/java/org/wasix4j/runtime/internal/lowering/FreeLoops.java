package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;

/**
 * Finds out whether all loops of a function stand on no operands and have no parameters, nor the
 * blocks around them. A cold start asks it of many functions in a JVM that interprets everything,
 * so frequent instructions are told by one switch. What is rare or damaged is left to {@link
 * BlockTree}, which would find the same and takes ten times as long.
 */
final class FreeLoops {

    /** What there is to answer. */
    enum Answer {
        YES,
        NO,
        UNKNOWN
    }

    /** So many bytes behind the end can be read before that is noticed. */
    private static final int BEYOND = 32;

    /** A larger function is left to {@link BlockTree}. */
    private static final int MOST_BYTES = 1_000_000;

    /** The depth of what cannot be reached, when that can be reached which is read. */
    private static final int REACHED = -1;

    // what follows the code of an instruction, the frequent ones first

    private static final int NOTHING = 0;
    private static final int LOCAL = 1;
    private static final int NUMBER = 2;
    private static final int ACCESS = 3;
    private static final int LABEL = 4;
    private static final int BLOCK = 5;
    private static final int END = 6;
    private static final int CALL = 7;
    private static final int STOP = 8;
    private static final int ELSE = 9;
    private static final int CALL_INDIRECT = 10;
    private static final int SWITCH = 11;
    private static final int FLOAT = 12;
    private static final int DOUBLE = 13;
    private static final int THROW = 14;
    private static final int ANY = 15;

    private static final byte[] KINDS = new byte[256];

    /** What each adds to the height of the stack, of those that always add the same. */
    private static final byte[] EFFECTS = new byte[256];

    private static void define(int first, int last, int kind, int effect) {
        Arrays.fill(KINDS, first, last + 1, (byte) kind);
        Arrays.fill(EFFECTS, first, last + 1, (byte) effect);
    }

    static {
        define(0, 255, ANY, 0);
        define(Instruction.UNREACHABLE, Instruction.UNREACHABLE, STOP, 0);
        define(Instruction.NOP, Instruction.NOP, NOTHING, 0);
        define(Instruction.BLOCK, Instruction.LOOP, BLOCK, 0);
        define(Instruction.IF, Instruction.IF, BLOCK, -1);
        define(Instruction.TRY_TABLE, Instruction.TRY_TABLE, BLOCK, 0);
        define(Instruction.ELSE, Instruction.ELSE, ELSE, 0);
        define(Instruction.END, Instruction.END, END, 0);
        define(Instruction.THROW, Instruction.THROW, THROW, 0);
        define(Instruction.THROW_REF, Instruction.THROW_REF, STOP, 0);
        define(Instruction.BR, Instruction.BR, LABEL, 0);
        define(Instruction.BR_IF, Instruction.BR_IF, LABEL, -1);
        define(Instruction.BR_TABLE, Instruction.BR_TABLE, SWITCH, -1);
        define(Instruction.RETURN, Instruction.RETURN, STOP, 0);
        define(Instruction.CALL, Instruction.CALL, CALL, 0);
        define(Instruction.CALL_INDIRECT, Instruction.CALL_INDIRECT, CALL_INDIRECT, -1);
        define(Instruction.DROP, Instruction.DROP, NOTHING, -1);
        define(Instruction.SELECT, Instruction.SELECT, NOTHING, -2);
        define(Instruction.LOCAL_GET, Instruction.LOCAL_GET, LOCAL, 1);
        define(Instruction.LOCAL_SET, Instruction.LOCAL_SET, LOCAL, -1);
        define(Instruction.LOCAL_TEE, Instruction.LOCAL_TEE, LOCAL, 0);
        define(Instruction.GLOBAL_GET, Instruction.GLOBAL_GET, NUMBER, 1);
        define(Instruction.GLOBAL_SET, Instruction.GLOBAL_SET, NUMBER, -1);
        // loads and stores, memory.size and memory.grow
        define(0x28, 0x35, ACCESS, 0);
        define(0x36, 0x3e, ACCESS, -2);
        define(0x3f, 0x3f, NUMBER, 1);
        define(0x40, 0x40, NUMBER, 0);
        define(Instruction.I32_CONST, Instruction.I64_CONST, NUMBER, 1);
        define(Instruction.F32_CONST, Instruction.F32_CONST, FLOAT, 1);
        define(Instruction.F64_CONST, Instruction.F64_CONST, DOUBLE, 1);
        // comparisons, arithmetic of each type, conversions
        define(0x45, 0xc4, NOTHING, -1);
        define(0x45, 0x45, NOTHING, 0);
        define(0x50, 0x50, NOTHING, 0);
        define(0x67, 0x69, NOTHING, 0);
        define(0x79, 0x7b, NOTHING, 0);
        define(0x8b, 0x91, NOTHING, 0);
        define(0x99, 0x9f, NOTHING, 0);
        define(0xa7, 0xc4, NOTHING, 0);
    }

    private final ModuleIndex module;
    private final byte[] code;
    private final int start;
    private final int end;
    private final int locals;

    // the blocks that are open, the function first

    private int depth;
    private int[] bases = new int[16];
    private int[] parameters = new int[16];
    private int[] results = new int[16];

    /** How many of these have parameters. */
    private int withParameters;

    private FreeLoops(ModuleIndex module, byte[] code, int start, int end, int locals) {
        this.module = module;
        this.code = code;
        this.start = start;
        this.end = end;
        this.locals = locals;
    }

    /**
     * Looks at a function.
     *
     * @param locals how many it has, the parameters among them
     * @param in its code, behind the locals
     * @throws MalformedException when it is damaged
     * @throws UnsupportedException when it has an unknown instruction
     */
    static Answer look(ModuleIndex module, FunctionType type, int locals, BinaryReader in) {
        int start = in.position();
        int length = in.end() - start;
        if (length > MOST_BYTES) {
            return Answer.UNKNOWN;
        }
        boolean last = in.bytes().length - in.end() < BEYOND;
        byte[] code = last ? Arrays.copyOfRange(in.bytes(), start, in.end() + BEYOND) : in.bytes();
        int from = last ? 0 : start;
        FreeLoops loops = new FreeLoops(module, code, from, from + length, locals);
        loops.results[0] = type.results().length;
        return loops.scan();
    }

    private Answer scan() {
        byte[] bytes = code;
        byte[] kinds = KINDS;
        byte[] effects = EFFECTS;
        int at = start;
        int height = 0;
        int dead = REACHED;
        while (at < end) {
            int first = bytes[at++] & 0xff;
            boolean stops = false;
            int effect = effects[first];
            switch (kinds[first]) {
                case NOTHING -> {
                    // is all in its code
                }
                case LOCAL -> {
                    int local = bytes[at];
                    if (local < 0) {
                        local = number(at);
                        at = behindNumber(at);
                    } else {
                        at++;
                    }
                    if ((local < 0 || local >= locals) && dead == REACHED) {
                        return Answer.UNKNOWN;
                    }
                }
                case NUMBER -> at = bytes[at] >= 0 ? at + 1 : behindNumber(at);
                case ACCESS -> {
                    if ((bytes[at] & ~(MemoryArgument.HAS_MEMORY - 1)) != 0) {
                        return Answer.UNKNOWN;
                    }
                    at++;
                    at = bytes[at] >= 0 ? at + 1 : behindNumber(at);
                }
                case LABEL -> {
                    int label = bytes[at] >= 0 ? bytes[at] : number(at);
                    if ((label < 0 || label > depth) && dead == REACHED) {
                        return Answer.UNKNOWN;
                    }
                    at = bytes[at] >= 0 ? at + 1 : behindNumber(at);
                    stops = first == Instruction.BR;
                }
                case BLOCK -> {
                    BinaryReader in = null;
                    FunctionType own = null;
                    if (bytes[at] == ValueTypes.EMPTY && first != Instruction.TRY_TABLE) {
                        at++;
                    } else {
                        in = new BinaryReader(bytes, at, end);
                        if (dead == REACHED) {
                            own = module.blockType(in);
                        } else {
                            ValueTypes.skip(in);
                        }
                        if (first == Instruction.TRY_TABLE && !clauses(in, dead == REACHED)) {
                            return Answer.UNKNOWN;
                        }
                        at = in.position();
                    }
                    if (dead != REACHED) {
                        dead++;
                        continue;
                    }
                    int taken = own == null ? 0 : own.parameters().length;
                    height += effect;
                    if (height - taken < bases[depth]) {
                        return Answer.UNKNOWN;
                    }
                    if (first == Instruction.LOOP && (height > 0 || withParameters > 0)) {
                        return Answer.NO;
                    }
                    open(height - taken, taken, own == null ? 0 : own.results().length);
                    continue;
                }
                case END -> {
                    if (dead > 0) {
                        dead--;
                        continue;
                    }
                    dead = REACHED;
                    height = bases[depth] + results[depth];
                    withParameters -= parameters[depth] > 0 ? 1 : 0;
                    if (--depth < 0) {
                        return at == end ? Answer.YES : Answer.UNKNOWN;
                    }
                    continue;
                }
                case CALL -> {
                    int callee = bytes[at] >= 0 ? bytes[at] : number(at);
                    at = behindNumber(at);
                    effect = dead == REACHED ? effect(module.functionType(callee)) : 0;
                }
                case STOP -> stops = true;
                case ELSE -> {
                    if (dead > 0) {
                        continue;
                    }
                    dead = REACHED;
                    height = bases[depth] + parameters[depth];
                    continue;
                }
                case CALL_INDIRECT -> {
                    int type = number(at);
                    at = behindIndex(behindNumber(at));
                    effect += dead == REACHED ? effect(module.type(type)) : 0;
                }
                case SWITCH -> {
                    BinaryReader in = new BinaryReader(bytes, at, end);
                    for (int left = in.count("labels", 1); left >= 0; left--) {
                        int label = in.u32();
                        if ((label < 0 || label > depth) && dead == REACHED) {
                            return Answer.UNKNOWN;
                        }
                    }
                    at = in.position();
                    stops = true;
                }
                case FLOAT -> at += Float.BYTES;
                case DOUBLE -> at += Double.BYTES;
                case THROW -> {
                    at = behindIndex(at);
                    stops = true;
                }
                default -> {
                    BinaryReader in = new BinaryReader(bytes, at - 1, end);
                    Instruction instruction = Instructions.read(in);
                    int[] operands = instruction.operands();
                    int[] produced = instruction.results();
                    if (operands == null || produced == null) {
                        return Answer.UNKNOWN;
                    }
                    instruction.skipImmediates(in);
                    effect = produced.length - operands.length;
                    at = in.position();
                }
            }
            if (dead == REACHED) {
                height += effect;
                if (height < bases[depth]) {
                    return Answer.UNKNOWN;
                }
                if (stops) {
                    dead = 0;
                }
            }
        }
        return Answer.UNKNOWN;
    }

    private void open(int base, int taken, int left) {
        if (++depth == bases.length) {
            bases = Arrays.copyOf(bases, 2 * depth);
            parameters = Arrays.copyOf(parameters, 2 * depth);
            results = Arrays.copyOf(results, 2 * depth);
        }
        bases[depth] = base;
        parameters[depth] = taken;
        results[depth] = left;
        withParameters += taken > 0 ? 1 : 0;
    }

    /** Skips the clauses of a try; answers whether all their labels are there. */
    private boolean clauses(BinaryReader in, boolean reached) {
        for (int left = in.count("clauses", 2); left > 0; left--) {
            if (in.u8() < 2) {
                in.skipLeb();
            }
            int label = in.u32();
            if ((label < 0 || label > depth) && reached) {
                return false;
            }
        }
        return true;
    }

    private static int effect(FunctionType called) {
        return called.results().length - called.parameters().length;
    }

    /** The number that stands at an offset. */
    private int number(int at) {
        return new BinaryReader(code, at, end).u32();
    }

    /** Where a number ends that is to have 32 bits. */
    private int behindIndex(int at) {
        if (code[at] < 0) {
            number(at);
        }
        return behindNumber(at);
    }

    /** Where any number ends. */
    private int behindNumber(int at) {
        if (code[at] >= 0) {
            return at + 1;
        }
        if (code[at + 1] >= 0) {
            return at + 2;
        }
        BinaryReader in = new BinaryReader(code, Math.min(at, end), end);
        in.skipLeb();
        return in.position();
    }
}
