package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * What is to be known of the functions of a module before any of them is rewritten or compiled:
 * where their bodies are, what they use that the engine may lack, how large they will be as Java
 * methods, what they call. It is found in one pass over the code, and takes a few ints for each
 * function and each call.
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

    private final ModuleIndex module;
    private final byte[] wasm;
    private final int imported;
    private final int[] starts;
    private final int[] ends;

    /** How many bytes of bytecode the code of each becomes, and its locals. */
    private final int[] codeSizes;

    private final int[] localSizes;
    private final int[] instructions;
    private final int[][] callees;
    private final BitSet usedTypes = new BitSet();
    private final BitSet references = new BitSet();
    private final Features features = new Features();

    /** So many locals a function may have. */
    private final int mostLocals;

    private final int types;
    private boolean callsByReference;
    private long levels;

    // of the function that is looked at: how many blocks are open, its size as Java, and how many
    // instructions there were

    private int depth;
    private int size;
    private int count;

    private int[] calls = new int[16];
    private int callCount;

    private FunctionSurvey(ModuleIndex module, int mostLocals) {
        this.module = module;
        this.mostLocals = mostLocals;
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
        codeSizes = new int[own];
        localSizes = new int[own];
        instructions = new int[own];
        callees = new int[own][];
    }

    /**
     * Looks at all functions of a module that was rewritten.
     *
     * @throws MalformedException when the module is damaged
     * @throws UnsupportedException when it is beyond a limit
     */
    public static FunctionSurvey of(byte[] wasm) {
        return of(new ModuleIndex(wasm), Integer.MAX_VALUE);
    }

    /** The same of a module as it was given, which is held to a limit more. */
    static FunctionSurvey ofGiven(ModuleIndex module) {
        return of(module, Features.MOST_LOCALS);
    }

    private static FunctionSurvey of(ModuleIndex module, int mostLocals) {
        byte[] wasm = module.wasm();
        FunctionSurvey survey = new FunctionSurvey(module, mostLocals);
        Section code = module.section(Section.CODE);
        if (code != null) {
            survey.bodies(code.reader(wasm), index -> true);
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

    /**
     * Looks at this module after the code of some of its functions was written anew, and perhaps
     * functions and types were appended; nothing else was changed.
     *
     * @param changed the module as it is now
     * @param rewritten the functions whose code is another
     */
    FunctionSurvey again(ModuleIndex changed, BitSet rewritten) {
        FunctionSurvey survey = new FunctionSurvey(changed, Integer.MAX_VALUE);
        System.arraycopy(codeSizes, 0, survey.codeSizes, 0, codeSizes.length);
        System.arraycopy(localSizes, 0, survey.localSizes, 0, localSizes.length);
        System.arraycopy(instructions, 0, survey.instructions, 0, instructions.length);
        System.arraycopy(callees, 0, survey.callees, 0, callees.length);
        survey.usedTypes.or(usedTypes);
        survey.references.or(references);
        survey.callsByReference = callsByReference;
        Section code = changed.section(Section.CODE);
        if (code != null) {
            survey.bodies(
                    code.reader(changed.wasm()),
                    index -> index >= codeSizes.length || rewritten.get(imported + index));
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

    /** Finds all bodies, and looks at some of them. */
    private void bodies(BinaryReader in, IntPredicate wanted) {
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
            if (wanted.test(i)) {
                body(i, new BinaryReader(wasm, starts[i], ends[i]));
            }
            in.seek(ends[i]);
        }
    }

    private void body(int index, BinaryReader in) {
        locals(index, in);
        callCount = 0;
        depth = 0;
        size = 0;
        count = 0;
        skipPlain(in);
        while (in.hasMore()) {
            other(imported + index, in);
            skipPlain(in);
        }
        try {
            requireFewLevels(levels);
        } catch (UnsupportedException e) {
            throw new UnsupportedException(imported + index, e.getMessage());
        }
        codeSizes[index] = size;
        instructions[index] = count;
        callees[index] = Arrays.copyOf(calls, callCount);
    }

    /**
     * Steps over plain instructions. The JVM compiles this soon, because it is short and often
     * called.
     */
    private void skipPlain(BinaryReader in) {
        byte[] code = wasm;
        int end = in.end();
        int at = in.position();
        while (at < end) {
            int first = code[at] & 0xff;
            int numbers = PlainCode.NUMBERS[first];
            if (numbers == 0) {
                depth -= first == Instruction.END ? 1 : 0;
                at++;
            } else if (numbers == 1 && at + 1 < end && code[at + 1] >= 0) {
                at += 2;
            } else {
                int behind = PlainCode.behind(code, at, end);
                if (behind < 0) {
                    break;
                }
                at = behind;
            }
            size += PlainCode.SIZES[first];
            count++;
        }
        in.seek(at);
    }

    /** Looks at an instruction that is no plain one. */
    private void other(int function, BinaryReader in) {
        Instruction instruction = read(in, function);
        int code = instruction.code();
        size += JavaSize.of(code);
        count++;
        switch (code) {
            case Instruction.CALL -> call(in.u32());
            case Instruction.RETURN_CALL -> {
                features.control(function, code);
                call(in.u32());
            }
            case Instruction.BR, Instruction.BR_IF -> label(function, in.u32());
            case Instruction.BR_TABLE -> size += JavaSize.SWITCH_ENTRY * targets(function, in);
            case Instruction.CALL_REF, Instruction.RETURN_CALL_REF -> {
                features.control(function, code);
                callsByReference = true;
                in.u32();
            }
            case Instruction.REF_FUNC -> {
                int referred = in.u32();
                if (referred >= 0 && referred < functions()) {
                    references.set(referred);
                }
            }
            case Instruction.BLOCK, Instruction.LOOP, Instruction.IF -> {
                depth++;
                blockType(in);
            }
            case Instruction.CALL_INDIRECT, Instruction.RETURN_CALL_INDIRECT -> {
                features.control(function, code);
                use(in.u32());
                in.u32();
            }
            case Instruction.TRY_TABLE -> {
                features.control(function, code);
                depth++;
                blockType(in);
                Immediate.CATCHES.skip(in);
            }
            case Instruction.TRY -> {
                features.control(function, code);
                depth++;
                blockType(in);
            }
            case Instruction.DELEGATE -> {
                features.control(function, code);
                depth--;
                in.u32();
            }
            case Instruction.CATCH, Instruction.CATCH_ALL, Instruction.RETHROW -> {
                features.control(function, code);
                instruction.skipImmediates(in);
            }
            default -> {
                if (code > 0xff) {
                    features.prefixed(function, code);
                }
                instruction.skipImmediates(in);
            }
        }
    }

    private void locals(int index, BinaryReader in) {
        long all = 0;
        for (int left = in.count("groups of locals", 2); left > 0; left--) {
            all += Integer.toUnsignedLong(in.u32());
            features.local(imported + index, ValueTypes.read(in));
        }
        features.locals(imported + index, all);
        if (all > mostLocals) {
            throw new UnsupportedException(
                    imported + index,
                    "has " + all + " locals, and no more than " + mostLocals + " are possible");
        }
        // each local is set to zero
        localSizes[index] = (int) Math.min(2 * Features.MOST_LOCALS, all) * JavaSize.LOCAL;
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
            label(function, in.u32());
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

    /** What the code uses that the engine may lack. */
    Features features() {
        return features;
    }

    /** What else there is to know of the module. */
    ModuleIndex module() {
        return module;
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
        return codeSizes[function - imported] + localSizes[function - imported];
    }

    /** The same without what is done for its locals at the beginning. */
    int codeSize(int function) {
        return codeSizes[function - imported];
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
