package org.wasix4j.examples;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/** Starts the server http-hello.wasm on a free port, asks it over HTTP, and stops it. */
public final class HelloServer {
    public static void main(String[] args) throws Exception {
        WasixModule module = WasixModule.load(Path.of(args[0]));
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.parse("ipv4:allow=127.0.0.1:0/in"))
                        .build();
        try (WasixProcess server = runtime.start(module)) {
            int port = server.awaitListening(Duration.ofSeconds(20)).port();
            URI page = URI.create("http://127.0.0.1:" + port + "/");
            System.out.write(page.toURL().openStream().readAllBytes());
            server.stop(Duration.ofSeconds(5));
        }
    }
}
