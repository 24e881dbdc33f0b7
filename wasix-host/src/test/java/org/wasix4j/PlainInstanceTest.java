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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.host.Imports;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.testmodules.TestModule;

/** The host functions alone: a plain Chicory instance, its own memories, its interpreter. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PlainInstanceTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private GuestProcess process(String... arguments) {
        GuestProcess process =
                new GuestProcess(
                        ProcessSettings.defaults()
                                .withArguments(List.of(arguments))
                                .withPolicy(NetworkPolicy.allowAll()));
        process.descriptors().open(null, StandardStreams.nullInput());
        process.descriptors().open(null, StandardStreams.output(out));
        process.descriptors().open(null, StandardStreams.output(System.err));
        return process;
    }

    private static Instance instance(
            WasixHost host, String name, Function<MemoryLimits, Memory> memory) {
        WasmModule module = Parser.parse(TestModule.named(name).bytes());
        Imports.Linked linked = host.link(module);
        assertThat(linked.unknown()).isEmpty();
        return Instance.builder(module)
                .withMemoryFactory(memory)
                .withImportValues(ImportValues.builder().withFunctions(linked.functions()).build())
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
        GuestProcess process = process("http-hello", "0", "127.0.0.1");
        int port;
        try (WasixHost host = new WasixHost(process)) {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Instance instance = instance(host, "http-hello", memory);
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    instance.export("_start").apply();
                                    ended.complete(null);
                                } catch (Throwable e) {
                                    ended.complete(e);
                                }
                            });
            thread.start();
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
            process.end(ExitReason.killed(15));
            assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(Unwind.class);
        }
        assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void an_exit_unwinds_and_leaves_its_code() {
        GuestProcess process = process("exit");
        try (WasixHost host = new WasixHost(process)) {
            Instance instance = instance(host, "system/exit-proc-exit", ByteArrayMemory::new);
            assertThatThrownBy(() -> instance.export("_start").apply()).isInstanceOf(Unwind.class);
            assertThat(process.exitReason().kind()).isEqualTo(ExitReason.Kind.EXITED);
            assertThat(process.exitReason().code())
                    .isEqualTo(TestModule.named("system/exit-proc-exit").cases().get(0).exitCode());
        }
    }
}
