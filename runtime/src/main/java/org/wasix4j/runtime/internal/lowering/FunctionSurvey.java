package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.BitSet;

/**
 * What is to be known of the functions of a module before any of them is compiled: where their
 * bodies are, how large they will be as Java methods, what they call. It is found in one pass over
 * the code, and takes a few ints for each function and each call.
 *
 * <p>It holds the module to limits, most of which the makers of browsers agreed on. They keep the
 * work for a module in proportion to its size.
 */
public final class FunctionSurvey {

    private static final int MOST_TYPES = 1_000_000;
    private static final int MOST_FUNCTIONS = 1_000_000;
    private static final int MOST_BODY = 7_654_321;
    private static final int MOST_TARGETS = 65_520;

    /** For each branch the engine walks from block to block to its target. */
    private static final long MOST_LEVELS = 500_000_000;

    /** For each type the engine looks at each function. */
    private static final long MOST_TYPES_BY_FUNCTIONS = 2_000_000_000L;

    private final byte[] wasm;
    private final int imported;
    private final int[] starts;
    private final int[] ends;
    private final int[] javaSizes;
    private final int[] instructions;
    private final int[][] callees;
    private final BitSet usedTypes = new BitSet();
    private final BitSet references = new BitSet();
    private final int types;
    private boolean callsByReference;
    private long levels;
    private int[] calls = new int[16];
    private int callCount;

    private FunctionSurvey(ModuleIndex module) {
        wasm = module.wasm();
        imported = module.importedFunctions();
        int own = module.functionCount() - imported;
        atMost("types", module.typeCount(), MOST_TYPES);
        atMost("functions", own, MOST_FUNCTIONS);
        if ((long) module.typeCount() * own > MOST_TYPES_BY_FUNCTIONS) {
            throw new UnsupportedException(
                    "it has "
                            + module.typeCount()
                            + " types and "
                            + own
                            + " functions, which are too many together");
        }
        types = module.typeCount();
        if (module.hasOnlyFunctionTypes()) {
            for (int i = 0; i < module.functionCount(); i++) {
                use(module.functionTypeNumber(i));
            }
            for (int i = 0; i < module.tagCount(); i++) {
                use(module.tagTypeNumber(i));
            }
        } else {
            usedTypes.set(0, types);
        }
        starts = new int[own];
        ends = new int[own];
        javaSizes = new int[own];
        instructions = new int[own];
        callees = new int[own][];
    }

    /**
     * Looks at all functions of a module.
     *
     * @throws MalformedException when the module is damaged
     * @throws UnsupportedException when it is beyond a limit
     */
    public static FunctionSurvey of(byte[] wasm) {
        ModuleIndex module = new ModuleIndex(wasm);
        FunctionSurvey survey = new FunctionSurvey(module);
        Section code = module.section(Section.CODE);
        if (code != null) {
            survey.bodies(code.reader(wasm));
        }
        Section data = module.section(Section.DATA);
        if (data != null) {
            checkData(data.reader(wasm));
        }
        Section elements = module.section(Section.ELEMENT);
        if (elements != null) {
            checkElements(elements.reader(wasm));
        }
        return survey;
    }

    /** Checks that each segment is as long as it says: the engine reserves so much for it. */
    private static void checkData(BinaryReader in) {
        for (int left = in.count("data segments", 2); left > 0; left--) {
            int flags = in.u32();
            if ((flags & 2) != 0) {
                in.u32();
            }
            if ((flags & 1) == 0) {
                ConstantExpression.skip(in);
            }
            in.skip(in.count("bytes of data", 1));
        }
    }

    private static void checkElements(BinaryReader in) {
        for (int left = in.count("element segments", 2); left > 0; left--) {
            boolean expressions = Elements.skipHead(in);
            for (int elements = in.count("elements", 1); elements > 0; elements--) {
                if (expressions) {
                    ConstantExpression.skip(in);
                } else {
                    in.u32();
                }
            }
        }
    }

    private static void atMost(String what, int count, int most) {
        if (count > most) {
            throw new UnsupportedException(
                    "it has "
                            + count
                            + " "
                            + what
                            + ", and no more than "
                            + most
                            + " are possible");
        }
    }

