package org.wasix4j.runtime.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.runtime.internal.lowering.Circles;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand;
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

    /**
     * As {@link #cost}, for parts that are no functions of the module ({@link DivisionOnDemand}).
     */
    private final Map<Integer, Integer> partCosts = new ConcurrentHashMap<>();

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
            // a part asks as its function does
            this.caller = caller % survey.functions();
        }

        /** Whether it is to be asked in front of the next call, which is one of this function. */
        boolean asksBefore(int callee) {
            if (callee < survey.imported()) {
                // the host looks by itself
                return false;
            }
            boolean inCircle =
                    callee < cost.length
                            && recursive[caller]
                            && circle[caller] == circle[callee]
                            && !parts.contains(callee);
            int its = costOf(callee);
            since += its;
            if (inCircle || since > PATIENCE) {
                // a call that takes long asks by itself
                since = its > PATIENCE ? 0 : its;
                return true;
            }
            return false;
        }
    }

    private int costOf(int callee) {
        return callee < cost.length ? cost[callee] : partCosts.getOrDefault(callee, PATIENCE + 1);
    }

    /**
     * Adds a part of a function that is no function of the module.
     *
     * @param number what it goes by in the names of methods
     * @param instructions how many it has
     * @param callees what it calls; parts among them were added before
     */
    void addPart(int number, int instructions, List<Integer> callees) {
        int function = number % survey.functions();
        long sum = instructions;
        for (int callee : callees) {
            boolean part = callee >= cost.length;
            if (part || callee >= survey.imported() && circle[callee] != circle[function]) {
                sum += costOf(callee) + 1;
            }
        }
        partCosts.put(number, (int) Math.min(sum, PATIENCE + 1));
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
