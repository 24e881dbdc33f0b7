package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * A function with holes in the place of numbers that are only known when all functions of the
 * module were written: those of parts, and those of the globals that they use.
 */
final class OpenCode {

    private final BinaryWriter written;
    private BinaryWriter locals = new BinaryWriter(1);
    private int[] places = new int[16];

    /** What belongs there: a global, or the complement of a part. */
    private int[] wanted = new int[16];

    private int holes;

    /** Holes in what is written to a writer. */
    OpenCode(BinaryWriter written) {
        this.written = written;
    }

    /** The number of a part belongs here, of the function's own parts. */
    void part(int part) {
        hole(~part);
    }

    /** The number of a global belongs here, of those that the function has asked for. */
    void global(int global) {
        hole(global);
    }

    private void hole(int what) {
        if (holes == places.length) {
            places = Arrays.copyOf(places, 2 * holes);
            wanted = Arrays.copyOf(wanted, 2 * holes);
        }
        places[holes] = written.size();
        wanted[holes++] = what;
    }

    /** Nothing more is written; these are the locals. */
    OpenCode finish(LocalPool pool) {
        locals = new BinaryWriter(64);
        pool.write(locals);
        return this;
    }

    /** The function, with the numbers in it. */
    BinaryWriter close(IntUnaryOperator parts, IntUnaryOperator globals) {
        BinaryWriter out = new BinaryWriter(locals.size() + written.size() + 3 * holes).raw(locals);
        int from = 0;
        for (int i = 0; i < holes; i++) {
            out.raw(written, from, places[i]);
            from = places[i];
            out.u32(wanted[i] < 0 ? parts.applyAsInt(~wanted[i]) : globals.applyAsInt(wanted[i]));
        }
        return out.raw(written, from, written.size());
    }
}
