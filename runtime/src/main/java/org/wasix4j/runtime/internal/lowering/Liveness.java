package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Which locals of a function may still be read, at the places where that is asked. The code is
 * walked backwards; what is read in a loop is only known after a walk through it, so the walk is
 * repeated until no loop has more.
 */
final class Liveness {

    /** The sets have so many bits at most. */
    private static final long MOST_BITS = 1L << 29;

    /** A walk joins so many words of sets at most. */
    private static final long MOST_WORK = 100_000_000;

    private static final int MOST_WALKS = 40;

    private final BlockTree tree;
    private final int words;
    private final BitSet wanted;

    /** What may be read where a branch to the block goes on. */
    private final long[][] atLabel;

    /** What is pinned around a try, by its block. */
    private final Map<Integer, long[]> pinnedOutside = new HashMap<>();

    /** What the second half of an if reads, by its block. */
    private final Map<Integer, long[]> otherwise = new HashMap<>();

    private final Map<Integer, long[]> before = new HashMap<>();
    private long[] live;

    /** What the handlers around the instruction may read: no write ends its life. */
    private long[] pinned;

    private boolean changed;

    /**
     * Finds out.
     *
     * @param locals how many locals there are
     * @param wanted the instructions in front of which is asked
     */
    Liveness(BlockTree tree, int locals, BitSet wanted) {
        this.tree = tree;
        this.words = (locals + 63) / 64;
        this.wanted = wanted;
        if ((long) words * 64 * (tree.blocks() + wanted.cardinality()) > MOST_BITS
                || words * tree.branches() > MOST_WORK) {
            throw new BlockTree.UnsuitableException("too many locals and blocks");
        }
        this.live = new long[words];
        this.pinned = new long[words];
        this.atLabel = new long[tree.blocks()][];
        for (int i = 0; i < atLabel.length; i++) {
            atLabel[i] = new long[words];
        }
        int walks = 0;
        do {
            changed = false;
            walk();
            if (++walks > MOST_WALKS) {
                throw new BlockTree.UnsuitableException("too many loops in one another");
            }
        } while (changed);
    }

    /** What may be read from an instruction on. */
    long[] before(int instruction) {
        return known(before, instruction);
    }

    private static long[] known(Map<Integer, long[]> sets, int key) {
        return Objects.requireNonNull(sets.get(key));
    }

    /** What may be read where a branch to a block goes on. */
    long[] atLabel(int block) {
        return atLabel[block];
    }

    static boolean has(long[] set, int local) {
        return (set[local >> 6] >>> local & 1) != 0;
    }

    static void add(long[] set, long[] more) {
        for (int i = 0; i < set.length; i++) {
            set[i] |= more[i];
        }
    }

    private void walk() {
        live = new long[words];
        pinned = new long[words];
        for (int i = tree.size() - 1; i >= 0; i--) {
            step(i);
            if (wanted.get(i)) {
                before.put(i, live.clone());
            }
        }
    }

    private void step(int i) {
        switch (tree.code(i)) {
            case Instruction.END -> end(tree.own(i));
            case Instruction.ELSE -> {
                int block = tree.own(i);
                otherwise.put(block, live);
                live = atLabel[block].clone();
            }
            case Instruction.IF -> {
                int block = tree.own(i);
                add(live, tree.otherwise(block) >= 0 ? known(otherwise, block) : atLabel[block]);
            }
            case Instruction.LOOP -> {
                long[] known = atLabel[tree.own(i)];
                for (int k = 0; k < words; k++) {
                    changed |= (live[k] & ~known[k]) != 0;
                    known[k] |= live[k];
                }
            }
            case Instruction.TRY_TABLE -> pinned = known(pinnedOutside, tree.own(i));
            case Instruction.BR -> goOn(atLabel[tree.target(i)]);
            case Instruction.BR_IF -> add(live, atLabel[tree.target(i)]);
            case Instruction.BR_TABLE -> {
                goOn(pinned);
                for (int target : tree.targets(i)) {
                    add(live, atLabel[target]);
                }
            }
            case Instruction.LOCAL_GET -> live[tree.local(i) >> 6] |= 1L << tree.local(i);
            case Instruction.LOCAL_SET, Instruction.LOCAL_TEE -> {
                int word = tree.local(i) >> 6;
                live[word] &= ~(1L << tree.local(i)) | pinned[word];
            }
            default -> {
                if (tree.endsPath(i)) {
                    goOn(pinned);
                }
            }
        }
    }

    private void end(int block) {
        if (!tree.isLoop(block)) {
            System.arraycopy(live, 0, atLabel[block], 0, words);
        }
        if (tree.kind(block) == Instruction.TRY_TABLE) {
            pinnedOutside.put(block, pinned);
            pinned = pinned.clone();
            for (int target : tree.targets(tree.opener(block))) {
                add(pinned, atLabel[target]);
            }
            add(live, pinned);
        }
    }

    private void goOn(long[] there) {
        System.arraycopy(there, 0, live, 0, words);
        add(live, pinned);
    }

    /** What the handlers around a block may read. */
    long[] handled(int block) {
        long[] all = new long[words];
        for (int b = block; b > 0; b = tree.parent(b)) {
            if (tree.kind(b) == Instruction.TRY_TABLE) {
                for (int target : tree.targets(tree.opener(b))) {
                    add(all, atLabel(target));
                }
            }
        }
        return all;
    }
}
