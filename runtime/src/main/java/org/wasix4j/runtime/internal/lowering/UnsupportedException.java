package org.wasix4j.runtime.internal.lowering;

import org.wasix4j.types.Nullable;

/**
 * A binary uses, or mixes, what the rewriter has no way for. The message is a clause; when a
 * function is to blame, it is what would be said of that function.
 */
public final class UnsupportedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int function;

    UnsupportedException(String message) {
        this(-1, message);
    }

    UnsupportedException(int function, @Nullable String message) {
        super(message, null, false, false);
        this.function = function;
    }

    /** The number of the function that is to blame, or -1. */
    public int function() {
        return function;
    }
}
