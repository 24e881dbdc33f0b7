package org.wasix4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.testmodules.TestModule;

/** How tests that need a server look. */
class ServerInTestsTest {

    @RegisterExtension
    static final WasixServer SERVER =
            new WasixServer(
                    WasixModule.load(
                            "http-hello", TestModule.named("http-hello").bytes(), Engine.COMPILER),
                    settings ->
                            settings.withArguments("0", "127.0.0.1")
                                    .withNetworkPolicy(NetworkPolicy.parse("loopback:0/in")));

    @Test
    void the_server_greets() throws Exception {
        URI page = URI.create("http://127.0.0.1:" + SERVER.port() + "/");
        HttpRequest get = HttpRequest.newBuilder(page).build();
        assertThat(HttpClient.newHttpClient().send(get, BodyHandlers.ofString()).body())
                .contains("Hello from WASIX");
    }
}
