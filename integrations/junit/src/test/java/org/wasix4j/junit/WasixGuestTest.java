package org.wasix4j.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.runtime.WasixProcess;

/** Guests on fields and parameters, and what a failure shows of them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WasixGuestTest {

    private static final String ECHO = "wasm/echo-server.wasm";

    @WasixGuest(
            module = ECHO,
            args = {"0", "127.0.0.1"},
            network = GuestNetwork.LOOPBACK)
    static WasixProcess shared;

    private static WasixProcess seenBefore;

    @WasixGuest(
            module = ECHO,
            args = {"7"})
    WasixProcess own;

    @Test
    void a_guest_of_the_class_listens_on_the_loopback() throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), shared.port())) {
            client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(client.getInputStream().readNBytes(5))
                    .isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        }
        requireAnother();
    }

    @Test
    void a_guest_of_the_test_needs_no_port() throws IOException {
        try (InProcessConnection client = own.connect(7)) {
            client.outputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(client.inputStream().readNBytes(5))
                    .isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        }
        requireAnother();
    }

    /** Each test has a guest of its own, and that of the test before was stopped. */
    private void requireAnother() {
        assertThat(own).isNotSameAs(seenBefore);
        assertThat(seenBefore == null || !seenBefore.isAlive()).isTrue();
        seenBefore = own;
    }

    @Test
    void a_parameter_is_a_guest_too(
            @WasixGuest(module = ECHO, args = "9") WasixProcess first,
            @WasixGuest(module = ECHO, args = "10") WasixProcess second)
            throws IOException {
        try (InProcessConnection a = first.connect(9);
                InProcessConnection b = second.connect(10)) {
            assertThat(List.of(a.isOpen(), b.isOpen())).containsExactly(true, true);
        }
        requireAnother();
    }

    // ---- failures, in a run of their own

    static class Failing {
        @Test
        void fails(@WasixGuest(module = ECHO, args = "9") WasixProcess guest) throws IOException {
            // an echo comes after what the guest writes when it listens
            try (InProcessConnection client = guest.connect(9)) {
                client.outputStream().write('x');
                assertThat(client.inputStream().read()).isEqualTo('x');
            }
            throw new AssertionError("as wanted");
        }

        @Test
        void does_not_start(@WasixGuest(module = ECHO) WasixProcess guest) {}

        @Test
        void has_no_module(@WasixGuest(module = "none.wasm") WasixProcess guest) {}
    }

    private static Throwable failureOf(EngineExecutionResults results, String test) {
        Event event =
                results.testEvents()
                        .failed()
                        .filter(each -> each.getTestDescriptor().getDisplayName().startsWith(test))
                        .findFirst()
                        .orElseThrow();
        return event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }

    @Test
    void a_failure_shows_what_the_guest_wrote_and_why_it_did_not_start() {
        EngineExecutionResults results =
                EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(Failing.class))
                        .execute();
        assertThat(failureOf(results, "fails").getSuppressed()[0])
                .hasMessageContaining("listening on");
        assertThat(failureOf(results, "does_not_start"))
                .hasMessageContaining("echo-server.wasm, ended")
                .hasMessageContaining("usage");
        assertThat(failureOf(results, "has_no_module"))
                .hasMessageContaining("none.wasm is neither on the class path nor a file");
        own.destroy();
    }
}
