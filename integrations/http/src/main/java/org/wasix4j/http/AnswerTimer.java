package org.wasix4j.http;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.wasix4j.runtime.InProcessConnection;

/** Closes a connection unless it is stopped in time, which wakes its reader. */
final class AnswerTimer {

    private final CompletableFuture<Void> answered = new CompletableFuture<>();
    private volatile boolean fired;

    @SuppressWarnings("FutureReturnValueIgnored")
    AnswerTimer(InProcessConnection connection, Duration limit) {
        answered.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((nothing, failure) -> fire(connection, failure));
    }

    private void fire(InProcessConnection connection, Throwable failure) {
        if (failure instanceof TimeoutException) {
            fired = true;
            try {
                connection.close();
            } catch (IOException e) {
                // the reader is woken all the same
            }
        }
    }

    /** The answer is there. */
    void stop() {
        answered.complete(null);
    }

    boolean hasFired() {
        return fired;
    }
}
