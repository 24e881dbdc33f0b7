package org.wasix4j.runtime.internal.lowering;

/**
 * Which {@link Shape} each variable of a function has: its locals, and what its loads push. A
 * function is lowered twice. The first time all are {@link Shape#LONGS}, and the instructions vote
 * for the shapes of what they take and give; the second time the votes are counted.
 */
final class Shapes {

    /** The origin of a value that has its shape from an instruction. */
    static final int NONE = -1;

    /** The origin of a value that could have any shape, but is no variable. */
    static final int ANY = -2;

    private static final int DEEPEST = 6;
    private static final Shape[] SHAPES = Shape.values();

    private final int locals;
    private final long[][] votes;

    /** How often each local is set by the function's code. */
    private final int[] assignments;

    private boolean counted;
    private int loads;

    /** For a function with so many locals and instructions that could have a say. */
    Shapes(int locals, int loads) {
        this.locals = locals;
        this.votes = new long[locals + loads][];
        this.assignments = new int[locals];
    }

    /** The variable that is the next load. */
    int nextLoad() {
        return locals + loads++;
    }

    /** Ends the vote. */
    void count() {
        counted = true;
        loads = 0;
    }

    /** Notes that the function's code sets a local. */
    void assigned(int local) {
        if (!counted) {
            assignments[local]++;
        }
    }

    /** Whether the code sets a local at one place only; false as long as that is not known. */
    boolean isAssignedOnce(int local) {
        return counted && assignments[local] == 1;
    }

    /** The shape of a variable. */
    Shape of(int variable) {
        long[] own = counted ? votes[variable] : null;
        if (own == null) {
            return Shape.LONGS;
        }
        int best = 0;
        for (int i = 1; i < own.length; i++) {
            if (own[i] > own[best]) {
                best = i;
            }
        }
        return SHAPES[best];
    }

    /** Whether a value could still have another shape. */
    boolean isOpen(Vector value) {
        return !counted && value.origin() != NONE;
    }

    /** What a value goes to, or comes from, in loops so deep. */
    void vote(int variable, Shape shape, int loops) {
        if (variable < 0 || counted) {
            return;
        }
        if (votes[variable] == null) {
            votes[variable] = new long[SHAPES.length];
        }
        votes[variable][shape.ordinal()] += 1L << 3 * Math.min(loops, DEEPEST);
    }
}
