package org.wasix4j.hostile;

import java.util.function.Supplier;

/** Calls something where the stack is nearly used up. */
final class DeepStack {

    private int framesLeft;
    private int framesWanted;

    /**
     * Goes down to the end of the stack, so many frames back, and calls there.
     *
     * @return what the call answered, or null when it was not reached
     */
    <T> T call(int framesAbove, Supplier<T> body) {
        framesLeft = -1;
        framesWanted = framesAbove;
        return descend(body);
    }

    private <T> T descend(Supplier<T> body) {
        try {
            T result = descend(body);
            if (framesLeft < 0) {
                return result;
            }
        } catch (StackOverflowError e) {
            if (framesLeft < 0) {
                // the deepest frame; the call is made some frames above it
                framesLeft = framesWanted;
            } else {
                throw e;
            }
        }
        if (framesLeft > 0) {
            framesLeft--;
            return null;
        }
        framesLeft = -1;
        return body.get();
    }
}
