package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.host.FailingNetwork.Step;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.Drain;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.Drainable;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SocketAddr;

/**
 * An observer is called without a lock of ours: whatever it hears of, it may wait for another
 * thread that looks at every socket of the guest, and changes them.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ObserverTest {

    private static final int UNIX = SocketCalls.UNIX;

    @TempDir Path volume;

    /** Lets another thread use all sockets at each word, and waits for it. */
    private static final class Curious implements SystemObserver {

        private final List<String> heard = new ArrayList<>();
        private GuestProcess process;
        private boolean stops;

        /** What it hears before this is only noted. */
        private String begins = "";

        private void heard(String what) {
            if (!what.startsWith(begins)) {
                heard.add(what);
                return;
            }
            begins = "";
            CompletableFuture<Void> other = CompletableFuture.runAsync(this::useAll);
            try {
                other.get(10, TimeUnit.SECONDS);
                heard.add(what);
            } catch (Exception e) {
                heard.add(what + ", and the other thread: " + e);
            }
        }

        private void useAll() {
            for (OpenDescription each : process.descriptors().descriptions()) {
                if (each instanceof SocketDescription socket) {
                    socket.status();
                    socket.localAddress();
                    socket.options().getSize(SockOption.LAST_ERROR);
                    socket.options().setFlag(SockOption.REUSE_ADDR, true);
                    socket.settle(-1, Readiness.ASKED);
                    socket.takeIn();
                }
                if (each instanceof Drainable socket) {
                    socket.isInFlight();
                    socket.activity();
                    socket.isOpenEnded();
                }
            }
            new Drain(() -> List.of(process), 1_000_000_000).isOver();
            if (stops) {
                process.stopAccepting();
            }
        }

        @Override
        public void listening(SocketAddr local) {
            heard("listening");
        }

        @Override
        public void accepted(SocketAddr local, SocketAddr peer) {
            heard("accepted");
        }

        @Override
        public void connected(SocketAddr local, SocketAddr peer) {
            heard("connected");
        }

        @Override
        public void stoppedListening(SocketAddr local) {
            heard("stoppedListening");
        }

        @Override
        public void closed(SocketAddr local) {
            heard("closed");
        }

        @Override
        public void denied(Decision decision) {
            heard("denied " + decision.operation().words());
        }

        @Override
        public void hostError(String operation, Throwable error) {
            heard("hostError " + operation);
        }
    }

    private final Curious observer = new Curious();
    private HostHarness guest;
    private SocketCalls sockets;

    private void start(UnaryOperator<ProcessSettings> setUp) {
        start(Mounts.none(), setUp);
    }

    private void start(Mounts mounts, UnaryOperator<ProcessSettings> setUp) {
        guest = HostHarness.create(mounts, process -> setUp.apply(process.withObserver(observer)));
        observer.process = guest.process();
        sockets = new SocketCalls(guest);
    }

    private void start(String rules) {
        start(process -> process.withPolicy(NetworkPolicy.parse(rules)));
    }

    private void startFailing(Step step) {
        start(
                process ->
                        process.withPolicy(NetworkPolicy.allowAll())
                                .withNetwork(new FailingNetwork(step, new IOException("strange"))));
    }

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void connections_are_reported_without_a_lock() {
        start("loopback:*");
        int listener = sockets.listener();
        int client = sockets.tcp();
        SocketCalls.expect(sockets.connect(client, sockets.localPort(listener)));
        sockets.accept(listener);
        guest.ok("fd_close", client);
        guest.ok("fd_close", listener);
        assertThat(observer.heard)
                .containsExactly(
                        "listening", "connected", "accepted", "closed", "stoppedListening");
    }

    @Test
    void who_hears_of_a_listener_may_stop_the_process_from_another_thread() {
        start("loopback:*");
        observer.stops = true;
        int listener = sockets.listener();
        assertThat(observer.heard).containsExactly("stoppedListening", "listening");
        sockets.nonBlocking(listener);
        assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.AGAIN);
    }

    @Test
    void what_the_host_refuses_to_bind_is_reported_without_a_lock() {
        start("ipv4:allow=*:*");
        assertThat(sockets.bind(sockets.tcp(), "192.0.2.1", 0)).isEqualTo(Errno.ADDRNOTAVAIL);
        int udp = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        assertThat(sockets.bind(udp, "192.0.2.1", 0)).isEqualTo(Errno.ADDRNOTAVAIL);
        assertThat(observer.heard)
                .containsExactly("hostError bind 192.0.2.1:0", "hostError bind 192.0.2.1:0");
    }

    @Test
    void what_the_host_refuses_to_listen_on_is_reported_without_a_lock() {
        startFailing(Step.LISTEN);
        int fd = sockets.tcp();
        SocketCalls.expect(sockets.bind(fd, "127.0.0.1", 0));
        assertThat(guest.call("sock_listen", fd, 1)).isEqualTo(Errno.IO);
        assertThat(observer.heard).hasSize(1);
        assertThat(observer.heard.get(0)).startsWith("hostError listen 127.0.0.1:");
    }

    @Test
    void a_connection_that_fails_strangely_is_reported_without_a_lock() {
        startFailing(Step.CONNECT);
        assertThat(sockets.connect(sockets.tcp(), 9)).isEqualTo(Errno.IO);
        assertThat(observer.heard).containsExactly("hostError connect");
    }

    @Test
    void a_read_that_fails_strangely_is_reported_without_a_lock() {
        startFailing(Step.READ);
        observer.begins = "hostError"; // to look is to read
        int fd = sockets.tcp();
        SocketCalls.expect(sockets.connect(fd, 9));
        assertThat(sockets.receive(fd)).isEqualTo("[" + Errno.IO + "]");
        assertThat(observer.heard).containsExactly("connected", "hostError recv");
    }

    @Test
    void a_write_that_fails_strangely_is_reported_without_a_lock() {
        startFailing(Step.WRITE);
        int fd = sockets.tcp();
        SocketCalls.expect(sockets.connect(fd, 9));
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.IO);
        assertThat(observer.heard).containsExactly("connected", "hostError send");
    }

    @Test
    void a_datagram_that_the_policy_refuses_is_reported_without_a_lock() throws Exception {
        start("ipv4:allow=127.0.0.1:*/in,ipv4:deny=127.0.0.2:*");
        int udp = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        SocketCalls.expect(sockets.bind(udp, "127.0.0.1", 0));
        try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"))) {
            stranger.send(
                    new DatagramPacket(
                            new byte[1],
                            1,
                            InetAddress.getByName("127.0.0.1"),
                            sockets.localPort(udp)));
        }
        sockets.nonBlocking(udp);
        await().pollInSameThread()
                .untilAsserted(
                        () -> {
                            assertThat(sockets.receive(udp)).isEqualTo("[" + Errno.AGAIN + "]");
                            assertThat(observer.heard).isNotEmpty();
                        });
        assertThat(observer.heard).containsExactly("denied receive from");
    }

    @Test
    void a_unix_name_that_the_policy_refuses_is_reported_without_a_lock() {
        Mounts mounts = Mounts.builder().withVolume(volume, "/", false).build();
        start(mounts, process -> process);
        mounts.preopen(guest.process().descriptors());
        int fd = sockets.open(UNIX, SocketCalls.STREAM);
        assertThat(guest.call("sock_bind", fd, sockets.address("/s"))).isEqualTo(Errno.ACCES);
        assertThat(observer.heard).containsExactly("denied bind");
    }
}
