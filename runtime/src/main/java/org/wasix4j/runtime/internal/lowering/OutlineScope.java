package org.wasix4j.runtime.internal.lowering;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A function that is written by {@link OutlineWriter}: where the original's locals are, which of
 * its blocks are open, and the instructions so far.
 */
final class OutlineScope {

    private static final int NONE = -1;

    private final BlockTree tree;
    private final int[] types;
    private final OutlineWriter.Transfer transfer;
    private final BinaryWriter written = new BinaryWriter();
    private final Code code = new Code(written);
    private final OpenCode open = new OpenCode(written);
    private final LocalPool locals = new LocalPool();

    /** Where the original's locals are; not yet anywhere: -1. */
    private final int[] places;

    /** How many blocks are open. */
    private int depth;

    /** By block of the original: how many were open when it was opened; absent when it is not. */
    private final Map<Integer, Integer> opened = new HashMap<>();

    OutlineScope(BlockTree tree, int[] types, OutlineWriter.Transfer transfer) {
        this.tree = tree;
        this.types = types;
        this.transfer = transfer;
        this.places = new int[types.length];
        java.util.Arrays.fill(places, NONE);
    }

    /** The function as it was. */
    BlockTree tree() {
        return tree;
    }

    BinaryWriter written() {
        return written;
    }

    Code code() {
        return code;
    }

    LocalPool locals() {
        return locals;
    }

    /** Ends the function. */
    OpenCode finish() {
        return open.finish(locals);
    }

    /** Copies an instruction of the original. */
    void copy(int i) {
        written.raw(tree.bytes(), tree.start(i), tree.end(i));
    }

    // ---- locals and globals

    /** Adds a local of the original's. */
    void add(int variable) {
        places[variable] = locals.add(types[variable]);
    }

    /** Where a local of the original's is. */
    int place(int variable) {
        if (places[variable] == NONE) {
            add(variable);
        }
        return places[variable];
    }

    /** The types of locals of the original's. */
    int[] typesOf(int[] variables) {
        int[] all = new int[variables.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = types[variables[i]];
        }
        return all;
    }

    /** The globals through which values of these types go. */
    int[] globals(int[] types) {
        return transfer.globals(types);
    }

    Code getGlobal(int global) {
        code.op(Instruction.GLOBAL_GET);
        open.global(global);
        return code;
    }

    void setGlobal(int global) {
        code.op(Instruction.GLOBAL_SET);
        open.global(global);
    }

    /** Calls the function of an outline. */
    void call(int function) {
        code.op(Instruction.CALL);
        open.part(function);
    }

    /** Puts values from the stack into temporary locals. */
    int[] keep(int[] values) {
        int[] kept = new int[values.length];
        for (int k = kept.length - 1; k >= 0; k--) {
            kept[k] = locals.take(values[k]);
            code.set(kept[k]);
        }
        return kept;
    }

    void load(int[] kept) {
        for (int local : kept) {
            code.get(local);
        }
    }

    void release(int[] kept) {
        for (int local : kept) {
            locals.release(local);
        }
    }

    // ---- blocks

    /** Opens a block that the original has not; answers what {@link #labelOf} takes. */
    int openBlock() {
        code.op(Instruction.BLOCK);
        written.u8(ValueTypes.EMPTY);
        return depth++;
    }

    /** The same for an instruction that opens a block and was written. */
    int opened() {
        return depth++;
    }

    void endBlock() {
        code.op(Instruction.END);
        depth--;
    }

    /** The label of a block, by what opening it answered. */
    int labelOf(int block) {
        return depth - 1 - block;
    }

    /** Notes that a block of the original is open. */
    void open(int block) {
        opened.put(block, depth++);
    }

    /** Notes that a block, which was opened, is also one of the original. */
    void stands(int block, int place) {
        opened.put(block, place);
    }

    /** Notes that a block of the original was ended. */
    void close(int block) {
        depth--;
        opened.remove(block);
    }

    /** Whether a block of the original is open. */
    boolean isOpen(int block) {
        return opened.containsKey(block);
    }

    /** The label of a block of the original that is open. */
    int label(int block) {
        return labelOf(Objects.requireNonNull(opened.get(block)));
    }
}
