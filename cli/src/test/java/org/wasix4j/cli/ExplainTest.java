package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.runtime.Guests;
import org.wasix4j.testmodules.TestModule;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ExplainTest {

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        return WasixRun.execute(args, new ByteArrayInputStream(new byte[0]), out, err);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String server() {
        return TestModule.named("http-hello").copyTo(folder).toString();
    }

    @Test
    void a_server_is_explained_and_not_run() {
        String server = server();
        assertThat(run("--explain", server, "0")).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out())
                .startsWith(server + ": ")
                .contains(" bytes, a command, abi current, memory of ")
                .contains("\n  can run\n")
                .containsPattern("wasix_32v1\\.sock_bind +served, asks for: bind\n")
                .containsPattern("wasi_snapshot_preview1\\.fd_write +served\n")
                .contains("the network, for sock_bind, sock_listen, sock_accept_v2\n")
                .contains("    not given (--net)\n")
                .contains("    not given (--volume, --dir)\n");
    }

    @Test
    void what_the_options_grant_is_reported() {
        run(
                "--explain",
                "--net=loopback:80/in",
                "--volume",
                folder + ":/data:ro",
                "--env",
                "A=b",
                server());
        assertThat(out())
                .contains("    given: loopback:80/in\n")
                .contains("    given: /data (the host's " + folder + ", for reading)\n");
    }

    @ParameterizedTest
    @CsvSource({
        "memory64, 64-bit memory",
        "library, it exports no function _start",
        "unknown-imports, env.puts (I32) -> (I32): no such module",
        "unknown-imports, env.answer: no such global"
    })
    void what_cannot_run_is_reported_with_the_reason(String name, String clause) {
        assertThat(run("--explain", Guests.file(folder, name).toString())).isEqualTo(126);
        assertThat(out()).contains("\n  cannot run: ").contains(clause).doesNotContain("can run\n");
    }

    @Test
    void a_function_that_is_not_served_is_reported() throws IOException {
        // two imports of (func (param i32 i32) (result i32)) that nobody knows, and a _start
        Path module =
                Files.write(
                        folder.resolve("fork.wasm"),
                        Wat.module("wasix_32v1", "newer", "wasix_32v1", "proc\u001b[31m"));
        assertThat(run("--explain", module.toString())).isZero();
        assertThat(out())
                .containsPattern(
                        "wasix_32v1\\.newer +not served: unknown, perhaps newer .*answers nosys\n")
                .contains("wasix_32v1.proc\\u001b[31m")
                .doesNotContain("\u001b");
        String before = out();
        assertThat(run("--explain", "--strict-imports", module.toString())).isEqualTo(126);
        assertThat(out().substring(before.length()))
                .contains(
                        "cannot run: it imports wasix_32v1.newer, which is unknown"
                                + " (--strict-imports)\n")
                .doesNotContain("can run\n");
    }

    @Test
    void a_module_that_would_need_asyncify_is_told_so() throws IOException {
        Path without = TestModule.named("processes/no-asyncify").copyTo(folder);
        assertThat(run("--explain", without.toString())).isZero();
        assertThat(out())
                .contains("\n  can run\n")
                .containsPattern("proc_fork +not served: needs a module built with asyncify")
                .containsPattern("stack_restore +not served: needs a module built with asyncify")
                .containsPattern("stack_checkpoint +served");
        String before = out();
        Path with = TestModule.named("processes/shared").copyTo(folder);
        assertThat(run("--explain", with.toString())).isZero();
        assertThat(out().substring(before.length())).doesNotContain("asyncify");
    }

    @Test
    void a_file_that_is_no_module_is_explained_too() throws IOException {
        Path text = Files.writeString(folder.resolve("text.wasm"), "hello, world");
        assertThat(run("--explain", text.toString())).isEqualTo(126);
        assertThat(out()).contains("cannot run: it is not WebAssembly");
        assertThat(run("--explain", folder.resolve("none").toString())).isEqualTo(127);
    }

    @Test
    void programs_get_the_same_as_json() throws IOException {
        assertThat(run("--explain", "--json", "--net", server())).isZero();
        JsonNode root = new ObjectMapper().readTree(out());
        assertThat(root.get("runnable").asBoolean()).isTrue();
        assertThat(root.get("abi").asText()).isEqualTo("current");
        assertThat(root.get("imports"))
                .anySatisfy(
                        each -> {
                            assertThat(each.get("name").asText()).isEqualTo("sock_bind");
                            assertThat(each.get("asks").asText()).isEqualTo("bind");
                            assertThat(each.get("served").asBoolean()).isTrue();
                            assertThat(each.get("problem").isNull()).isTrue();
                        });
        assertThat(root.get("grants").get(0).get("kind").asText()).isEqualTo("the network");
        assertThat(root.get("grants").get(0).get("given").get(0).asText()).isEqualTo("everything");
        assertThat(root.get("exports").get(0).asText()).isEqualTo("_start");
    }

    @Test
    void json_alone_is_wrong_usage() {
        assertThat(run("--json", server())).isEqualTo(2);
        assertThat(err.toString()).contains("--json needs --explain");
    }

    /** A module that imports two functions of the type {@code (i32, i32) -> i32}. */
    private static final class Wat {

        static byte[] module(String... names) throws IOException {
            ByteArrayOutputStream imports = new ByteArrayOutputStream();
            imports.write(names.length / 2);
            for (int i = 0; i < names.length; i++) {
                imports.write(names[i].length());
                imports.write(names[i].getBytes(StandardCharsets.US_ASCII));
                if (i % 2 == 1) {
                    imports.write(new byte[] {0, 0});
                }
            }
            ByteArrayOutputStream module = new ByteArrayOutputStream();
            module.write(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
            // (type (func (param i32 i32) (result i32))) (type (func))
            module.write(new byte[] {1, 10, 2, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 0, 0});
            module.write(2);
            module.write(imports.size());
            imports.writeTo(module);
            module.write(new byte[] {3, 2, 1, 1});
            module.write(new byte[] {7, 10, 1, 6, '_', 's', 't', 'a', 'r', 't', 0, 2});
            module.write(new byte[] {10, 4, 1, 2, 0, 0x0b});
            return module.toByteArray();
        }
    }

    @Test
    void the_libraries_that_a_module_needs_are_reported_and_whether_they_are_there()
            throws Exception {
        Path lib = Files.createDirectory(folder.resolve("lib"));
        Path first = lib.resolve("libfirst.so");
        Files.write(first, TestModule.resource("libraries/libfirst.so"));
        run("--explain", "--volume", lib + ":/lib", first.toString());
        assertThat(out())
                .contains("needs libraries\n")
                .contains("  libsecond.so  not found")
                .doesNotContain("it imports");
        out.reset();
        Files.write(lib.resolve("libsecond.so"), new byte[] {1});
        run("--explain", "--volume", lib + ":/lib", first.toString());
        assertThat(out()).contains("  libsecond.so  found: " + lib.resolve("libsecond.so") + "\n");
        out.reset();
        run("--explain", "--json", "--volume", lib + ":/lib", first.toString());
        assertThat(out()).containsPattern("\"libraries\" ?: ?\\[ ?\\{");
    }

    @Test
    void libraries_are_looked_for_where_the_linker_looks_for_them() throws Exception {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path two = Files.createDirectory(folder.resolve("two"));
        Path second = one.resolve("libsecond.so");
        Files.write(second, needing("libthird.so", "$ORIGIN/more"));
        Path third = Files.createDirectory(one.resolve("more")).resolve("libthird.so");
        Files.write(third, new byte[] {1});
        Path first = two.resolve("libfirst.so");
        Files.write(first, TestModule.resource("libraries/libfirst.so"));

        run(
                "--explain",
                "--volume=" + one + ":/opt/one",
                "--volume=" + two + ":/lib",
                "--env=LD_LIBRARY_PATH=/none:/opt/one",
                first.toString());

        assertThat(out())
                .contains("  libsecond.so  found: " + second + "\n")
                .contains("  libthird.so, for libsecond.so  found: " + third + "\n");
        out.reset();
        Files.delete(third);
        run(
                "--explain",
                "--volume=" + one + ":/opt/one",
                "--env=LD_LIBRARY_PATH=/none:/opt/one",
                first.toString());
        assertThat(out())
                .contains(
                        "  libthird.so, for libsecond.so  not found in /none, /opt/one,"
                                + " /opt/one/more, /lib, /usr/lib, /usr/local/lib");
    }

    /** A library that needs another one, and says where that is. */
    private static byte[] needing(String name, String runtimePath) {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        text(section, "dylink.0");
        ByteArrayOutputStream needed = new ByteArrayOutputStream();
        needed.write(1);
        text(needed, name);
        part(section, 2, needed);
        ByteArrayOutputStream path = new ByteArrayOutputStream();
        path.write(1);
        text(path, runtimePath);
        part(section, 5, path);
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        part(module, 0, section);
        return module.toByteArray();
    }

    private static void part(ByteArrayOutputStream out, int id, ByteArrayOutputStream content) {
        out.write(id);
        out.write(content.size());
        out.writeBytes(content.toByteArray());
    }

    private static void text(ByteArrayOutputStream out, String text) {
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
