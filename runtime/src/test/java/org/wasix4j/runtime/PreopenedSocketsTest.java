package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.Limits;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.UnixAddr;

/** Sockets that a program of preview1 is given, since it cannot open any. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PreopenedSocketsTest {

    private static final InetSocketAddress ANY_PORT = loopback(0);

    private static final int AGAIN = 6;

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    private static Guest start(UnaryOperator<WasixRuntime.Builder> settings) {
        return Guest.start(Guest.module("preopened-echo", Engine.COMPILER), new byte[0], settings);
    }

    private static Socket client(int port) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setSoTimeout((int) Guest.SOON.toMillis());
        return client;
    }

    private static String echo(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(US_ASCII));
        return new String(client.getInputStream().readNBytes(text.length()), US_ASCII);
    }

    /**
     * Its scheduler tries first and polls then; a C program waits in accept, as the others here.
     */
    @Test
    void a_go_program_finds_its_sockets_non_blocking() throws Exception {
        try (Guest guest =
                Guest.start(
                        Guest.module("system/go-registers", Engine.COMPILER),
                        new byte[0],
                        settings -> settings.withListener(ANY_PORT))) {
            assertThat(guest.awaitEnd().code()).as(guest.toString()).isEqualTo(AGAIN);
        }
    }

    /** The host divides large functions, and what it adds must not hide what the program is. */
    @Test
    void so_does_one_of_a_real_size_compiled_and_from_the_cache(@TempDir Path folder)
            throws Exception {
        byte[] large = LargeGoProgram.bytes();
        assertThat(ModuleRewriter.rewrite(large).parts().origins()).hasSizeGreaterThan(8);
        CodeCache cache = CodeCache.open(folder.resolve("code"));
        for (String how : List.of("compiled", "from the cache")) {
            WasixModule module = WasixModule.load("large go program", large, cache);
            try (Guest guest =
                    Guest.start(module, new byte[0], settings -> settings.withListener(ANY_PORT))) {
                assertThat(guest.awaitEnd().code()).as(how + guest).isEqualTo(AGAIN);
            }
        }
    }

    @Test
    void a_channel_that_listens_already_is_handed_over_and_closed_with_the_guest(
            @TempDir Path folder) throws Exception {
        ServerSocketChannel tcp = ServerSocketChannel.open().bind(ANY_PORT);
        int port = ((InetSocketAddress) tcp.getLocalAddress()).getPort();
        try (Guest guest = start(settings -> settings.withListener(tcp))) {
            assertThat(guest.process().port()).isEqualTo(port);
            try (Socket client = client(port)) {
                assertThat(echo(client, "over tcp")).isEqualTo("over tcp");
            }
        }
        assertThat(tcp.isOpen()).isFalse();

        UnixDomainSocketAddress path = UnixDomainSocketAddress.of(folder.resolve("s"));
        ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(path);
        try (Guest guest = start(settings -> settings.withListener(unix));
                SocketChannel client = SocketChannel.open(path)) {
            assertThat(guest.process().listeningAddresses())
                    .containsExactly(new UnixAddr(path.toString()));
            client.write(ByteBuffer.wrap("unix".getBytes(US_ASCII)));
            assertThat(Channels.newInputStream(client).readNBytes(4)).asString().isEqualTo("unix");
        }
        assertThat(unix.isOpen()).isFalse();
        assertThatThrownBy(() -> start(settings -> settings.withListener(unix)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot listen on ");
    }

    @Test
    void a_listener_is_known_at_once_and_serves_many_clients_without_a_network_grant()
            throws Exception {
        try (Guest guest = start(settings -> settings.withListener(ANY_PORT))) {
            assertThat(guest.process().preopenedListeners())
                    .isEqualTo(guest.process().listeningAddresses())
                    .singleElement()
                    .isInstanceOf(InetAddr.class);
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(client(guest.port()));
            }
            for (Socket client : clients) {
                assertThat(echo(client, "ping")).isEqualTo("ping");
                client.close();
            }
            assertThat(guest.stdout()).isEqualTo("socket 3\n");
            assertThat(guest.denied()).isEmpty();
        }
    }

    @Test
    void a_blocking_accept_of_preview1_waits_for_a_client() throws Exception {
        try (Guest guest =
                start(settings -> settings.withListener(ANY_PORT).withArguments("block"))) {
            guest.awaitFirstLine();
            try (Socket client = client(guest.port())) {
                assertThat(echo(client, "one")).isEqualTo("one");
            }
            assertThat(guest.awaitEnd().isSuccess()).as(guest.toString()).isTrue();
        }
    }

    @Test
    void the_listener_is_the_descriptor_behind_the_directories(@TempDir Path folder)
            throws Exception {
        try (Guest guest =
                start(
                        settings ->
                                settings.withDirectory(folder, "/a")
                                        .withDirectory(folder, "/b")
                                        .withListener(ANY_PORT))) {
            guest.awaitFirstLine();
            assertThat(guest.stdout()).isEqualTo("socket 5\n");
            try (Socket client = client(guest.port())) {
                assertThat(echo(client, "ping")).isEqualTo("ping");
            }
        }
    }

    @Test
    void a_connection_is_there_from_the_beginning() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Guest guest =
                        start(
                                settings ->
                                        settings.withConnection(loopback(server.getLocalPort()))
                                                .withArguments("dial"));
                Socket peer = server.accept()) {
            assertThat(new String(peer.getInputStream().readAllBytes(), US_ASCII))
                    .isEqualTo("hello");
            peer.getOutputStream().write("welcome".getBytes(US_ASCII));
            peer.shutdownOutput();
            assertThat(guest.awaitEnd().isSuccess()).isTrue();
            assertThat(guest.stdout()).isEqualTo("socket 3\nwelcome\n");
        }
    }

    @Test
    void a_port_that_is_taken_is_reported_with_its_name() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = loopback(taken.getLocalPort());
            assertThatThrownBy(() -> start(settings -> settings.withListener(address)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + address.getPort());
        }
    }

    @Test
    void a_port_of_another_guest_is_reported_with_its_name() throws Exception {
        try (Guest first = start(settings -> settings.withListener(ANY_PORT))) {
            InetSocketAddress address = loopback(first.port());
            assertThatThrownBy(() -> start(settings -> settings.withListener(address)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("127.0.0.1:" + address.getPort());
        }
    }

    @Test
    void an_address_where_nobody_listens_is_named_in_the_message() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        assertThatThrownBy(() -> start(settings -> settings.withConnection(loopback(port))))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot connect to 127.0.0.1:" + port)
                .hasMessageContaining("refused");
    }

    @Test
    void a_start_that_fails_gives_the_ports_back() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        assertThatThrownBy(
                        () ->
                                start(
                                        settings ->
                                                settings.withListener(loopback(port))
                                                        .withListener(loopback(port))))
                .isInstanceOf(UncheckedIOException.class);
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }

    @Test
    void a_limit_of_sockets_holds_for_them_too() {
        assertThatThrownBy(
                        () ->
                                start(
                                        settings ->
                                                settings.withListener(ANY_PORT)
                                                        .withLimits(
                                                                Limits.defaults()
                                                                        .withMaxSockets(0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limits");
    }
}
