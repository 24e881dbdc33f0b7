package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * Which {@code v128} locals hold a constant at the place that is read. Optimisers keep constants in
 * locals; but some instructions are shorter when an operand is known.
 *
 * <p>What a block sets is forgotten at its end, because a branch to that end may leave the block
 * before. A loop begins with what was set before, but for the locals that its own code may set.
 */
final class ConstantLocals {

    private final Shapes shapes;
    private final Map<Integer, Vector> known = new HashMap<>();

    /** The locals that were set in the blocks that are open, in order. */
    private final List<Integer> set = new ArrayList<>();

    ConstantLocals(Shapes shapes) {
        this.shapes = shapes;
    }

    /** The constant that a local holds, or null when that is not known. */
    @Nullable
    Vector of(int local) {
        return known.get(local);
    }

    /** Notes that a local is set to something. */
    void set(int local, Vector value) {
        shapes.assigned(local);
        if (value.isConstant()) {
            set.add(local);
            known.put(local, value);
        } else {
            known.remove(local);
        }
    }

    /** Notes that a local is set to something that is computed. */
    void setUnknown(int local) {
        shapes.assigned(local);
        known.remove(local);
    }

    /**
     * Notes that a block begins.
     *
     * @return what its end is given
     */
    int open(boolean loop) {
        if (loop) {
            known.keySet().removeIf(local -> !shapes.isAssignedOnce(local));
        }
        return set.size();
    }

    /** Notes that a block ends, or its first branch. */
    void close(int opened) {
        List<Integer> inside = set.subList(opened, set.size());
        inside.forEach(known::remove);
        inside.clear();
    }
}
