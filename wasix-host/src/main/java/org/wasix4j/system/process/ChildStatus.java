package org.wasix4j.system.process;

import org.wasix4j.system.thread.ExitReason;

/**
 * What wait(2) reports of a process.
 *
 * @param kind how it ended, or that it was stopped
 * @param number the exit code from 0 to 255, or a signal's number
 */
public record ChildStatus(Kind kind, int number) {

    /** The ways in which the state of a process can change. */
    public enum Kind {
        /** It ended by itself. */
        EXITED,
        /** A signal ended it. */
        SIGNALED,
        /** A signal stopped it; it can go on. */
        STOPPED
    }

    private static final int KILL = 9;

    /** The end as its parent sees it. A host's reason looks like SIGKILL. */
    public static ChildStatus of(ExitReason reason) {
        return switch (reason.kind()) {
            case EXITED -> new ChildStatus(Kind.EXITED, reason.code() & 0xff);
            case TRAPPED, KILLED ->
                    new ChildStatus(Kind.SIGNALED, reason.code() == 0 ? KILL : reason.code());
            case TIMED_OUT, HOST_FAULT, REPLACED -> new ChildStatus(Kind.SIGNALED, KILL);
        };
    }

    /** A process that was stopped by a signal. */
    static ChildStatus stopped(int signal) {
        return new ChildStatus(Kind.STOPPED, signal);
    }
}
