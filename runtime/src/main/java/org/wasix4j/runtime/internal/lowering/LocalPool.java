package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The locals of a function that is written: those of its own, and temporary ones, which are used
 * again. Counted is how many parts of vectors on the stack lie in each.
 */
final class LocalPool {

    private int[] types = new int[16];
    private int[] uses = new int[16];
    private int size;
    private int parameters;
    private int own;
    private int usesOfOwn;
    private final Map<Integer, Deque<Integer>> free = new HashMap<>();

    /** Adds a local of the function's own. */
    int add(int type) {
        if (size == types.length) {
            types = Arrays.copyOf(types, 2 * size);
            uses = Arrays.copyOf(uses, 2 * size);
        }
        types[size] = type;
        return size++;
    }

    /** What was added so far are parameters. */
    void endParameters() {
        parameters = size;
    }

    /** What is added from now on is temporary. */
    void endOwn() {
        own = size;
    }

    /** A temporary local, in use. */
    int take(int type) {
        Deque<Integer> candidates = free.get(type);
        int local = candidates == null || candidates.isEmpty() ? add(type) : candidates.pop();
        uses[local] = 1;
        return local;
    }

    /** One more part lies in a local. */
    void retain(int local) {
        if (local >= 0) {
            uses[local]++;
            if (local < own) {
                usesOfOwn++;
            }
        }
    }

    /** One part less lies in a local. */
    void release(int local) {
        if (local < 0) {
            return;
        }
        uses[local]--;
        if (local < own) {
            usesOfOwn--;
        } else if (uses[local] == 0) {
            free.computeIfAbsent(types[local], type -> new ArrayDeque<>()).push(local);
        }
    }

    /** Whether a part lies in a local. */
    boolean isUsed(int local) {
        return uses[local] > 0;
    }

    /** Whether it is one of the function's own, which the function's code can change. */
    boolean isOwn(int local) {
        return local >= 0 && local < own;
    }

    /** Whether any part lies in a local of the function's own. */
    boolean isAnyOwnUsed() {
        return usesOfOwn > 0;
    }

    /** How many there are, the parameters among them. */
    int size() {
        return size;
    }

    /** Writes those that are no parameters, as a function begins. */
    void write(BinaryWriter out) {
        BinaryWriter groups = new BinaryWriter();
        int count = 0;
        for (int i = parameters; i < size; ) {
            int end = i + 1;
            while (end < size && types[end] == types[i]) {
                end++;
            }
            groups.u32(end - i);
            ValueTypes.write(groups, types[i]);
            count++;
            i = end;
        }
        out.u32(count).raw(groups);
    }
}
