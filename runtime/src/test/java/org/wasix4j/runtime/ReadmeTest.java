package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;

/** The Java example of the README, as it stands there. */
class ReadmeTest {

    private static final Path HTTP_HELLO =
            Path.of("../test-modules/src/main/resources/wasm/http-hello.wasm");

    static int fetchOnce(Path file) throws Exception {
        WasixModule module = WasixModule.load(file);
        WasixRuntime runtime =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.allowAll())
                        .withLimits(Limits.defaults().withMaxMemory(256L << 20))
                        .withStderr(System.err)
                        .build();
        try (WasixProcess server = runtime.start(module)) {
            server.awaitListening(Duration.ofSeconds(10));
            URI page = URI.create("http://127.0.0.1:" + server.port() + "/");
            HttpRequest get = HttpRequest.newBuilder(page).build();
            return HttpClient.newHttpClient().send(get, BodyHandlers.ofString()).statusCode();
        }
    }

    @Test
    void the_example_fetches_a_page_from_the_guest() throws Exception {
        assertThat(fetchOnce(HTTP_HELLO)).isEqualTo(200);
    }

    @Test
    void the_example_of_the_readme_is_the_one_that_is_tested() throws IOException {
        Matcher example =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("../README.md")));
        assertThat(example.find()).isTrue();
        assertThat(
                        words(
                                Files.readString(
                                        Path.of(
                                                "src/test/java/org/wasix4j/runtime/ReadmeTest.java"))))
                .contains(words(example.group(1)));
    }

    private static String words(String code) {
        return code.strip().replaceAll("\\s+", " ");
    }
}
