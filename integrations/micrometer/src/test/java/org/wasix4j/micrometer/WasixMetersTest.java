package org.wasix4j.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.testmodules.TestModule;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WasixMetersTest {

    @Test
    void a_registry_shows_what_a_guest_does() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        WasixModule module =
                WasixModule.load("echo", TestModule.named("echo-server").bytes(), Engine.COMPILER);
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.parse("loopback"))
                        .build();
        try (WasixProcess server = runtime.start(module)) {
            new WasixMeters("echo", server).bindTo(registry);
            server.awaitListening(Duration.ofSeconds(20));
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                client.getOutputStream().write(new byte[100]);
                assertThat(client.getInputStream().readNBytes(100)).hasSize(100);
                assertThat(gauge(registry, "wasix.connections.open")).isEqualTo(1);
                assertThat(counter(registry, "wasix.bytes.received")).isEqualTo(100);
                assertThat(counter(registry, "wasix.bytes.sent")).isEqualTo(100);
            }
            await().until(() -> gauge(registry, "wasix.connections.open") == 0);
            assertThat(counter(registry, "wasix.connections.accepted")).isEqualTo(1);
            assertThat(counter(registry, "wasix.syscalls")).isPositive();
            assertThat(registry.getMeters())
                    .hasSize(9)
                    .allSatisfy(
                            meter -> assertThat(meter.getId().getTag("guest")).isEqualTo("echo"));
        }
    }

    private static double gauge(SimpleMeterRegistry registry, String name) {
        return registry.get(name).gauge().value();
    }

    private static double counter(SimpleMeterRegistry registry, String name) {
        return registry.get(name).functionCounter().count();
    }
}
