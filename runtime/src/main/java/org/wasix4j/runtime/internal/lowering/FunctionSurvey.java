package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;
import org.wasix4j.types.Nullable;

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
    private static final int NONE = -1;

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

    /** Those of the module's own functions that have a loop. */
    private final BitSet loops = new BitSet();

    private final BitSet usedTypes = new BitSet();
    private final BitSet references = new BitSet();
    private final Features features = new Features();

    /** So many locals a function may have. */
    private final int mostLocals;

    private final int types;
    private boolean callsByReference;

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
            module.addTypesTo(usedTypes);
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
            survey.bodies(code, null);
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
        survey.loops.or(loops);
        survey.usedTypes.or(usedTypes);
        survey.references.or(references);
        survey.callsByReference = callsByReference;
        Section code = changed.section(Section.CODE);
        if (code != null) {
            BitSet wanted = rewritten.get(imported, imported + codeSizes.length);
            wanted.set(codeSizes.length, survey.codeSizes.length);
            survey.bodies(code, wanted);
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

    /**
     * Finds all bodies, and looks at them.
     *
     * @param wanted those that are looked at; null for all
     */
    private void bodies(Section code, @Nullable BitSet wanted) {
        BinaryReader in = code.reader(wasm);
        int count = in.count("functions", 2);
        if (count != starts.length) {
            throw in.malformed(starts.length + " functions are declared, and there are " + count);
        }
        CodeScan scan = new CodeScan(CodeScan.padded(wasm, code), types, functions(), features);
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            if (size > MOST_BODY) {
                throw new UnsupportedException(
                        imported + i,
                        "has " + size + " bytes, and no more than " + MOST_BODY + " are possible");
            }
            starts[i] = in.position();
            ends[i] = starts[i] + size;
            if (wanted == null || wanted.get(i)) {
                scan.look(imported + i, locals(i), ends[i]);
                codeSizes[i] = scan.size();
                instructions[i] = scan.instructions();
                callees[i] = scan.callees();
                loops.set(i, scan.hasLoops());
            }
            in.seek(ends[i]);
        }
        references.or(scan.references());
        callsByReference |= scan.callsByReference();
        scan.addTypesTo(usedTypes);
    }

    /** Looks at the locals of a function; answers where its code begins. */
    private int locals(int index) {
        int end = ends[index];
        int at = starts[index];
        int all = 0;
        int groups = at < end ? wasm[at++] : NONE;
        while (groups > 0
                && at + 1 < end
                && wasm[at] >= 0
                && ValueTypes.isNumber(wasm[at + 1])
                && all < ShortLivedLocals.LEAST) {
            all += wasm[at];
            at += 2;
            groups--;
        }
        if (groups == 0 && all < ShortLivedLocals.LEAST) {
            localSizes[index] = all * JavaSize.LOCAL;
            return at;
        }
        BinaryReader in = new BinaryReader(wasm, starts[index], end);
        locals(index, in);
        return in.position();
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

    /** What the code uses that the engine may lack. */
    Features features() {
        return features;
    }

    /** Whether functions go on in others by tail calls. */
    public boolean hasTailCalls() {
        return !features.tailCallers().isEmpty();
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

    /** Whether a function has a loop. */
    boolean hasLoops(int function) {
        return function >= imported && loops.get(function - imported);
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
