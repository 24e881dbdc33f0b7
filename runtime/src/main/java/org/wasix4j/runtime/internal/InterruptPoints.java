package org.wasix4j.runtime.internal;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
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
    private final boolean tailCalls;

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
        this.tailCalls = !survey.tailCallers().isEmpty();
        int count = survey.functions();
        circle = new int[count];
        recursive = new boolean[count];
        cost = new int[count];
        findCircles();
    }

    /** Whether any function of the module has tail calls. */
    boolean hasTailCalls() {
        return tailCalls;
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

    /** Tarjan's algorithm, without recursion: a circle is complete when all that it calls is. */
    private void findCircles() {
        int count = circle.length;
        int[] order = new int[count];
        int[] low = new int[count];
        int[] next = new int[count];
        boolean[] open = new boolean[count];
        int[] members = new int[count];
        int memberCount = 0;
        int seen = 0;
        Deque<Integer> path = new ArrayDeque<>();
        for (int root = survey.imported(); root < count; root++) {
            if (order[root] != 0) {
                continue;
            }
            path.push(root);
            while (!path.isEmpty()) {
                int function = path.peek();
                if (order[function] == 0) {
                    order[function] = ++seen;
                    low[function] = seen;
                    open[function] = true;
                    members[memberCount++] = function;
                }
                int[] callees = survey.callees(function);
                boolean descended = false;
                while (next[function] < callees.length) {
                    int callee = callees[next[function]++];
                    if (callee < survey.imported() || callee >= count) {
                        continue;
                    }
                    if (callee == function) {
                        recursive[function] = true;
                    } else if (order[callee] == 0) {
                        path.push(callee);
                        descended = true;
                        break;
                    } else if (open[callee]) {
                        low[function] = Math.min(low[function], order[callee]);
                    }
                }
                if (descended) {
                    continue;
                }
                path.pop();
                if (!path.isEmpty()) {
                    low[path.peek()] = Math.min(low[path.peek()], low[function]);
                }
                if (low[function] == order[function]) {
                    int first = memberCount;
                    do {
                        first--;
                        open[members[first]] = false;
                        circle[members[first]] = function;
                    } while (members[first] != function);
                    complete(Arrays.copyOfRange(members, first, memberCount));
                    memberCount = first;
                }
            }
        }
    }

    private void complete(int[] members) {
        if (members.length > 1) {
            for (int member : members) {
                recursive[member] = true;
            }
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
}
