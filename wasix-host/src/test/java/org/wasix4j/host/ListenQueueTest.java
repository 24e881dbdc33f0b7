package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.Errno;

/**
 * How many connections the kernel queues for a listener of a guest, counted by connecting. Linux
 * takes one more than the backlog.
 */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class ListenQueueTest {

    private static final int UNIX = SocketCalls.UNIX;

    /** More than any queue that is counted here to its end. */
    private static final int MANY = 200;

    @TempDir Path folder;

    private HostHarness guest;
    private SocketCalls sockets;

    @BeforeEach
    void start() throws IOException {
        Mounts mounts = Mounts.builder().withVolume(folder, "/", false).build();
        guest = HostHarness.create(mounts, process -> process.withPolicy(NetworkPolicy.allowAll()));
        sockets = new SocketCalls(guest);
        mounts.preopen(guest.process().descriptors());
    }

    @AfterEach
    void stop() {
        guest.close();
    }

    private SocketAddress listen(int family, int backlog) throws IOException {
        int fd = sockets.open(family, SocketCalls.STREAM);
        if (family != UNIX) {
            String host = family == SocketCalls.INET4 ? "127.0.0.1" : "::1";
            SocketCalls.expect(sockets.bind(fd, host, 0));
            guest.ok("sock_listen", fd, backlog);
            return new InetSocketAddress(InetAddress.getByName(host), sockets.localPort(fd));
        }
        String name = "s" + fd;
        guest.ok("sock_bind", fd, sockets.address("/" + name));
        guest.ok("sock_listen", fd, backlog);
        return UnixDomainSocketAddress.of(folder.resolve(name));
    }

    /** How many clients in a row are connected at once, though nobody is accepted. */
    private static int queued(SocketAddress listener) throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        try {
            while (clients.size() < MANY) {
                SocketChannel client =
                        listener instanceof UnixDomainSocketAddress
                                ? SocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                                : SocketChannel.open();
                clients.add(client);
                client.configureBlocking(false);
                if (!connects(client, listener)) {
                    return clients.size() - 1;
                }
            }
            return MANY;
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    private static boolean connects(SocketChannel client, SocketAddress listener)
            throws IOException {
        try {
            // over loopback the kernel establishes a connection that is queued within the call
            return client.connect(listener) || client.finishConnect();
        } catch (java.net.SocketException e) {
            return false; // the queue of a unix listener is full
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SocketCalls.INET4, SocketCalls.INET6, UNIX})
    void a_negative_backlog_asks_for_the_longest_queue(int family) throws IOException {
        assertThat(queued(listen(family, -1))).isEqualTo(MANY);
        assertThat(queued(listen(family, Integer.MIN_VALUE))).isEqualTo(MANY);
        assertThat(queued(listen(family, Integer.MAX_VALUE))).isEqualTo(MANY);
    }

    @ParameterizedTest
    @ValueSource(ints = {SocketCalls.INET4, SocketCalls.INET6, UNIX})
    void the_queue_is_as_long_as_asked_for(int family) throws IOException {
        assertThat(queued(listen(family, 1))).isEqualTo(2);
        assertThat(queued(listen(family, 5))).isEqualTo(6);
        assertThat(queued(listen(family, 128))).isEqualTo(129);
    }

    /** The JVM makes 50 of 0, so it is given 1. */
    @ParameterizedTest
    @ValueSource(ints = {SocketCalls.INET4, SocketCalls.INET6, UNIX})
    void a_backlog_of_0_queues_one_connection_more_than_on_linux(int family) throws IOException {
        assertThat(queued(listen(family, 0))).isEqualTo(2);
    }

    @Test
    void to_listen_again_is_a_success_that_leaves_the_queue_as_it_is() throws IOException {
        int fd = sockets.tcp();
        SocketCalls.expect(sockets.bind(fd, "127.0.0.1", 0));
        guest.ok("sock_listen", fd, 2);
        assertThat(guest.call("sock_listen", fd, 100)).isEqualTo(Errno.SUCCESS);
        InetAddress host = InetAddress.getByName("127.0.0.1");
        assertThat(queued(new InetSocketAddress(host, sockets.localPort(fd)))).isEqualTo(3);
    }
}
