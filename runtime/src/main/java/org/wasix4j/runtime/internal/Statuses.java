package org.wasix4j.runtime.internal;

import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.system.thread.ExitReason;

/** The machine's reason to end as the embedding API tells it. */
final class Statuses {

    private Statuses() {}

    static ExitStatus of(ExitReason reason) {
        int code = reason.code();
        return switch (reason.kind()) {
            case EXITED -> new ExitStatus(ExitStatus.Kind.EXITED, code, 0, null, null);
            case TRAPPED ->
                    new ExitStatus(ExitStatus.Kind.TRAPPED, 0, 0, reason.message(), reason.cause());
            case KILLED -> new ExitStatus(ExitStatus.Kind.KILLED, 0, code, null, null);
            case TIMED_OUT -> new ExitStatus(ExitStatus.Kind.TIMED_OUT, 0, 0, null, null);
            case REPLACED -> throw new IllegalStateException("a program that goes on is no end");
            case HOST_FAULT ->
                    new ExitStatus(
                            ExitStatus.Kind.FAILED,
                            0,
                            0,
                            reason.message() + ": " + reason.cause(),
                            reason.cause());
        };
    }
}
