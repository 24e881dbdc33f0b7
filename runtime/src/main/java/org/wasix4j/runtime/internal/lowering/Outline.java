package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * Instructions that become a function of their own: either statements of one block, one behind the
 * other, which are entered at the first; or what stands behind several blocks, one in another, and
 * is entered behind any of them, as the cases of a switch are.
 */
final class Outline {

    private final int from;
    private final int to;
    private final int block;

    /** The blocks behind which it is entered, the innermost first; empty for statements. */
    private final int[] entries;

    /** By block behind which it is entered: the number of that entry. */
    private final Map<Integer, Integer> entryNumbers = new HashMap<>();

    /** The blocks to which it branches out, by their number in the function's answer. */
    private final List<Integer> exits = new ArrayList<>();

    private final Map<Integer, Integer> exitNumbers = new HashMap<>();

    /** The locals that it is given, and those that it gives back. */
    private int[] given = {};

    private int[] returned = {};
    private int function = -1;
    private boolean answers;

    /** The largest one of those that begin at the same instruction and are in this one. */
    private @Nullable Outline within;

    /**
     * An outline.
     *
     * @param from its first instruction
     * @param to the instruction behind its last one
     * @param block the block that it is in
     * @param entries the blocks behind which it is entered, the innermost first; empty for
     *     statements
     */
    Outline(int from, int to, int block, int[] entries) {
        this.from = from;
        this.to = to;
        this.block = block;
        this.entries = entries;
        for (int i = 0; i < entries.length; i++) {
            entryNumbers.put(entries[i], i);
        }
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** The block that the last of its instructions is in. */
    int block() {
        return block;
    }

    int[] entries() {
        return entries;
    }

    boolean isSwitch() {
        return entries.length > 0;
    }

    /** Whether it has a block inside, as far as its own function is concerned. */
    boolean contains(BlockTree tree, int wanted) {
        if (tree.opener(wanted) >= from && tree.closer(wanted) < to) {
            return true;
        }
        return entryOf(wanted) >= 0;
    }

    /** The number of the entry behind a block, or -1. */
    int entryOf(int wanted) {
        return entryNumbers.getOrDefault(wanted, -1);
    }

    /** The number of the way out to a block; 0 is the way to the instruction behind it. */
    int exit(int target) {
        return exitNumbers.computeIfAbsent(
                target,
                key -> {
                    exits.add(key);
                    return exits.size();
                });
    }

    /** The blocks to which it branches out; the first one has the number 1. */
    List<Integer> exits() {
        return exits;
    }

    int[] given() {
        return given;
    }

    int[] returned() {
        return returned;
    }

    void exchange(int[] given, int[] returned) {
        this.given = given;
        this.returned = returned;
    }

    /** The number of its function among the parts of the one that it is of. */
    int function() {
        return function;
    }

    /** Whether the function answers by which way it was left. */
    boolean answers() {
        return answers;
    }

    void written(int function, boolean answers) {
        this.function = function;
        this.answers = answers;
    }

    @Nullable
    Outline within() {
        return within;
    }

    void setWithin(Outline within) {
        this.within = within;
    }
}