    private void bodies(BinaryReader in) {
        int count = in.count("functions", 2);
        if (count != starts.length) {
            throw in.malformed(starts.length + " functions are declared, and there are " + count);
        }
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            if (size > MOST_BODY) {
                throw new UnsupportedException(
                        imported + i,
                        "has " + size + " bytes, and no more than " + MOST_BODY + " are possible");
            }
            starts[i] = in.position();
            ends[i] = in.position() + size;
            body(i, new BinaryReader(wasm, starts[i], ends[i]));
            in.seek(ends[i]);
        }
    }

    private void body(int index, BinaryReader in) {
        for (int left = in.count("groups of locals", 2); left > 0; left--) {
            // each local is set to zero
            javaSizes[index] += Math.min(50_000, in.u32()) * JavaSize.LOCAL;
            ValueTypes.read(in);
        }
        callCount = 0;
        int size = 0;
        int count = 0;
        while (in.hasMore()) {
            Instruction instruction = Instructions.read(in);
            size += JavaSize.of(instruction.code());
            count++;
            switch (instruction.code()) {
                case Instruction.CALL, Instruction.RETURN_CALL -> call(in.u32());
                case Instruction.BR, Instruction.BR_IF -> levels += in.u32() & 0xffffffffL;
                case Instruction.BR_TABLE ->
                        size += JavaSize.SWITCH_ENTRY * targets(imported + index, in);
                case Instruction.CALL_REF, Instruction.RETURN_CALL_REF -> {
                    callsByReference = true;
                    in.u32();
                }
                case Instruction.REF_FUNC -> {
                    int referred = in.u32();
                    if (referred >= 0 && referred < functions()) {
                        references.set(referred);
                    }
                }
                case Instruction.BLOCK, Instruction.LOOP, Instruction.IF -> blockType(in);
                case Instruction.CALL_INDIRECT, Instruction.RETURN_CALL_INDIRECT -> {
                    use(in.u32());
                    in.u32();
                }
                case Instruction.TRY_TABLE -> {
                    blockType(in);
                    Immediate.CATCHES.skip(in);
                }
                default -> instruction.skipImmediates(in);
            }
        }
        try {
            requireFewLevels(levels);
        } catch (UnsupportedException e) {
            throw new UnsupportedException(imported + index, e.getMessage());
        }
        javaSizes[index] += size;
        instructions[index] = count;
        callees[index] = Arrays.copyOf(calls, callCount);
    }

    /** Checks how many blocks all branches leave, one branch with the next. */
    static void requireFewLevels(long levels) {
        if (levels > MOST_LEVELS) {
            throw new UnsupportedException(
                    "branches out of too many blocks that lie in one another");
        }
    }

    private int targets(int function, BinaryReader in) {
        int count = in.count("targets of a br_table", 1) + 1;
        if (count > MOST_TARGETS) {
            throw new UnsupportedException(
                    function,
                    "has a br_table with "
                            + count
                            + " targets, and no more than "
                            + MOST_TARGETS
                            + " are possible");
        }
        for (int left = count; left > 0; left--) {
            levels += in.u32() & 0xffffffffL;
        }
        return count;
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
            usedTypes.set((int) type);
        }
    }

    private void call(int function) {
        if (callCount == calls.length) {
            calls = Arrays.copyOf(calls, 2 * callCount);
        }
        calls[callCount++] = function;
    }

    /** How many functions are imported. */
    public int imported() {
        return imported;
    }

    /** How many functions there are, the imported ones among them. */
    public int functions() {
        return imported + starts.length;
    }

    /** Where the body of a function begins, behind its length. */
    public int start(int function) {
        return starts[function - imported];
    }

    /** Where the body of a function ends. */
    public int end(int function) {
        return ends[function - imported];
    }

    /** About how many bytes of bytecode a function becomes. */
    public int javaSize(int function) {
        return javaSizes[function - imported];
    }

    /** How many instructions a function has. */
    public int instructions(int function) {
        return instructions[function - imported];
    }

    /** The functions that a function calls by their number, in the order of the code. */
    public int[] callees(int function) {
        return callees[function - imported];
    }

    /** The functions of which code takes a reference. */
    public BitSet references() {
        return (BitSet) references.clone();
    }

    /** The types that functions have or code names. */
    public BitSet usedTypes() {
        return (BitSet) usedTypes.clone();
    }

    /** How many types there are. */
    public int types() {
        return types;
    }

    /** Whether a function is called by a reference to it. */
    public boolean callsByReference() {
        return callsByReference;
    }
}
