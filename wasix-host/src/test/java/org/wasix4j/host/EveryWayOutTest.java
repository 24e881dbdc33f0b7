package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.SocketCalls.DGRAM;
import static org.wasix4j.host.SocketCalls.INET4;
import static org.wasix4j.host.SocketCalls.INET6;
import static org.wasix4j.host.SocketCalls.STREAM;
import static org.wasix4j.host.SocketCalls.expect;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.HostNetwork;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.system.net.Preopens;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockFlags;

/**
 * A guest that may turn to one server, and was given one listener, tries every way out that there
 * is: each answers acces or notcapable, and nobody outside hears of it.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EveryWayOutTest {

    private static final int UNIX = SocketCalls.UNIX;

    @TempDir Path outside;
    private final List<Decision> denials = new CopyOnWriteArrayList<>();
    private ServerSocket open;
    private ServerSocket forbidden;
    private ServerSocketChannel secret;
    private HostHarness guest;
    private SocketCalls sockets;
    private int preopened;

    /** An attempt. */
    private interface Attempt {
        Errno make() throws IOException;
    }

    private final Map<String, Attempt> attempts = new LinkedHashMap<>();

    @BeforeEach
    void listenOutside() throws IOException {
        open = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        forbidden = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        secret = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        secret.bind(UnixDomainSocketAddress.of(outside.resolve("secret")));
        secret.configureBlocking(false);
        Path volume = Files.createDirectory(outside.resolve("volume"));
        Files.createSymbolicLink(volume.resolve("link"), Path.of("../secret"));
        Files.createSymbolicLink(volume.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(volume.resolve("absolute"), outside.resolve("secret"));
    }

    @AfterEach
    void close() throws IOException {
        guest.close();
        open.close();
        forbidden.close();
        secret.close();
    }

    private void start(boolean inProcess) throws IOException {
        String rules =
                "dns:allow=localhost:*,dns:deny=*.internal:*,ipv4:allow=127.0.0.1:%d/out"
                        + ",unix:allow=/volume/**";
        Mounts mounts =
                Mounts.builder().withVolume(outside.resolve("volume"), "/volume", false).build();
        SystemObserver observer =
                new SystemObserver() {
                    @Override
                    public void denied(Decision decision) {
                        denials.add(decision);
                    }
                };
        guest =
                HostHarness.create(
                        mounts,
                        process ->
                                process.withNetwork(
                                                inProcess
                                                        ? new InProcessSwitch()
                                                        : HostNetwork.instance())
                                        .withPolicy(
                                                NetworkPolicy.parse(
                                                        rules.formatted(open.getLocalPort())))
                                        .withObserver(observer));
        sockets = new SocketCalls(guest);
        mounts.preopen(guest.process().descriptors());
        SocketDescription listener =
                Preopens.listener(guest.process().net(), InetAddr.v4(new byte[] {127, 0, 0, 1}, 0));
        preopened = guest.process().descriptors().install(null, listener);
    }

    private Errno connect(int family, int type, String host, int port) {
        int address = sockets.address(host, port);
        if (family == INET6 && guest.u8(address) == INET4) {
            // the JVM takes a v4-mapped address for IPv4
            byte[] four = guest.read(address + 4, 4);
            guest.memory().writeByte(address, (byte) INET6);
            guest.memory().write(address + 4, new byte[26]);
            guest.memory().write(address + 14, new byte[] {-1, -1});
            guest.memory().write(address + 16, four);
        }
        return guest.call("sock_connect", sockets.open(family, type), address);
    }

    private Errno sendTo(int fd, String host, int port) {
        return guest.call(
                "sock_send_to",
                fd,
                guest.iovec("x"),
                1,
                0,
                sockets.address(host, port),
                guest.alloc(4));
    }

    private Errno unix(String call, String path) {
        return guest.call(call, sockets.open(UNIX, STREAM), sockets.address(path));
    }

    private Errno resolve(String name) {
        return guest.call(
                "resolve",
                guest.string(name),
                name.length(),
                80,
                guest.alloc(18 * 8),
                8,
                guest.alloc(4));
    }

    private void collect() {
        int allowed = open.getLocalPort();
        int port = forbidden.getLocalPort();
        attempts.put("another port", () -> connect(INET4, STREAM, "127.0.0.1", port));
        attempts.put("another loopback", () -> connect(INET4, STREAM, "127.0.0.2", allowed));
        attempts.put("the wildcard", () -> connect(INET4, STREAM, "0.0.0.0", port));
        attempts.put("IPv6 loopback", () -> connect(INET6, STREAM, "::1", allowed));
        attempts.put("IPv6 wildcard", () -> connect(INET6, STREAM, "::", port));
        attempts.put("v4-mapped", () -> connect(INET6, STREAM, "::ffff:127.0.0.1", port));
        attempts.put("v4-compatible", () -> connect(INET6, STREAM, "::127.0.0.1", port));
        attempts.put("NAT64", () -> connect(INET6, STREAM, "64:ff9b::7f00:1", port));
        attempts.put("link-local", () -> connect(INET4, STREAM, "169.254.169.254", 80));
        attempts.put("a name that is denied", () -> resolve("db.internal"));
        attempts.put("a name that no rule allows", () -> resolve("example.org"));
        attempts.put(
                "a name that leads to a denied address",
                () -> {
                    expect(resolve("localhost"));
                    return connect(INET4, STREAM, "127.0.0.1", port);
                });
        attempts.put("UDP, connected", () -> connect(INET4, DGRAM, "127.0.0.1", port));
        attempts.put(
                "UDP, not connected", () -> sendTo(sockets.open(INET4, DGRAM), "127.0.0.1", port));
        attempts.put(
                "UDP past the peer",
                () -> {
                    int fd = sockets.open(INET4, DGRAM);
                    expect(sockets.connect(fd, allowed));
                    return sendTo(fd, "127.0.0.1", port);
                });
        attempts.put(
                "UDP with another peer",
                () -> {
                    int fd = sockets.open(INET4, DGRAM);
                    expect(sockets.connect(fd, allowed));
                    return sockets.connect(fd, port);
                });
        attempts.put("a broadcast", () -> sendTo(sockets.open(INET4, DGRAM), "255.255.255.255", 9));
        attempts.put(
                "a group",
                () ->
                        guest.call(
                                "sock_join_multicast_v4",
                                sockets.open(INET4, DGRAM),
                                guest.bytes(new byte[] {(byte) 224, 0, 0, (byte) 251}),
                                guest.bytes(new byte[4])));
        attempts.put("binding", () -> sockets.bind(sockets.tcp(), "127.0.0.1", 0));
        attempts.put("binding the wildcard", () -> sockets.bind(sockets.tcp(), "0.0.0.0", 0));
        attempts.put(
                "binding IPv6", () -> sockets.bind(sockets.open(INET6, STREAM), "::", allowed));
        attempts.put("binding UDP", () -> sockets.bind(sockets.open(INET4, DGRAM), "127.0.0.1", 0));
        attempts.put(
                "binding again what was refused",
                () -> {
                    int fd = sockets.tcp();
                    assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.ACCES);
                    return sockets.bind(fd, "127.0.0.1", 0);
                });
        attempts.put(
                "the port that libc probes, used",
                () -> {
                    int fd = sockets.tcp();
                    expect(sockets.bind(fd, "0.0.0.0", 10275));
                    return guest.call("sock_listen", fd, 1);
                });
        attempts.put("a unix socket through a link", () -> unix("sock_connect", "/volume/link"));
        attempts.put(
                "a unix socket through a link to a folder",
                () -> unix("sock_connect", "/volume/up/secret"));
        attempts.put(
                "a unix socket through an absolute link",
                () -> unix("sock_connect", "/volume/absolute"));
        attempts.put(
                "a unix socket through dots", () -> unix("sock_connect", "/volume/../up/secret"));
        attempts.put("binding a unix name outside", () -> unix("sock_bind", "/volume/up/planted"));
        attempts.put(
                "the given listener, to listen again",
                () -> {
                    guest.ok("sock_shutdown", preopened, SockFlags.SHUT_RD);
                    return guest.call("sock_listen", preopened, 5);
                });
        attempts.put("the given listener, to connect", () -> sockets.connect(preopened, port));
        attempts.put(
                "a look at the interfaces",
                () -> guest.call("port_addr_list", guest.alloc(280), guest.alloc(4)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void each_answers_acces_or_notcapable(boolean inProcess) throws IOException {
        start(inProcess);
        collect();
        Map<String, Errno> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Attempt> attempt : attempts.entrySet()) {
            answers.put(attempt.getKey(), attempt.getValue().make());
        }
        assertThat(answers)
                .allSatisfy(
                        (name, errno) ->
                                assertThat(errno).as(name).isIn(Errno.ACCES, Errno.NOTCAPABLE));
        assertThat(secret.accept()).as("nobody came by the unix socket").isNull();
        assertThat(outside.resolve("planted")).doesNotExist();
        forbidden.setSoTimeout(1);
        assertThat(acceptsNobody(forbidden)).isTrue();
        assertThat(denials).isNotEmpty();
    }

    private static boolean acceptsNobody(ServerSocket server) throws IOException {
        try {
            server.accept().close();
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        }
    }

    @Test
    void what_is_granted_goes_all_the_same() throws IOException {
        start(false);
        assertThat(sockets.connect(sockets.tcp(), open.getLocalPort())).isEqualTo(Errno.SUCCESS);
        assertThat(unix("sock_bind", "/volume/own")).isEqualTo(Errno.SUCCESS);
        try (java.net.Socket client =
                new java.net.Socket("127.0.0.1", sockets.localPort(preopened))) {
            assertThat(sockets.accept(preopened)).isPositive();
            assertThat(client.isConnected()).isTrue();
        }
        assertThat(denials).isEmpty();
    }
}
