package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One guest and very many clients. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ManyConnectionsTest {

    private static final int ONE_AFTER_ANOTHER = 10_000;
    private static final int AT_ONCE = 2_000;
    private static final int IDLE = 500;

    private Guest server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        server = Guest.start("echo-server", "0", "127.0.0.1");
        port = server.port();
        // what comes with the first connection stays
        Socket client = connect();
        echo(client, "warm");
        client.close();
        awaitConnections(0);
    }

    @AfterEach
    void stop() {
        server.close();
        await().atMost(Guest.SOON).until(() -> Guest.threadsOf("echo-server").isEmpty());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress("127.0.0.1", port), (int) Guest.SOON.toMillis());
        socket.setSoTimeout((int) Guest.SOON.toMillis());
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void echo(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(US_ASCII));
        assertThat(client.getInputStream().readNBytes(text.length()))
                .asString(US_ASCII)
                .isEqualTo(text);
    }

    private void awaitConnections(int count) {
        await().atMost(Guest.SOON)
                .until(() -> server.process().metrics().connectionsOpen() == count);
    }

    private void assertNothingIsLeft(int descriptorsBefore, WasixMetrics before) {
        awaitConnections(0);
        await().atMost(Guest.SOON)
                .untilAsserted(
                        () -> {
                            assertThat(HostDescriptors.open())
                                    .hasSizeLessThanOrEqualTo(descriptorsBefore);
                            WasixMetrics now = server.process().metrics();
                            assertThat(now.descriptors()).isEqualTo(before.descriptors());
                            assertThat(now.threads()).isEqualTo(before.threads());
                        });
        assertThat(server.hostErrors()).isEmpty();
    }

    @Test
    void ten_thousand_connections_one_after_another_leave_nothing() throws IOException {
        Assumptions.assumeTrue(HostDescriptors.areListed());
        int descriptors = HostDescriptors.open().size();
        WasixMetrics before = server.process().metrics();
        for (int i = 0; i < ONE_AFTER_ANOTHER; i++) {
            try (Socket client = connect()) {
                echo(client, "ping");
                if (i % 10 != 0) {
                    // else the ports of the machine would be used up by connections that are over
                    client.setSoLinger(true, 0);
                }
            }
        }
        assertNothingIsLeft(descriptors, before);
        assertThat(server.process().metrics().connectionsAccepted())
                .isEqualTo(before.connectionsAccepted() + ONE_AFTER_ANOTHER);
    }

    @Test
    void two_thousand_connections_at_once_are_all_served_and_leave_nothing() throws IOException {
        Assumptions.assumeTrue(HostDescriptors.areListed());
        Assumptions.assumeTrue(
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
                        && os.getMaxFileDescriptorCount() > 3 * AT_ONCE);
        int descriptors = HostDescriptors.open().size();
        WasixMetrics before = server.process().metrics();
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < AT_ONCE; i++) {
                clients.add(connect());
            }
            awaitConnections(AT_ONCE);
            for (int i = 0; i < AT_ONCE; i++) {
                clients.get(i).getOutputStream().write(("client " + (1000 + i)).getBytes(US_ASCII));
            }
            for (int i = 0; i < AT_ONCE; i++) {
                assertThat(clients.get(i).getInputStream().readNBytes(11))
                        .asString(US_ASCII)
                        .isEqualTo("client " + (1000 + i));
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
        assertNothingIsLeft(descriptors, before);
    }

    /** Two seconds are enough: a wait that is not one turns thousands of times in each. */
    @Test
    void a_server_with_five_hundred_idle_connections_uses_no_processor_time() throws Exception {
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE; i++) {
                Socket client = connect();
                clients.add(client);
                echo(client, "here");
            }
            awaitConnections(IDLE);
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            Set<Thread> all = Thread.getAllStackTraces().keySet();
            List<Long> guests =
                    all.stream()
                            .filter(thread -> thread.getName().startsWith("wasix-echo-server-"))
                            .map(Thread::getId)
                            .toList();
            assertThat(guests).isNotEmpty();
            // the last echo is answered, and its thread perhaps not yet at the next wait
            await().pollDelay(200, TimeUnit.MILLISECONDS).until(() -> true);
            long calls = server.process().metrics().syscalls();
            long before = guests.stream().mapToLong(threads::getThreadCpuTime).sum();
            await().pollDelay(2, TimeUnit.SECONDS).until(() -> true);
            long used = guests.stream().mapToLong(threads::getThreadCpuTime).sum() - before;
            assertThat(server.process().metrics().syscalls()).isEqualTo(calls);
            assertThat(used).isLessThan(100_000_000);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
