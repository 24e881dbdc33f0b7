package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Looks at the code of functions, one after the other, for {@link FunctionSurvey}. Each cold start
 * does this in a JVM that has just begun and interprets it. So the instructions that are frequent
 * are told by one switch, without calls or objects; {@link #other} is right for all of them, and
 * {@link Instructions} are only read when it is needed.
 */
final class CodeScan {

    /**
     * So many bytes behind the end of a function can be read, when it is cut short, before that is
     * noticed.
     */
    static final int BEYOND = 16;

    private static final int MOST_TARGETS = 65_520;

    /** For each branch the engine walks from block to block to its target. */
    private static final long MOST_LEVELS = 500_000_000;

    /** The codes of loads and stores, and of instructions that only compute. */
    private static final int FIRST_ACCESS = 0x28;

    private static final int LAST_ACCESS = 0x3e;
    private static final int FIRST_NUMERIC = 0x45;
    private static final int LAST_NUMERIC = 0xc4;

    /** A number has so many bytes at most. */
    private static final int LONGEST_NUMBER = 10;

    // the kinds of instructions, the frequent ones first: C1 compares with one after the other

    /** A local or a constant: a number, often of one byte, seldom of more than two. */
    private static final int NUMBER = 0;

    private static final int NUMERIC = 1;
    private static final int ACCESS = 2;
    private static final int END = 3;
    private static final int BRANCH = 4;
    private static final int CALL = 5;
    private static final int GLOBAL = 6;
    private static final int BLOCK = 7;
    private static final int SELECT = 8;
    private static final int ELSE = 9;
    private static final int CALL_INDIRECT = 10;
    private static final int SWITCH = 11;
    private static final int FLOAT = 12;
    private static final int DOUBLE = 13;
    private static final int ANY = 14;

    private static final byte[] KINDS = new byte[256];

    static {
        Arrays.fill(KINDS, (byte) ANY);
        Arrays.fill(KINDS, FIRST_NUMERIC, LAST_NUMERIC + 1, (byte) NUMERIC);
        Arrays.fill(KINDS, FIRST_ACCESS, LAST_ACCESS + 1, (byte) ACCESS);
        Arrays.fill(KINDS, Instruction.LOCAL_GET, Instruction.LOCAL_TEE + 1, (byte) NUMBER);
        KINDS[Instruction.I32_CONST] = NUMBER;
        KINDS[Instruction.I64_CONST] = NUMBER;
        KINDS[Instruction.DROP] = NUMERIC;
        KINDS[Instruction.RETURN] = NUMERIC;
        KINDS[Instruction.UNREACHABLE] = NUMERIC;
        KINDS[Instruction.NOP] = NUMERIC;
        KINDS[Instruction.END] = END;
        KINDS[Instruction.BR] = BRANCH;
        KINDS[Instruction.BR_IF] = BRANCH;
        KINDS[Instruction.CALL] = CALL;
        KINDS[Instruction.GLOBAL_GET] = GLOBAL;
        KINDS[Instruction.GLOBAL_SET] = GLOBAL;
        KINDS[Instruction.BLOCK] = BLOCK;
        KINDS[Instruction.LOOP] = BLOCK;
        KINDS[Instruction.IF] = BLOCK;
        KINDS[Instruction.SELECT] = SELECT;
        KINDS[Instruction.ELSE] = ELSE;
        KINDS[Instruction.CALL_INDIRECT] = CALL_INDIRECT;
        KINDS[Instruction.BR_TABLE] = SWITCH;
        KINDS[Instruction.F32_CONST] = FLOAT;
        KINDS[Instruction.F64_CONST] = DOUBLE;
    }

    private static final int[] NO_CALLS = {};

    private final byte[] code;
    private final int types;
    private final int functions;
    private final Features features;
    private final BitSet references = new BitSet();
    private final boolean[] usedTypes;
    private boolean callsByReference;
    private long levels;

    // of the function that is looked at: how many blocks are open, its size as Java, how many
    // instructions there are, which functions it calls

    private int depth;
    private int size;
    private int count;
    private int[] calls = new int[16];
    private int callCount;
    private boolean loops;

    /**
     * A scan that has not begun.
     *
     * @param code a binary, with {@link #BEYOND} bytes or more behind the last function
     */
    CodeScan(byte[] code, int types, int functions, Features features) {
        this.code = code;
        this.types = types;
        this.functions = functions;
        this.features = features;
        usedTypes = new boolean[types];
    }

    /** The array that is to be scanned: a binary, or a longer copy when its code ends with it. */
    static byte[] padded(byte[] wasm, Section code) {
        return code.end() + BEYOND <= wasm.length
                ? wasm
                : Arrays.copyOf(wasm, wasm.length + BEYOND);
    }

    /**
     * Looks at the code of a function.
     *
     * @param start where it begins, behind the locals
     */
    void look(int function, int start, int end) {
        callCount = 0;
        loops = false;
        depth = 0;
        size = 0;
        count = 0;
        scan(function, start, end);
        try {
            requireFewLevels(levels);
        } catch (UnsupportedException e) {
            throw new UnsupportedException(function, e.getMessage());
        }
    }

    /** Checks how many blocks all branches leave, one branch with the next. */
    static void requireFewLevels(long levels) {
        if (levels > MOST_LEVELS) {
            throw new UnsupportedException(
                    "branches out of too many blocks that lie in one another");
        }
    }

    private void scan(int function, int start, int end) {
        byte[] bytes = code;
        byte[] kinds = KINDS;
        int at = start;
        int java = 0;
        int plain = 0;
        while (at < end) {
            int first = bytes[at++] & 0xff;
            switch (kinds[first]) {
                case NUMBER -> {
                    java += JavaSize.SIMPLE;
                    if (bytes[at] >= 0) {
                        at++;
                    } else {
                        at = bytes[at + 1] >= 0 ? at + 2 : behindNumber(at, end);
                    }
                }
                case NUMERIC -> java += JavaSize.SIMPLE;
                case ACCESS -> {
                    if ((bytes[at] & ~(MemoryArgument.HAS_MEMORY - 1)) != 0) {
                        at = other(function, at - 1, end);
                        continue;
                    }
                    java += JavaSize.ACCESS;
                    at++;
                    if (bytes[at] >= 0) {
                        at++;
                    } else {
                        at = bytes[at + 1] >= 0 ? at + 2 : behindNumber(at, end);
                    }
                }
                case END -> {
                    java += JavaSize.NOTHING;
                    depth--;
                }
                case BRANCH -> {
                    int label = bytes[at];
                    if (label < 0) {
                        at = other(function, at - 1, end);
                        continue;
                    }
                    at++;
                    java += JavaSize.BRANCH;
                    levels += label;
                    if (label == depth) {
                        features.branchOut(function);
                    }
                }
                case CALL -> {
                    int callee = bytes[at];
                    int upper = callee < 0 ? bytes[at + 1] : 0;
                    if (upper < 0) {
                        at = other(function, at - 1, end);
                        continue;
                    }
                    at += callee < 0 ? 2 : 1;
                    java += JavaSize.CALL;
                    call(callee & 0x7f | upper << 7);
                }
                case GLOBAL -> {
                    java += JavaSize.GLOBAL;
                    if (bytes[at++] < 0) {
                        at = behindNumber(at - 1, end);
                    }
                }
                case BLOCK -> {
                    if (!isPlainType(bytes[at])) {
                        at = other(function, at - 1, end);
                        continue;
                    }
                    at++;
                    depth++;
                    loops |= first == Instruction.LOOP;
                    java += first == Instruction.IF ? JavaSize.SIMPLE : JavaSize.NOTHING;
                }
                case SELECT -> java += JavaSize.SELECT;
                case ELSE -> java += JavaSize.NOTHING;
                case CALL_INDIRECT -> {
                    int type = bytes[at];
                    if (type < 0 || bytes[at + 1] < 0) {
                        at = other(function, at - 1, end);
                        continue;
                    }
                    at += 2;
                    java += JavaSize.CALL_INDIRECT;
                    use(type);
                }
                case SWITCH -> {
                    BinaryReader in = new BinaryReader(bytes, at, end);
                    java += JavaSize.SIMPLE + JavaSize.SWITCH_ENTRY * targets(function, in);
                    at = in.position();
                }
                case FLOAT -> {
                    java += JavaSize.SIMPLE;
                    at += Float.BYTES;
                }
                case DOUBLE -> {
                    java += JavaSize.SIMPLE;
                    at += Double.BYTES;
                }
                default -> {
                    at = other(function, at - 1, end);
                    continue;
                }
            }
            plain++;
        }
        if (at > end) {
            throw new BinaryReader(bytes, end, end).cutShort();
        }
        size += java;
        count += plain;
    }

    /** Whether the type of a block is a byte that names no type of the module. */
    private static boolean isPlainType(int type) {
        return type == ValueTypes.EMPTY || type >= ValueTypes.V128;
    }

    /** Where a number ends. */
    private int behindNumber(int start, int end) {
        int at = start;
        while (at < end && code[at] < 0) {
            at++;
        }
        if (at >= end || at - start >= LONGEST_NUMBER) {
            BinaryReader in = new BinaryReader(code, start, end);
            in.skipLeb();
            return in.position();
        }
        return at + 1;
    }

    /** Looks at any instruction; answers where it ends. */
    private int other(int function, int at, int end) {
        BinaryReader in = new BinaryReader(code, at, end);
        other(function, in);
        return in.position();
    }

    private void other(int function, BinaryReader in) {
        Instruction instruction = read(in, function);
        int opcode = instruction.code();
        size += JavaSize.of(opcode);
        count++;
        switch (opcode) {
            case Instruction.CALL -> call(in.u32());
            case Instruction.RETURN_CALL -> {
                features.control(function, opcode);
                call(in.u32());
            }
            case Instruction.BR, Instruction.BR_IF -> label(function, in.u32());
            case Instruction.CALL_REF, Instruction.RETURN_CALL_REF -> {
                features.control(function, opcode);
                callsByReference = true;
                in.u32();
            }
            case Instruction.REF_FUNC -> {
                int referred = in.u32();
                if (referred >= 0 && referred < functions) {
                    references.set(referred);
                }
            }
            case Instruction.BLOCK, Instruction.LOOP, Instruction.IF -> {
                depth++;
                loops |= opcode == Instruction.LOOP;
                blockType(in);
            }
            case Instruction.CALL_INDIRECT, Instruction.RETURN_CALL_INDIRECT -> {
                features.control(function, opcode);
                use(in.u32());
                in.u32();
            }
            case Instruction.TRY_TABLE -> {
                features.control(function, opcode);
                depth++;
                blockType(in);
                Immediate.CATCHES.skip(in);
            }
            case Instruction.TRY -> {
                features.control(function, opcode);
                depth++;
                blockType(in);
            }
            case Instruction.DELEGATE -> {
                features.control(function, opcode);
                depth--;
                in.u32();
            }
            case Instruction.CATCH, Instruction.CATCH_ALL, Instruction.RETHROW -> {
                features.control(function, opcode);
                instruction.skipImmediates(in);
            }
            default -> {
                if (opcode > 0xff) {
                    features.prefixed(function, opcode);
                }
                instruction.skipImmediates(in);
            }
        }
    }

    private static Instruction read(BinaryReader in, int function) {
        try {
            return Instructions.read(in);
        } catch (UnsupportedException e) {
            throw new UnsupportedException(function, e.getMessage());
        }
    }

    /** Notes where a branch goes. */
    private void label(int function, int label) {
        levels += label & 0xffffffffL;
        if (label == depth) {
            features.branchOut(function);
        }
    }

    private int targets(int function, BinaryReader in) {
        int targets = in.count("targets of a br_table", 1) + 1;
        if (targets > MOST_TARGETS) {
            throw new UnsupportedException(
                    function,
                    "has a br_table with "
                            + targets
                            + " targets, and no more than "
                            + MOST_TARGETS
                            + " are possible");
        }
        for (int left = targets; left > 0; left--) {
            label(function, in.u32());
        }
        return targets;
    }

    private void blockType(BinaryReader in) {
        int first = in.peek();
        if (first >= ValueTypes.EMPTY && first < 0x80) {
            ValueTypes.skip(in);
        } else {
            use(in.s33());
        }
    }

    /** Notes a type that is named. */
    private void use(long type) {
        if (type >= 0 && type < types) {
            usedTypes[(int) type] = true;
        }
    }

    private void call(int function) {
        if (callCount == calls.length) {
            calls = Arrays.copyOf(calls, 2 * callCount);
        }
        calls[callCount++] = function;
    }

    /** About how many bytes of bytecode the function becomes that was looked at. */
    int size() {
        return size;
    }

    /** Whether it has a loop. */
    boolean hasLoops() {
        return loops;
    }

    /** How many instructions it has. */
    int instructions() {
        return count;
    }

    /** The functions that it calls by their number, in the order of the code. */
    int[] callees() {
        return callCount == 0 ? NO_CALLS : Arrays.copyOf(calls, callCount);
    }

    /** The functions of which any code takes a reference. */
    BitSet references() {
        return references;
    }

    /** Adds the types that any code names to others. */
    void addTypesTo(BitSet others) {
        for (int i = 0; i < types; i++) {
            if (usedTypes[i]) {
                others.set(i);
            }
        }
    }

    /** Whether any code calls a function by a reference to it. */
    boolean callsByReference() {
        return callsByReference;
    }
}
