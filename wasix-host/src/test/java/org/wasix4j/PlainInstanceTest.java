package org.wasix4j;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ByteBufferMemory;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.TestModule;

/** The host functions alone: a plain Chicory instance, its own memories, its interpreter. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PlainInstanceTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private WasixHost host(String... arguments) {
        return WasixHost.builder()
                .withArguments(arguments)
                .withNetworkPolicy(NetworkPolicy.allowAll())
                .withStdout(out)
                .withStderr(System.err)
                .build();
    }

    private static Instance instance(
            WasixHost host, String name, Function<MemoryLimits, Memory> memory) {
        WasmModule module = Parser.parse(TestModule.named(name).bytes());
        return Instance.builder(module)
                .withMemoryFactory(memory)
                .withImportValues(ImportValues.builder().withFunctions(host.link(module)).build())
                .withStart(false)
                .build();
    }

    static Stream<Function<MemoryLimits, Memory>> memories() {
        return Stream.of(ByteArrayMemory::new, ByteBufferMemory::new);
    }

    @ParameterizedTest
    @MethodSource("memories")
    void a_server_serves_and_ends_from_outside(Function<MemoryLimits, Memory> memory)
            throws Exception {
        int port;
        try (WasixHost host = host("http-hello", "0", "127.0.0.1")) {
            Instance instance = instance(host, "http-hello", memory);
            CompletableFuture<Integer> code =
                    CompletableFuture.supplyAsync(
                            () -> host.run(() -> instance.export("_start").apply()),
                            task -> new Thread(task).start());
            await().atMost(SOON).until(() -> out.toString(US_ASCII).endsWith("\n"));
            String line = out.toString(US_ASCII).strip();
            port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            try (Socket client = new Socket("127.0.0.1", port)) {
                client.setSoTimeout((int) SOON.toMillis());
                client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
                assertThat(new String(client.getInputStream().readAllBytes(), US_ASCII))
                        .startsWith("HTTP/1.1 200 ")
                        .endsWith("</html>\n");
            }
            host.end(15);
            assertThat(code.get(30, TimeUnit.SECONDS)).isEqualTo(128 + 15);
        }
        assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void an_exit_leaves_its_code_and_a_return_is_0() {
        try (WasixHost host = host("exit")) {
            Instance instance = instance(host, "system/exit-proc-exit", ByteArrayMemory::new);
            assertThat(host.run(() -> instance.export("_start").apply()))
                    .isEqualTo(TestModule.named("system/exit-proc-exit").cases().get(0).exitCode());
        }
        try (WasixHost host = host("empty")) {
            assertThat(host.run(() -> {})).isZero();
        }
    }

    @Test
    void a_module_with_unknown_imports_is_refused_by_their_names() {
        // two functions without parameters and results, env.nowhere and env.neither
        byte[] module =
                HexFormat.of()
                        .parseHex(
                                "0061736d01000000"
                                        + "010401600000"
                                        + "021d02"
                                        + "03656e76076e6f77686572650000"
                                        + "03656e76076e6569746865720000");
        try (WasixHost host = host("unknown")) {
            assertThatThrownBy(() -> host.link(Parser.parse(module)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("nowhere", "neither");
        }
    }

    @Test
    void limits_without_room_for_the_streams_and_missing_directories_are_refused() {
        WasixHost.Builder narrow =
                WasixHost.builder().withLimits(Limits.defaults().withMaxDescriptors(2));
        assertThatThrownBy(narrow::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limits");
        WasixHost.Builder nowhere =
                WasixHost.builder().withDirectory(Path.of("/nowhere/at/all"), "/data");
        assertThatThrownBy(nowhere::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/nowhere/at/all");
    }
}
