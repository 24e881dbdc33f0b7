package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Finds the circles of a graph, as of functions that call each other: the sets of nodes that can
 * all be reached from each other (Tarjan's algorithm, without recursion).
 */
public final class Circles {

    private final int first;
    private final IntFunction<int[]> edges;
    private final Consumer<int[]> complete;
    private final int[] order;
    private final int[] low;
    private final int[] next;
    private final boolean[] open;
    private final int[] members;
    private int memberCount;
    private int seen;

    private Circles(int first, int count, IntFunction<int[]> edges, Consumer<int[]> complete) {
        this.first = first;
        this.edges = edges;
        this.complete = complete;
        order = new int[count];
        low = new int[count];
        next = new int[count];
        open = new boolean[count];
        members = new int[count];
    }

    /**
     * Finds them all.
     *
     * @param first the number of the first node; nodes with smaller numbers are ignored
     * @param count the number behind that of the last node
     * @param edges the nodes to which edges lead from a node; the same array for each question
     * @param complete receives the nodes of a circle, each node once. A node that is in none comes
     *     alone. What the nodes of a circle lead to comes before it
     */
    public static void find(
            int first, int count, IntFunction<int[]> edges, Consumer<int[]> complete) {
        Circles search = new Circles(first, count, edges, complete);
        for (int root = first; root < count; root++) {
            if (search.order[root] == 0) {
                search.from(root);
            }
        }
    }

    private void from(int root) {
        Deque<Integer> path = new ArrayDeque<>();
        path.push(root);
        while (!path.isEmpty()) {
            int node = path.peek();
            if (order[node] == 0) {
                order[node] = ++seen;
                low[node] = seen;
                open[node] = true;
                members[memberCount++] = node;
            }
            int deeper = deeper(node);
            if (deeper >= 0) {
                path.push(deeper);
                continue;
            }
            path.pop();
            if (!path.isEmpty()) {
                low[path.peek()] = Math.min(low[path.peek()], low[node]);
            }
            if (low[node] == order[node]) {
                close(node);
            }
        }
    }

    /** The next node after this one that was not seen yet, or -1. */
    private int deeper(int node) {
        int[] targets = edges.apply(node);
        while (next[node] < targets.length) {
            int target = targets[next[node]++];
            if (target < first || target >= order.length) {
                continue;
            }
            if (order[target] == 0) {
                return target;
            }
            if (open[target]) {
                low[node] = Math.min(low[node], order[target]);
            }
        }
        return -1;
    }

    private void close(int node) {
        int from = memberCount;
        do {
            from--;
            open[members[from]] = false;
        } while (members[from] != node);
        int[] circle = Arrays.copyOfRange(members, from, memberCount);
        memberCount = from;
        complete.accept(circle);
    }
}
