package org.wasix4j.runtime;

import org.wasix4j.types.Nullable;

/**
 * How a guest ended.
 *
 * @param kind what happened
 * @param code the guest's own exit code for {@link Kind#EXITED}, else 0
 * @param signal for {@link Kind#KILLED} the signal that the host stands for, or 0
 * @param message a sentence for the operator, or null
 * @param cause what was thrown, or null
 */
public record ExitStatus(
        Kind kind, int code, int signal, @Nullable String message, @Nullable Throwable cause) {

    /** The ways to end. */
    public enum Kind {
        /** The guest ended by itself, with a code. */
        EXITED,
        /** The guest did something WebAssembly forbids, or overflowed its stack. */
        TRAPPED,
        /** The host ended it. */
        KILLED,
        /** It ran longer than its timeout. */
        TIMED_OUT,
        /** A fault of this host. */
        FAILED
    }

    /** {@return whether the guest ended by itself, with code 0} */
    public boolean isSuccess() {
        return kind == Kind.EXITED && code == 0;
    }

    /**
     * {@return the exit code of a command that ran this guest: the guest's own; 134 after a trap,
     * 124 after a timeout, 128+N when it was killed by signal N (137 without a signal), 70 after a
     * fault of the host}
     */
    public int shellCode() {
        return switch (kind) {
            case EXITED -> code & 0xff;
            case TRAPPED -> 134;
            case KILLED -> 128 + (signal == 0 ? 9 : signal);
            case TIMED_OUT -> 124;
            case FAILED -> 70;
        };
    }

    /** A clause for a human: {@code exit code 1}, {@code ended by signal 15}. */
    @Override
    public String toString() {
        return switch (kind) {
            case EXITED -> "exit code " + code;
            case TRAPPED -> "trap: " + message;
            case KILLED -> signal == 0 ? "ended by the host" : "ended by signal " + signal;
            case TIMED_OUT -> "the time was up";
            case FAILED -> "internal error in " + message;
        };
    }
}
