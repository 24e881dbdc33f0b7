package org.wasix4j.runtime.internal.lowering;

import java.util.List;
import java.util.Map;

/**
 * A module that the engine can compile.
 *
 * @param wasm the binary; the very array that was given when there was nothing to do
 * @param helpers functions that were appended, by number, and the name of what each of them does:
 *     the compiler may replace them by something faster
 * @param tails what became of tail calls
 * @param parts functions that were appended because others were too large
 */
public record RewrittenModule(byte[] wasm, Map<Integer, String> helpers, Tails tails, Parts parts) {

    /** A module of which no function was divided, with tail calls of any depth. */
    public RewrittenModule(byte[] wasm, Map<Integer, String> helpers) {
        this(wasm, helpers, Tails.NONE, Parts.NONE);
    }

    /**
     * Tail calls between functions.
     *
     * @param first the number of the first function that was appended for them
     * @param origins by their order: the function whose code was moved there
     * @param deep how many functions make tail calls that take room on the stack, and may do so
     *     without end
     */
    public record Tails(int first, List<Integer> origins, int deep) {

        /** There are none. */
        public static final Tails NONE = new Tails(Integer.MAX_VALUE, List.of(), 0);
    }

    /**
     * The functions at the end of a module that are parts of others. A part is called by the
     * function that it is of, or by another part of it, and by no others.
     *
     * @param first the number of the first one
     * @param origins by their order: the function that each of them is a part of
     * @param firstGlobal the number of the first global that was appended for values that pass
     *     between parts of a function. Nobody else uses these globals, and none of them is read
     *     later than right behind the call after which, or at the beginning of the function before
     *     whose call, it was written.
     * @param globals how many there are
     */
    public record Parts(int first, List<Integer> origins, int firstGlobal, int globals) {

        /** There are none. */
        public static final Parts NONE = new Parts(Integer.MAX_VALUE, List.of(), 0, 0);

        /** Whether a function is a part of another one. */
        public boolean contains(int function) {
            return function >= first;
        }

        /** Whether a function is a part, or has parts. */
        public boolean concern(int function) {
            return contains(function) || origins.contains(function);
        }
    }
}
