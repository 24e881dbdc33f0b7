package org.wasix4j.runtime.internal;

import java.util.Arrays;
import org.wasix4j.runtime.internal.lowering.Circles;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/**
 * Decides in front of which calls guest code asks whether it is to end. The engine's code asks at
 * each call, which costs more than a small function does. It also asks in each loop and at the
 * beginning of each indirect call; so what remains are recursions by direct calls, and calls that
 * take long without any loop. In front of others nothing is asked.
 */
final class InterruptPoints {

    /** So many instructions may be executed, about, from one question to the next. */
    private static final int PATIENCE = 20_000;

    private final FunctionSurvey survey;

    /**
     * The circle of calls that a function is in, as a number; a function that is in none has its
     * own.
     */
    private final int[] circle;

    /** Whether a function calls itself, or is in a circle with others. */
    private final boolean[] recursive;

    /** About how many instructions a call executes before it asks by itself, at most. */
    private final int[] cost;

    /** Nothing is asked before a part of a function: what calls the function is. */
    private final RewrittenModule.Parts parts;

    InterruptPoints(FunctionSurvey survey, RewrittenModule.Parts parts) {
        this.survey = survey;
        this.parts = parts;
        int count = survey.functions();
        circle = new int[count];
        recursive = new boolean[count];
        cost = new int[count];
        Circles.find(survey.imported(), count, survey::callees, this::complete);
    }

    /** Walks along a function's calls, in the order of its code. */
    final class Walk {

        private final int caller;
        private int since;

        private Walk(int caller) {
            this.caller = caller;
        }

        /** Whether it is to be asked in front of the next call, which is one of this function. */
        boolean asksBefore(int callee) {
            if (callee < survey.imported()) {
                // the host looks by itself
                return false;
            }
            boolean inCircle =
                    recursive[caller]
                            && circle[caller] == circle[callee]
                            && !parts.contains(callee);
            since += cost[callee];
            if (inCircle || since > PATIENCE) {
                // a call that takes long asks by itself
                since = cost[callee] > PATIENCE ? 0 : cost[callee];
                return true;
            }
            return false;
        }
    }

    /** A walk along the calls of a function. */
    Walk walk(int caller) {
        return new Walk(caller);
    }

    private void complete(int[] members) {
        for (int member : members) {
            circle[member] = members[0];
            recursive[member] = members.length > 1 || callsItself(member);
        }
        for (int member : members) {
            // within the circle it is asked before each call: what is called there counts as
            // nothing
            long sum = survey.instructions(member);
            for (int callee : survey.callees(member)) {
                boolean known = callee >= survey.imported() && callee < cost.length;
                if (known && circle[callee] != circle[member]) {
                    sum += cost[callee] + 1;
                }
            }
            cost[member] = (int) Math.min(sum, PATIENCE + 1);
        }
    }

    private boolean callsItself(int function) {
        return Arrays.stream(survey.callees(function)).anyMatch(callee -> callee == function);
    }
}
