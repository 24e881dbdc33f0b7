package org.wasix4j.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.InProcessNetwork;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.testmodules.TestModule;

/** Guests behind a real Tomcat. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class GuestServletTest {

    @TempDir private static Path folder;

    private static final InProcessNetwork NETWORK = new InProcessNetwork();

    private static WasixProcess hello;
    private static WasixProcess upgrade;
    private static Tomcat tomcat;

    @BeforeAll
    static void start() throws Exception {
        hello = guest("http-hello", "80");
        upgrade = guest("upgrade-echo", "81");
        tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", folder.toString());
        add(context, "hello", "/hello/*", new GuestServlet(hello, 80));
        GuestProxy impatient = new GuestProxy(() -> upgrade.connect(81), Duration.ofMillis(300));
        add(context, "upgrade", "/*", new GuestServlet(impatient));
        tomcat.start();
    }

    private static void add(Context context, String name, String path, Servlet servlet) {
        Tomcat.addServlet(context, name, servlet);
        context.addServletMappingDecoded(path, name);
    }

    private static WasixProcess guest(String name, String port) throws Exception {
        WasixModule module =
                WasixModule.load(name, TestModule.named(name).bytes(), Engine.COMPILER);
        return WasixRuntime.builder()
                .withArguments(port)
                .withNetwork(NETWORK)
                .withNetworkPolicy(NetworkPolicy.allowAll())
                .build()
                .start(module)
                .awaitListening(Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        hello.close();
        upgrade.close();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        int port = tomcat.getConnector().getLocalPort();
        HttpRequest get =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
        return HttpClient.newHttpClient().send(get, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void requests_share_a_connection_to_the_guest() throws Exception {
        long before = hello.metrics().connectionsAccepted();
        for (int i = 0; i < 5; i++) {
            assertThat(get("/hello/").statusCode()).isEqualTo(200);
        }
        assertThat(hello.metrics().connectionsAccepted() - before).isEqualTo(1);
    }

    @Test
    void another_protocol_passes_through_both_ways() throws IOException {
        int port = tomcat.getConnector().getLocalPort();
        try (Socket client = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            client.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
            client.getOutputStream()
                    .write(
                            ("GET /chat HTTP/1.1\r\nHost: guest\r\nConnection: Upgrade\r\n"
                                            + "Upgrade: echo\r\n\r\n")
                                    .getBytes(ISO_8859_1));
            InputStream in = client.getInputStream();
            AnswerHead head = AnswerHead.read(in);
            assertThat(head.status()).isEqualTo(101);
            assertThat(head.headers().get("Upgrade")).containsExactly("echo");
            for (String word : new String[] {"first", "second", "x".repeat(5000)}) {
                client.getOutputStream().write(word.getBytes(ISO_8859_1));
                assertThat(new String(in.readNBytes(word.length()), ISO_8859_1)).isEqualTo(word);
            }
        }
    }

    @Test
    void a_guest_that_does_not_answer_in_time_is_a_gateway_timeout() throws Exception {
        HttpResponse<String> answer = get("/slow");
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).contains("does not answer");
    }
}
