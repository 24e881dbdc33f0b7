package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;

/** Clients that know sockets only, and guests that have no port. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InProcessSocketTest {

    private static final int PORT = 4711;

    private final InProcessNetwork network = new InProcessNetwork();
    private final SocketFactory sockets = network.socketFactory();

    private Guest start(String name) throws Exception {
        Guest guest =
                Guest.start(
                        Guest.module(name, Engine.COMPILER),
                        new byte[0],
                        settings ->
                                settings.withArguments(Integer.toString(PORT))
                                        .withNetwork(network)
                                        .withNetworkPolicy(NetworkPolicy.allowAll()));
        guest.port();
        return guest;
    }

    @Test
    void a_socket_of_the_factory_is_that_of_a_client() throws Exception {
        try (Guest guest = start("echo-server");
                Socket client = sockets.createSocket("db.example.org", PORT)) {
            client.setTcpNoDelay(true);
            client.setSoTimeout(60_000);
            assertThat(client.isConnected()).isTrue();
            assertThat(client.getPort()).isEqualTo(PORT);
            client.getOutputStream().write("ping".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
            client.setSoTimeout(20);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("Read timed out");
            // and goes on after that
            client.setSoTimeout(60_000);
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.close();
            assertThatThrownBy(() -> client.getInputStream()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void where_nobody_listens_a_socket_is_refused() throws Exception {
        try (Socket client = sockets.createSocket()) {
            assertThatThrownBy(() -> client.connect(new InetSocketAddress("127.0.0.1", PORT), 1000))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void an_http_client_that_makes_its_own_sockets_gets_in_by_a_port_that_is_exposed()
            throws Exception {
        HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(60)).build();
        InetSocketAddress outside;
        try (Guest guest = start("http-hello");
                ExposedPort port = network.expose(PORT)) {
            outside = port.address();
            URI page = URI.create("http://127.0.0.1:" + outside.getPort() + "/");
            HttpRequest get = HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(60)).build();
            for (int i = 0; i < 3; i++) {
                assertThat(http.send(get, BodyHandlers.ofString()).body())
                        .contains("Hello from WASIX");
            }
        }
        assertThatThrownBy(() -> new Socket(outside.getAddress(), outside.getPort()).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void an_exposed_connection_ends_with_the_guest_and_with_the_port() throws Exception {
        try (ExposedPort port = network.expose(PORT)) {
            try (Guest guest = start("echo-server");
                    Socket client = new Socket("127.0.0.1", port.address().getPort())) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
                guest.process().destroy();
                assertThat(readToEnd(client)).isTrue();
            }
            try (Guest guest = start("echo-server");
                    Socket client = new Socket("127.0.0.1", port.address().getPort())) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
                port.close();
                assertThat(readToEnd(client)).isTrue();
                assertThat(guest.process().isAlive()).isTrue();
            }
        }
    }

    private static boolean readToEnd(Socket client) throws Exception {
        client.setSoTimeout(30_000);
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }
}
