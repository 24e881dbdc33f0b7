package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.SocketAddr;

/**
 * A listener may use the handle of the process from another thread and wait for that: it is called
 * with no lock of ours held, on whatever way the word comes.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ListenerTest {

    /** Does something on another thread at each word, and waits for it. */
    private static final class Caller implements ProcessListener {

        private interface Use {
            void of(WasixProcess process) throws Exception;
        }

        private final CompletableFuture<WasixProcess> handle = new CompletableFuture<>();
        private final List<String> heard = new CopyOnWriteArrayList<>();
        private final Use use;

        Caller(Use use) {
            this.use = use;
        }

        private void heard(String what) {
            CompletableFuture<Void> other =
                    handle.thenAcceptAsync(
                            process -> {
                                try {
                                    use.of(process);
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            try {
                other.get(30, TimeUnit.SECONDS);
                heard.add(what);
            } catch (InterruptedException e) {
                // the process was ended meanwhile, and this is its thread
                other.join();
                heard.add(what);
            } catch (ExecutionException | TimeoutException e) {
                heard.add(what + ", where the other thread: " + e);
            }
        }

        @Override
        public void listening(SocketAddr local) {
            heard("listening");
        }

        @Override
        public void stoppedListening(SocketAddr local) {
            heard("stoppedListening");
        }

        @Override
        public void accepted(SocketAddr local, SocketAddr peer) {
            heard("accepted");
        }

        @Override
        public void closed(SocketAddr local) {
            heard("closed");
        }

        @Override
        public void denied(Decision decision) {
            heard("denied");
        }

        @Override
        public void hostError(String operation, Throwable error) {
            heard("hostError " + operation);
        }
    }

    private static WasixProcess start(Caller caller, String rules, String... arguments) {
        WasixProcess process =
                WasixRuntime.builder()
                        .withArguments(arguments)
                        .withNetworkPolicy(NetworkPolicy.parse(rules))
                        .withListener(caller)
                        .build()
                        .start(Guest.module("echo-server", Engine.COMPILER));
        caller.handle.complete(process);
        return process;
    }

    /** The end is reported without the thread that is in the listener. */
    private static void awaitHeard(Caller caller, String what) {
        await().atMost(Guest.SOON).untilAsserted(() -> assertThat(caller.heard).contains(what));
    }

    @Test
    void it_may_ask_for_everything_that_the_handle_tells() throws Exception {
        Caller caller =
                new Caller(
                        process -> {
                            process.metrics();
                            process.listeningAddresses();
                            process.preopenedListeners();
                            process.exitStatus();
                            process.abandonedThreads();
                            process.signal(10);
                        });
        try (WasixProcess process = start(caller, "loopback:*", "0", "127.0.0.1")) {
            int port = process.awaitListening(Guest.SOON).port();
            try (Socket client = new Socket("127.0.0.1", port)) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
            process.destroy();
            assertThat(process.waitFor(Guest.SOON)).isPresent();
            assertThat(caller.heard).startsWith("listening", "accepted");
            assertThat(caller.heard).contains("closed", "stoppedListening").hasSize(4);
        }
    }

    @Test
    void an_observer_may_stop_a_guest_when_its_listener_is_reported() throws Exception {
        Caller caller = new Caller(process -> process.stop(Duration.ZERO));
        try (WasixProcess process = start(caller, "loopback:*", "0", "127.0.0.1")) {
            assertThat(process.waitFor(Guest.SOON)).isPresent();
            awaitHeard(caller, "listening");
        }
    }

    @Test
    void it_may_stop_a_guest_that_the_host_has_refused_something() throws Exception {
        Caller caller = new Caller(process -> process.stop(Duration.ZERO));
        try (WasixProcess process = start(caller, "ipv4:allow=*:*", "0", "192.0.2.1")) {
            assertThat(process.waitFor(Guest.SOON)).isPresent();
            awaitHeard(caller, "hostError bind 192.0.2.1:0");
        }
    }

    @Test
    void it_may_stop_a_guest_that_the_policy_has_refused_something() throws Exception {
        Caller caller = new Caller(process -> process.stop(Duration.ZERO));
        try (WasixProcess process = start(caller, "loopback:1/out", "0", "127.0.0.1")) {
            assertThat(process.waitFor(Guest.SOON)).isPresent();
            awaitHeard(caller, "denied");
        }
    }
}
