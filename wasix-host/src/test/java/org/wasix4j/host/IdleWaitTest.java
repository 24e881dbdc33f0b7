package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/** Waiting costs no CPU, whatever the thread has waited for before. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class IdleWaitTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final long SECOND = 1_000_000_000;
    private static final long LITTLE = 100_000_000;

    private static boolean waits(GuestThread thread) {
        return thread.isWaiting();
    }

    @Test
    void a_wait_after_a_connect_that_took_its_time() throws IOException {
        try (HostHarness guest =
                        HostHarness.create(
                                process -> process.withPolicy(NetworkPolicy.allowAll()));
                ServerSocket full = new ServerSocket(0, 1, LOOPBACK);
                Socket first = new Socket(LOOPBACK, full.getLocalPort());
                Socket second = new Socket(LOOPBACK, full.getLocalPort())) {
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            SocketCalls sockets = new SocketCalls(guest);
            int fd = sockets.tcp();
            GuestThread mine = guest.thread();
            CompletableFuture<Void> room =
                    CompletableFuture.runAsync(
                            () -> {
                                await().until(() -> waits(mine));
                                try {
                                    full.accept();
                                    full.accept();
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            assertThat(sockets.connect(fd, full.getLocalPort())).isEqualTo(Errno.SUCCESS);
            room.join();
            int listener = sockets.listener();
            sockets.setTime(listener, SockOption.ACCEPT_TIMEOUT.code(), SECOND);
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadCpuTime();
            assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.TIMEDOUT);
            assertThat(threads.getCurrentThreadCpuTime() - before).isLessThan(LITTLE);
        }
    }
}
