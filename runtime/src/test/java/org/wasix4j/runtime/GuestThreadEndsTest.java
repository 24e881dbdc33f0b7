package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;

/**
 * A process ends as a whole, whoever ends it and wherever its threads are: in a loop, in a loop of
 * calls, in accept, receive, poll, epoll, a pipe, sleep, a futex, memory.atomic.wait, a join,
 * standard input and a file.
 */
@Timeout(120)
class GuestThreadEndsTest {

    private static final String ENDS = "threads/ends";
    private static final String LEGACY = "first-generation/threads/ends";

    @TempDir Path folder;
    private final CountDownLatch never = new CountDownLatch(1);

    /** Standard input that never has anything. */
    private final InputStream silent =
            new InputStream() {
                @Override
                public int read() {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return -1;
                }
            };

    @AfterEach
    void end_standard_input() {
        never.countDown();
    }

    private Guest start(String module, Engine engine, String how) {
        return Guest.start(
                        Guest.module(module, engine),
                        silent,
                        settings ->
                                settings.withArguments(how)
                                        .withDirectory(folder, "data")
                                        .withNetworkPolicy(NetworkPolicy.allowAll()))
                .awaitFirstLine();
    }

    private void assertEnds(Guest guest, String module, int code) throws Exception {
        ExitStatus status =
                guest.process()
                        .waitFor(Guest.SOON)
                        .orElseThrow(() -> new AssertionError("still runs: " + guest));
        assertThat(status.shellCode()).as(status + ", " + guest).isEqualTo(code);
        assertThat(guest.hostErrors()).isEmpty();
        await().atMost(Guest.SOON)
                .untilAsserted(() -> assertThat(Guest.threadsOf(module)).isEmpty());
        assertThat(guest.process().abandonedThreads()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"return, 0", "exit, 7", "other, 7", "each, 0"})
    void every_thread_ends_when_the_process_does_by(String how, int code) throws Exception {
        for (String module : new String[] {ENDS, LEGACY}) {
            try (Guest guest = start(module, Engine.COMPILER, how)) {
                assertEnds(guest, module, code);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit", "trap"})
    void every_thread_ends_when_code_is_interpreted_too_by(String how) throws Exception {
        try (Guest guest = start(ENDS, Engine.INTERPRETER, how)) {
            assertEnds(guest, ENDS, how.equals("exit") ? 7 : 134);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ENDS, LEGACY})
    void a_trap_in_any_thread_ends_all_and_says_where_it_was(String module) throws Exception {
        try (Guest guest = start(module, Engine.COMPILER, "trap")) {
            assertEnds(guest, module, 134);
            ExitStatus status = guest.awaitEnd();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
            assertThat(status.message())
                    .matches("integer divide by zero, in function \\d+.*, in thread \\d+");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15})
    void destroy_ends_every_thread(int signal) throws Exception {
        try (Guest guest = start(ENDS, Engine.COMPILER, "stay")) {
            guest.process().destroy(signal);
            assertEnds(guest, ENDS, signal == 0 ? 137 : 143);
        }
    }
}
