package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.TestModule;

/** The diagnosis of a guest that does not come to listen, and what it writes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StartDiagnosisTest {

    private static final WasixModule HELLO =
            WasixModule.load("http-hello", TestModule.named("http-hello").bytes());

    @Test
    void a_server_without_a_grant_says_which_it_needs_though_nobody_reads_its_standard_error()
            throws Exception {
        WasixRuntime runtime = WasixRuntime.builder().withArguments("8080").build();
        try (WasixProcess server = runtime.start(HELLO)) {
            assertThatThrownBy(() -> server.awaitListening(Duration.ofSeconds(60)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith(
                            "the guest has ended: exit code 1; bind 0.0.0.0:8080 denied: the network is not granted")
                    .hasMessageEndingWith(
                            "; standard error ends with: http-hello: bind 0.0.0.0:8080: acces");
        }
    }

    @Test
    void a_guest_that_waits_for_something_else_is_reported_after_the_time() throws Exception {
        WasixModule module = WasixModule.load("echo", TestModule.named("echo-server").bytes());
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.denyAll())
                        .build();
        try (WasixProcess server = runtime.start(module)) {
            server.waitFor(Duration.ofSeconds(60));
            assertThatThrownBy(() -> server.awaitListening(Duration.ofMillis(1)))
                    .isInstanceOfAny(TimeoutException.class, IllegalStateException.class)
                    .hasMessageContaining("denied");
        }
    }

    @Test
    void of_much_that_is_written_and_refused_the_last_is_kept() throws Exception {
        StartDiagnosis diagnosis = new StartDiagnosis();
        byte[] letters = "\u00e9".repeat(1000).getBytes(StandardCharsets.UTF_8);
        for (String name : List.of("a", "b", "c", "d", "d")) {
            diagnosis.hostError(name, new IllegalStateException());
        }
        var stream = diagnosis.standardError(null);
        stream.write('x');
        stream.write(letters, 0, letters.length);
        stream.write("\nend\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(diagnosis.toString())
                .startsWith("; b: java")
                .contains("; c: java", "; d: java", " ends with: \u00e9\u00e9")
                .doesNotContain("a: java")
                .doesNotContain("\ufffd")
                .endsWith("\u00e9\\u000aend")
                .hasSizeLessThan(1000);
    }

    @Test
    void lines_are_reported_one_by_one_and_the_last_needs_no_end() throws Exception {
        List<String> out = new CopyOnWriteArrayList<>();
        List<String> err = new CopyOnWriteArrayList<>();
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("8080")
                        .withStdoutLines(out::add)
                        .withStderrLines(err::add)
                        .build();
        runtime.start(HELLO).waitFor();
        assertThat(out).isEmpty();
        assertThat(err).containsExactly("http-hello: bind 0.0.0.0:8080: acces");

        LineStream stream = new LineStream(out::add);
        stream.write("one\r\ntwo\n\nthree".getBytes(StandardCharsets.US_ASCII));
        assertThat(out).containsExactly("one", "two", "");
        stream.finish();
        stream.finish();
        assertThat(out).containsExactly("one", "two", "", "three");
        stream.write("x".repeat(20_000).getBytes(StandardCharsets.US_ASCII));
        assertThat(out).hasSize(6);
    }

    @Test
    void an_interrupted_close_gives_everything_back_and_the_thread_stays_interrupted()
            throws Exception {
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.parse("loopback:*"))
                        .build();
        WasixProcess server = runtime.start(HELLO).awaitListening(Duration.ofSeconds(60));
        Thread.currentThread().interrupt();
        server.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(server.exitStatus()).isPresent();
    }

    @Test
    void a_module_is_loaded_from_a_resource() throws Exception {
        WasixModule module =
                WasixModule.load(
                        "hello", TestModule.class.getResourceAsStream("/wasm/http-hello.wasm"));
        assertThat(module.name()).isEqualTo("hello");
        assertThatThrownBy(
                        () ->
                                WasixModule.load(
                                        "absent.wasm",
                                        TestModule.class.getResourceAsStream("/absent.wasm")))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("there is no stream to load absent.wasm from");
    }
}
