package org.wasix4j.runtime.internal;

import org.wasix4j.runtime.internal.lowering.FunctionSurvey;

/**
 * How many functions share a class. The JVM verifies a class when it is first used, so that code
 * which is not used costs nothing when there are several. And classes are compiled one by one when
 * they are asked for ({@link LazyCode}): the fewer functions in each, the less is compiled that
 * nobody calls.
 */
final class ClassSizes {

    /** With fewer functions a module is small. */
    private static final int FEW_FUNCTIONS = 1000;

    /** A program calls most functions of a small module, and each class takes time by itself. */
    private static final int FUNCTIONS_OF_SMALL = 16;

    private static final int MOST_FUNCTIONS = 128;
    private static final int SOME_FUNCTIONS = 8;
    private static final int LEAST_FUNCTIONS = 4;

    /** There are about so many classes, as long as the other limits allow. */
    private static final int GOOD_COUNT = 512;

    /**
     * Functions that are so large that they have more bytes of code than that are in smaller
     * classes: of a program in Go a start calls a fifth, and verifying the others took a tenth of
     * it.
     */
    private static final int MOST_BYTES = 4000;

    private ClassSizes() {}

    /** How many functions share a class at most. */
    static int functions(FunctionSurvey survey) {
        int functions = survey.functions();
        if (functions < FEW_FUNCTIONS) {
            return FUNCTIONS_OF_SMALL;
        }
        int byCount = Math.max(SOME_FUNCTIONS, Math.min(MOST_FUNCTIONS, functions / GOOD_COUNT));
        return Math.max(LEAST_FUNCTIONS, Math.min(byCount, MOST_BYTES / meanSize(survey)));
    }

    /** How many bytes of code a function has that is not imported; at least 1. */
    private static int meanSize(FunctionSurvey survey) {
        int first = survey.imported();
        int count = survey.functions() - first;
        int bytes = count == 0 ? 0 : survey.end(survey.functions() - 1) - survey.start(first);
        return Math.max(1, bytes / Math.max(1, count));
    }
}
