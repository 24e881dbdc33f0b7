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
    private static final int LEAST_FUNCTIONS = 8;

    /** There are about so many classes, as long as the other limits allow. */
    private static final int GOOD_COUNT = 512;

    private ClassSizes() {}

    /** How many functions share a class at most. */
    static int functions(FunctionSurvey survey) {
        int functions = survey.functions();
        return functions < FEW_FUNCTIONS
                ? FUNCTIONS_OF_SMALL
                : Math.max(LEAST_FUNCTIONS, Math.min(MOST_FUNCTIONS, functions / GOOD_COUNT));
    }
}
