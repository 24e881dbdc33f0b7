package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * Divides large functions when they are about to be compiled, for modules whose classes are
 * compiled when they are asked for. The parts are no functions of the module: they exist only in
 * the class of the function that they are of.
 */
public final class DivisionOnDemand {

    /**
     * A function that needs more globals than this to pass values stays as it is. Each is a field
     * of the main class with two methods.
     */
    private static final int MOST_TRANSFERS = 1_000;

    /** Branches out of a part carry values, which pass in globals behind those of the locals. */
    private static final int CARRIED = 2;

    private final FunctionSurvey survey;

    /** A function with more code than this, by {@link JavaSize}, is divided. */
    private final int most;

    private final int transfers;

    /**
     * The division of a module.
     *
     * @param survey its functions
     */
    public DivisionOnDemand(FunctionSurvey survey) {
        this(survey, LargeFunctions.MOST);
    }

    /**
     * The division of a module.
     *
     * @param most functions that are expected to become more bytes of bytecode are divided
     */
    public DivisionOnDemand(FunctionSurvey survey, int most) {
        this.survey = survey;
        this.most = most;
        this.transfers = Math.min(MOST_TRANSFERS, expectedTransfers());
    }

    private DivisionOnDemand(FunctionSurvey survey, int most, int transfers) {
        this.survey = survey;
        this.most = most;
        this.transfers = transfers;
    }

    /** The same for a module to which functions were appended, with no more transfers. */
    public DivisionOnDemand of(FunctionSurvey grown) {
        return new DivisionOnDemand(grown, most, transfers);
    }

    /** As many as the largest number of locals of each type that any large function has. */
    private int expectedTransfers() {
        Map<Integer, Integer> locals = new HashMap<>();
        Map<Integer, Integer> its = new HashMap<>();
        ModuleIndex module = survey.module();
        for (int i = survey.imported(); i < survey.functions(); i++) {
            if (!isLarge(i)) {
                continue;
            }
            its.clear();
            for (int type : module.functionType(i).parameters()) {
                its.merge(type, 1, Integer::sum);
            }
            BinaryReader in = new BinaryReader(module.wasm(), survey.start(i), survey.end(i));
            for (int left = in.count("groups of locals", 2); left > 0; left--) {
                int count = in.u32();
                its.merge(ValueTypes.read(in), count, Integer::sum);
            }
            its.forEach((type, count) -> locals.merge(type, count, Math::max));
        }
        return locals.values().stream().mapToInt(count -> count + CARRIED).sum();
    }

    /** Whether a function is divided when that is possible. */
    public boolean isLarge(int function) {
        return function >= survey.imported() && survey.javaSize(function) > most;
    }

    /**
     * The number of the first global through which values pass, behind those of the module. All
     * classes of functions use the same ones, each with types of its own.
     */
    public int firstTransfer() {
        return survey.module().globalCount();
    }

    /** How many such globals there are. */
    public int transfers() {
        return transfers;
    }

    /**
     * The number that a part goes by in the names of methods. The remainder of it by the number of
     * all functions is the function that it is a part of.
     *
     * @param part its place among the parts of that function
     * @return -1 when there is no such number
     */
    private int number(int function, int part) {
        long number = function + (part + 1L) * survey.functions();
        return number > Integer.MAX_VALUE ? -1 : (int) number;
    }

    /**
     * A part of a function.
     *
     * @param number what it goes by in the names of methods
     * @param type the number of its type
     * @param body its locals and code
     */
    public record Part(int number, int type, BinaryWriter body) {}

    /**
     * Functions that were divided. In their code, the number of a part as a function is its place
     * among all parts, behind the functions of the module.
     *
     * @param left what is left of each of them: locals and code
     * @param parts the parts of all
     * @param types the types that were appended, as they stand in a section
     * @param transfers the types of the first globals through which values pass
     */
    public record Divided(
            Map<Integer, BinaryWriter> left,
            List<Part> parts,
            List<byte[]> types,
            List<Integer> transfers) {

        /** Nothing. */
        public static final Divided NONE = new Divided(Map.of(), List.of(), List.of(), List.of());

        /** Writes a section of the transfers, as globals of a module. */
        public BinaryWriter globals() {
            return GrownModule.globals(null, transfers);
        }
    }

    /**
     * Divides those of some functions that are large and can be divided.
     *
     * @param functions that have a class together
     */
    public Divided divide(List<Integer> functions) {
        DividedParts parts = new DividedParts(survey.module());
        Map<Integer, BinaryWriter> left = new HashMap<>();
        for (int function : functions) {
            DividedFunction divided = isLarge(function) ? divide(function) : null;
            if (divided != null
                    && parts.hasRoomFor(divided, transfers)
                    && number(function, divided.parts().size() - 1) >= 0) {
                left.put(function, parts.take(function, divided));
            }
        }
        if (left.isEmpty()) {
            return Divided.NONE;
        }
        List<Part> all = new ArrayList<>();
        Map<Integer, Integer> places = new HashMap<>();
        for (int i = 0; i < parts.bodies().size(); i++) {
            int origin = parts.origins().get(i);
            int place = places.merge(origin, 1, Integer::sum) - 1;
            all.add(new Part(number(origin, place), parts.types().get(i), parts.bodies().get(i)));
        }
        return new Divided(left, all, parts.newTypes(), parts.globalTypes());
    }

    /** A divided function; null when it is damaged, which is found when it is compiled whole. */
    private @Nullable DividedFunction divide(int function) {
        try {
            return DividedFunction.of(survey, function, most);
        } catch (MalformedException | UnsupportedException e) {
            return null;
        }
    }
}
