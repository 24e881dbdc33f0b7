package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The pass that divides functions which have more code than a Java method can have, or than HotSpot
 * compiles: parts of them become functions of their own. Functions and globals are appended,
 * nothing else of the module changes but the code of these functions.
 */
final class LargeFunctions {

    /**
     * About how much code a function may have. HotSpot compiles no method with 8,000 bytes or more,
     * and inlines nothing more into one that has as many with what is inlined, which loads and
     * stores are. What {@link JavaSize} says is too much by a third.
     */
    static final int MOST = 5_000;

    /** So many bytes of functions are looked at by one thread. */
    private static final int PIECE = 40_000;

    private final FunctionSurvey survey;

    /** A function with more code than this, by {@link JavaSize}, is divided. */
    private final int most;

    private LargeFunctions(FunctionSurvey survey, int most) {
        this.survey = survey;
        this.most = most;
    }

    /**
     * The module without large functions.
     *
     * @param survey its functions
     * @param most functions that are expected to become more bytes of bytecode are divided
     */
    static RewrittenModule divide(
            RewrittenModule whole, FunctionSurvey survey, int most, Crew crew) {
        DividedFunction[] divided = new LargeFunctions(survey, most).divided(crew);
        if (Arrays.stream(divided).allMatch(Objects::isNull)) {
            return whole;
        }
        ModuleIndex module = survey.module();
        DividedParts parts = new DividedParts(module);
        BinaryWriter bodies = bodies(survey, divided, parts);
        return new RewrittenModule(
                GrownModule.write(
                        module, parts.newTypes(), parts.types(), parts.globalTypes(), bodies),
                whole.helpers(),
                whole.tails(),
                new RewrittenModule.Parts(
                        module.functionCount(),
                        parts.origins(),
                        module.globalCount(),
                        parts.globalTypes().size()));
    }

    /** The divided ones, each in the place of its function among the module's own. */
    private DividedFunction[] divided(Crew crew) {
        int imported = survey.imported();
        int end = survey.functions();
        DividedFunction[] divided = new DividedFunction[end - imported];
        List<Runnable> pieces = new ArrayList<>();
        int from = imported;
        int large = 0;
        for (int i = imported; i < end; i++) {
            large += survey.javaSize(i) > most ? survey.end(i) - survey.start(i) : 0;
            if (large >= PIECE || large > 0 && i + 1 == end) {
                int first = from;
                int behind = i + 1;
                pieces.add(() -> divide(first, behind, divided));
                from = behind;
                large = 0;
            }
        }
        (pieces.size() > 1 ? crew : Crew.ALONE).run(pieces);
        return divided;
    }

    /** The whole section of code. */
    private static BinaryWriter bodies(
            FunctionSurvey survey, DividedFunction[] divided, DividedParts parts) {
        byte[] wasm = survey.module().wasm();
        BinaryWriter out = new BinaryWriter(wasm.length);
        for (int i = 0; i < divided.length; i++) {
            int function = survey.imported() + i;
            if (divided[i] == null) {
                int start = survey.start(function);
                int end = survey.end(function);
                out.u32(end - start).raw(wasm, start, end);
            } else {
                out.sized(parts.take(function, divided[i]));
                divided[i] = null;
            }
        }
        BinaryWriter whole = new BinaryWriter(out.size() + 4096);
        whole.u32(divided.length + parts.bodies().size()).raw(out);
        parts.bodies().forEach(whole::sized);
        return whole;
    }

    private void divide(int from, int to, DividedFunction[] divided) {
        for (int i = from; i < to; i++) {
            if (survey.javaSize(i) > most) {
                divided[i - survey.imported()] = DividedFunction.of(survey, i, most);
            }
        }
    }
}
