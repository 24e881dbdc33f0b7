package org.wasix4j.runtime.internal;

import java.util.stream.IntStream;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;

/**
 * How many functions share a class. The JVM verifies a class when it is first used, so that code
 * which is not used costs nothing when there are several. The classes of a large module are
 * compiled one by one when they are asked for ({@link LazyCode}): there, the fewer functions in
 * each, the less is compiled that nobody calls.
 */
final class ClassSizes {

    /** A module with less code, in bytes, is compiled before it runs. */
    private static final int LARGE = 300_000;

    private static final int MOST_FUNCTIONS = 128;
    private static final int LEAST_FUNCTIONS = 16;

    /** There are about so many classes, as long as the other limits allow. */
    private static final int GOOD_COUNT = 256;

    private ClassSizes() {}

    /** Whether it takes long to compile all of a module. */
    static boolean isLarge(FunctionSurvey survey) {
        return IntStream.range(survey.imported(), survey.functions())
                        .mapToLong(function -> (long) survey.end(function) - survey.start(function))
                        .sum()
                >= LARGE;
    }

    /** How many functions share a class at most. */
    static int functions(FunctionSurvey survey) {
        return isLarge(survey)
                ? Math.max(
                        LEAST_FUNCTIONS, Math.min(MOST_FUNCTIONS, survey.functions() / GOOD_COUNT))
                : MOST_FUNCTIONS;
    }
}
