package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.TestModule;

/** Modules that were compiled ahead of time, on a class path of their own. */
class PackedModuleTest {

    @TempDir Path folder;

    private void write(Map<String, byte[]> files) throws Exception {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }

    private URLClassLoader loader() throws Exception {
        return new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, PackedModuleTest.class.getClassLoader());
    }

    @Test
    void a_packed_server_serves_and_another_beside_it_runs() throws Exception {
        write(WasixModule.pack("http-hello", TestModule.named("http-hello").bytes()));
        write(WasixModule.pack("hello.1", Guests.bytes("hello")));
        try (URLClassLoader loader = loader();
                Guest server =
                        Guest.start(
                                WasixModule.packed(loader, "http-hello"),
                                new byte[0],
                                settings ->
                                        settings.withArguments("0", "127.0.0.1")
                                                .withNetworkPolicy(NetworkPolicy.allowAll()));
                HttpClientSocket client = new HttpClientSocket(server.port())) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            WasixRuntime.builder()
                    .withStdout(out)
                    .build()
                    .start(WasixModule.packed(loader, "hello.1"))
                    .waitFor();
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hello\n");
        }
    }

    @Test
    void the_same_module_gives_the_same_files() {
        byte[] wasm = TestModule.named("http-hello").bytes();
        Map<String, byte[]> first = WasixModule.pack("server", wasm);
        Map<String, byte[]> second = WasixModule.pack("server", wasm);
        assertThat(second.keySet()).isEqualTo(first.keySet());
        first.forEach((path, bytes) -> assertThat(second.get(path)).as(path).isEqualTo(bytes));
    }

    @Test
    void what_is_not_there_or_damaged_is_reported_by_its_name() throws Exception {
        Map<String, byte[]> files = WasixModule.pack("hello", Guests.bytes("hello"));
        files.get("META-INF/wasix4j/hello.module")[20]++;
        write(files);
        try (URLClassLoader loader = loader()) {
            assertThatThrownBy(() -> WasixModule.packed(loader, "nobody"))
                    .isInstanceOf(ModuleException.class)
                    .hasMessage(
                            "cannot run nobody: the class path has no packed module of that name");
            assertThatThrownBy(() -> WasixModule.packed(loader, "hello"))
                    .isInstanceOf(ModuleException.class)
                    .hasMessageStartingWith(
                            "cannot run hello: it is damaged, or was packed by another version");
        }
        assertThatThrownBy(() -> WasixModule.pack("../x", Guests.bytes("hello")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WasixModule.pack("text", "text".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ModuleException.class);
    }
}
