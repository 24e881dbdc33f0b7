package example;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.InProcessNetwork;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/** Runs the server that Maven compiled into this program's classes, and asks it for a page. */
public final class Shop {

    private Shop() {}

    public static void main(String[] args) throws Exception {
        System.out.println(firstLine());
    }

    static String firstLine() throws Exception {
        WasixModule module = WasixModule.packed(Shop.class.getClassLoader(), "server");
        InProcessNetwork network = new InProcessNetwork();
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("80")
                        .withNetwork(network)
                        .withNetworkPolicy(NetworkPolicy.allowAll())
                        .withStderrLines(System.err::println)
                        .build();
        try (WasixProcess server = runtime.start(module)) {
            server.awaitListening(Duration.ofSeconds(10));
            return ask(network.socketFactory().createSocket("localhost", 80));
        }
    }

    private static String ask(Socket socket) throws IOException {
        try (socket) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(
                            socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return answer.substring(0, answer.indexOf('\r'));
        }
    }
}
