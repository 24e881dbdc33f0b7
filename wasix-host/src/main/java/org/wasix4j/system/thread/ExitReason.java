package org.wasix4j.system.thread;

import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * Why a guest process ended; the first reason wins.
 *
 * @param kind what happened
 * @param code the guest's exit code for {@link Kind#EXITED}, a signal number for {@link
 *     Kind#KILLED} and {@link Kind#TRAPPED}, else 0
 * @param message a sentence for the operator, or null
 * @param cause what was thrown, or null
 */
public record ExitReason(Kind kind, int code, @Nullable String message, @Nullable Throwable cause) {

    private static final int SEGV = 11;

    /** The ways to end. */
    public enum Kind {
        /** The guest ended by itself, with a code. */
        EXITED,
        /** The guest did something WebAssembly forbids, or overflowed its stack. */
        TRAPPED,
        /** The host ended it. */
        KILLED,
        /** The guest's time was up. */
        TIMED_OUT,
        /** A fault of this host. */
        HOST_FAULT,
        /** Another program runs under its number: exec. No one is notified. */
        REPLACED
    }

    /** The guest ended by itself. */
    public static ExitReason exited(int code) {
        return new ExitReason(Kind.EXITED, code, null, null);
    }

    /** The guest trapped; a parent sees SIGSEGV. */
    public static ExitReason trapped(@Nullable String message, @Nullable Throwable cause) {
        return trapped(SEGV, message, cause);
    }

    /**
     * The guest trapped.
     *
     * @param signal the signal that a parent sees, as Linux would have ended it by
     */
    public static ExitReason trapped(
            int signal, @Nullable String message, @Nullable Throwable cause) {
        String shown = message == null ? null : Printable.line(message);
        return new ExitReason(Kind.TRAPPED, signal, shown, cause);
    }

    /** The host ended the guest; signal 0 when no signal was the cause. */
    public static ExitReason killed(int signal) {
        return new ExitReason(Kind.KILLED, signal, null, null);
    }

    /** The guest's time was up. */
    public static ExitReason timedOut() {
        return new ExitReason(Kind.TIMED_OUT, 0, null, null);
    }

    /** Another program takes the place of this one. */
    public static ExitReason replaced() {
        return new ExitReason(Kind.REPLACED, 0, null, null);
    }

    /** A fault of this host. */
    public static ExitReason hostFault(String where, Throwable cause) {
        return new ExitReason(Kind.HOST_FAULT, 0, where, cause);
    }
}
