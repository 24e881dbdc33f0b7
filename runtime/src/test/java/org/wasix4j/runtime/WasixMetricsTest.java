package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WasixMetricsTest {

    @Test
    void a_servers_numbers_follow_what_it_does() throws Exception {
        try (Guest server = Guest.start("echo-server", "0", "127.0.0.1")) {
            int port = server.port();
            WasixProcess process = server.process();
            WasixMetrics before = process.metrics();
            assertThat(before.connectionsAccepted()).isZero();
            assertThat(before.threads()).isEqualTo(1);
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.getOutputStream().write(new byte[1000]);
                assertThat(client.getInputStream().readNBytes(1000)).hasSize(1000);
                // the client can have the bytes before the guest's thread has counted them
                await().until(() -> process.metrics().bytesSent() > 0);
                WasixMetrics during = process.metrics();
                assertThat(during.connectionsOpen()).isEqualTo(1);
                assertThat(during.connectionsAccepted()).isEqualTo(1);
                assertThat(during.connectionsOpened()).isZero();
                assertThat(during.bytesReceived()).isEqualTo(1000);
                assertThat(during.bytesSent()).isEqualTo(1000);
                assertThat(during.descriptors()).isGreaterThan(before.descriptors());
                assertThat(during.syscalls()).isGreaterThan(before.syscalls());
            }
            await().until(() -> process.metrics().connectionsOpen() == 0);
            assertThat(process.metrics().descriptors()).isEqualTo(before.descriptors());
            process.destroy();
            process.waitFor();
            WasixMetrics after = process.metrics();
            assertThat(after.connectionsAccepted()).isEqualTo(1);
            assertThat(after.bytesSent()).isEqualTo(1000);
            assertThat(after.descriptors()).isZero();
            assertThat(after.threads()).isZero();
            assertThat(after.syscalls()).isPositive();
        }
    }

    @Test
    void a_refusal_is_counted() throws Exception {
        WasixProcess process =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .build()
                        .start(Guest.module("echo-server", Engine.COMPILER));
        process.waitFor();
        assertThat(process.metrics().denials()).isEqualTo(1);
    }
}
