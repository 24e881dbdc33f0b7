package org.wasix4j.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Path;
import java.time.Duration;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.runtime.InProcessNetwork;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/** The same server in a network inside the process: nothing is opened on the machine. */
public final class WithoutPort {
    public static void main(String[] args) throws Exception {
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("80")
                        .withNetwork(new InProcessNetwork())
                        .withNetworkPolicy(NetworkPolicy.allowAll())
                        .build();
        try (WasixProcess server = runtime.start(WasixModule.load(Path.of(args[0])))) {
            server.awaitListening(Duration.ofSeconds(20));
            try (InProcessConnection client = server.connect(80)) {
                client.outputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
                client.inputStream().transferTo(System.out);
            }
        }
    }
}
