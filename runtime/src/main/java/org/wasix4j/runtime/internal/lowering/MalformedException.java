package org.wasix4j.runtime.internal.lowering;

/** A binary breaks the format. The message is a clause that says what is wrong and where. */
public final class MalformedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MalformedException(String message) {
        super(message, null, false, false);
    }
}
