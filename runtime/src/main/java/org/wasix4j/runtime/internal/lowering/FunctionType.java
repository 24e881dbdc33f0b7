package org.wasix4j.runtime.internal.lowering;

/**
 * The type of a function, a tag or a block.
 *
 * @param parameters value types, see {@link ValueTypes}
 * @param results value types
 */
public record FunctionType(int[] parameters, int[] results) {

    private static final int[] NOTHING = {};

    /** Reads what follows the code of a function type. */
    static FunctionType read(BinaryReader in) {
        return new FunctionType(ValueTypes.readAll(in), ValueTypes.readAll(in));
    }

    /** The type of a block without parameters that leaves one value. */
    static FunctionType ofResult(int type) {
        return new FunctionType(NOTHING, new int[] {type});
    }

    /** The type of a block without parameters or results. */
    static FunctionType empty() {
        return new FunctionType(NOTHING, NOTHING);
    }

    /** Whether it has a {@code v128}. */
    boolean hasVector() {
        return ValueTypes.hasVector(parameters) || ValueTypes.hasVector(results);
    }
}
