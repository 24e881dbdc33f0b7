package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.runtime.Guests;
import org.wasix4j.testmodules.TestModule;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WasixRunTest {

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String hello;

    @BeforeEach
    void writeGuest() {
        hello = guest("hello");
    }

    private String guest(String name) {
        return Guests.file(folder, name).toString();
    }

    private String catalogue(String name) {
        return TestModule.named(name).copyTo(folder).toString();
    }

    private int run(String... args) {
        return WasixRun.execute(args, new ByteArrayInputStream(new byte[0]), out, err);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_guest_writes_to_standard_output_and_nothing_is_added() {
        assertThat(run(hello)).isZero();
        assertThat(out()).isEqualTo("hello\n");
        assertThat(err()).isEmpty();
    }

    @Test
    void the_exit_code_is_the_guests() {
        assertThat(run(guest("exit"))).isEqualTo(7);
        assertThat(err()).isEmpty();
    }

    @Test
    void a_trap_ends_with_134_and_one_line() {
        assertThat(run(guest("unreachable"))).isEqualTo(134);
        assertThat(err().lines())
                .singleElement()
                .asString()
                .startsWith("wasix-run: trap: ")
                .endsWith("in function 0 (boom)");
    }

    @Test
    void verbose_adds_the_stack_trace() {
        run("-v", guest("unreachable"));
        assertThat(err().lines().count()).isGreaterThan(3);
    }

    @Test
    void a_timeout_ends_with_124() {
        assertThat(run("--timeout", "50ms", guest("loop"))).isEqualTo(124);
        assertThat(err()).startsWith("wasix-run: ").contains("--timeout");
    }

    @Test
    void a_missing_file_ends_with_127() {
        assertThat(run(folder.resolve("none.wasm").toString())).isEqualTo(127);
        assertThat(err())
                .isEqualTo("wasix-run: no such file: " + folder.resolve("none.wasm") + "\n");
    }

    @Test
    void a_folder_ends_with_126() {
        assertThat(run(folder.toString())).isEqualTo(126);
        assertThat(err()).contains("it is a directory");
    }

    @ParameterizedTest
    @CsvSource({
        "memory64, 64-bit memory",
        "library, no function _start",
        "unknown-imports, env.puts"
    })
    void what_cannot_run_ends_with_126_and_one_line(String name, String clause) {
        assertThat(run(guest(name))).isEqualTo(126);
        assertThat(err().lines())
                .singleElement()
                .asString()
                .startsWith("wasix-run: cannot run " + folder.resolve(name + ".wasm"))
                .contains(clause);
    }

    @Test
    void a_file_that_is_no_module_ends_with_126() throws IOException {
        Path text = Files.writeString(folder.resolve("text.wasm"), "hello, world");
        assertThat(run(text.toString())).isEqualTo(126);
        assertThat(err()).contains("it is not WebAssembly");
        assertThat(run(Files.writeString(text, "").toString())).isEqualTo(126);
        assertThat(err()).contains("it is empty");
    }

    @Test
    void no_module_is_wrong_usage() {
        assertThat(run()).isEqualTo(2);
        assertThat(err()).startsWith("wasix-run: MODULE is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--frob",
                "--engine=fast",
                "--trace=sock,net",
                "--trace-format=xml",
                "--trace-out=/nowhere/at/all",
                "--abi=new",
                "--timeout=soon",
                "--max-memory=7",
                "--max-fds=many",
                "--max-threads=0",
                "--volume=here",
                "--volume=/nowhere/at/all:/x",
                "--cwd=relative",
                "--dir=/nowhere/at/all"
            })
    void a_wrong_option_ends_with_2_and_one_line(String option) {
        assertThat(run(option, hello)).as(option).isEqualTo(2);
        assertThat(out()).isEmpty();
        assertThat(err().lines()).singleElement().asString().startsWith("wasix-run: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "|^|the rules are missing",
                "ipv4:allow=*:80,ipv4:deny=10.0.0.0/33:*"
                        + "|                                   ^|an address has 32 bits",
                "ipv6:allow=::1:80|           ^|is 80 the port? write [::1]:80"
            })
    void a_caret_shows_where_rules_are_wrong(String rules, String caret, String clause) {
        String text = rules == null ? "" : rules;
        assertThat(run("--net=" + text, hello)).isEqualTo(2);
        assertThat(out()).isEmpty();
        assertThat(err().lines())
                .hasSize(3)
                .startsWith(
                        "wasix-run: Invalid value for option '--net': "
                                + clause
                                + " (wasix-run --help lists the options)")
                .endsWith("  " + text, "  " + caret);
    }

    @Test
    void rules_grant_a_part_of_the_network() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(server.getLocalPort());
            Thread answer =
                    new Thread(
                            () -> {
                                try (Socket client = server.accept()) {
                                    client.getInputStream().read();
                                    client.getOutputStream()
                                            .write(
                                                    "HTTP/1.0 200 OK\r\n\r\nhere"
                                                            .getBytes(StandardCharsets.UTF_8));
                                } catch (IOException e) {
                                    // the guest was not let out
                                }
                            });
            answer.setDaemon(true);
            answer.start();
            String get = catalogue("http-get");
            run(
                    "--net=ipv4:allow=127.0.0.1:1-" + (server.getLocalPort() - 1),
                    get,
                    "127.0.0.1",
                    port);
            assertThat(err())
                    .contains(
                            "wasix-run: connect 127.0.0.1:"
                                    + port
                                    + " denied: no rule allows it (--net=ipv4:allow=127.0.0.1:"
                                    + port
                                    + "/out would)");
            assertThat(run("--net=loopback:" + port + "/out", get, "127.0.0.1", port)).isZero();
            assertThat(out()).contains("here");
        }
    }

    @Test
    void a_trace_tells_the_calls_and_the_rule_that_denied_one() {
        String get = catalogue("http-get");
        run("--trace=sock", "--net=private", get, "127.0.0.1", "1");
        assertThat(err())
                .contains("[1] sock_open(inet4, stream, ")
                .containsPattern(
                        "--- connect 127.0.0.1:1 denied: no rule allows it"
                                + " \\(--net=ipv4:allow=127.0.0.1:1/out would\\) ---\n"
                                + "[0-9:.]+ \\[1\\] sock_connect\\(4, 127.0.0.1:1\\) = acces <")
                .doesNotContain("fd_write");
    }

    @Test
    void a_trace_goes_to_a_file_as_json() throws IOException {
        Path file = folder.resolve("trace.json");
        assertThat(run("--trace", "--trace-format=json", "--trace-out", file.toString(), hello))
                .isZero();
        assertThat(err()).isEmpty();
        assertThat(out()).isEqualTo("hello\n");
        assertThat(Files.readAllLines(file))
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .startsWith("{\"tid\":1,\"call\":\"fd_write\",")
                                        .contains("\"hello\\u000a\"")
                                        .endsWith("}"));
    }

    @Test
    void what_is_wrong_with_a_file_or_a_number_is_said_in_words() {
        assertThat(run("--env-file=absent", hello)).isEqualTo(2);
        assertThat(run("--trace", "--trace-out=/nowhere/trace", hello)).isEqualTo(2);
        assertThat(run("--max-processes=x", hello)).isEqualTo(2);
        assertThat(run("--wasm=all", hello)).isEqualTo(2);
        assertThat(err())
                .contains("cannot read --env-file absent: no such file or folder (")
                .contains("cannot write the trace to /nowhere/trace: no such file or folder (")
                .contains("'--max-processes': 'x' is not a number (")
                .contains("'--wasm=all': it is not needed, features need no option (")
                .doesNotContain("Exception");
    }

    @Test
    void a_trace_can_go_to_standard_output() {
        assertThat(run("--trace=fd", "--trace-out", "-", hello)).isZero();
        assertThat(out()).contains("hello\n").contains(" [1] fd_write(1, ");
        assertThat(Path.of("-")).doesNotExist();
        assertThat(err()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_trace_that_cannot_be_written_is_reported_once_and_the_program_goes_on() {
        assertThat(run("--trace", "--trace-out=/dev/full", hello)).isZero();
        assertThat(out()).isEqualTo("hello\n");
        assertThat(err())
                .startsWith("wasix-run: the trace ends here: /dev/full cannot be written: ")
                .hasLineCount(1);
        err.reset();
        assertThat(run("--trace", "--trace-out=/nowhere/trace", hello)).isEqualTo(2);
        assertThat(err()).startsWith("wasix-run: cannot write the trace to /nowhere/trace: ");
    }

    @Test
    void help_and_version_go_to_standard_output() {
        assertThat(run("--help")).isZero();
        assertThat(out()).contains("MODULE [--] [ARGS...]").contains("--net[=RULES]");
        out.reset();
        assertThat(run("-V")).isZero();
        assertThat(out()).startsWith("wasix-run ");
        assertThat(err()).isEmpty();
    }

    @Test
    void net_does_not_swallow_the_module() {
        assertThat(run("--net", hello)).isZero();
        assertThat(out()).isEqualTo("hello\n");
    }

    @Test
    void what_follows_the_module_is_the_guests() {
        assertThat(run(catalogue("system/start"), "--net", "-x", "--", "y")).isZero();
        assertThat(out()).contains("args: 5\narg 1: [--net]\narg 2: [-x]\narg 3: [--]\n");
    }

    @Test
    void the_separator_after_the_module_is_nobodys() {
        run(catalogue("system/start"), "--", "--", "-h");
        assertThat(out()).contains("args: 3\narg 1: [--]\narg 2: [-h]\n");
    }

    @Test
    void variables_are_given_by_value_and_by_name() {
        String path = System.getenv("PATH");
        run(
                "--env",
                "A=1=2",
                "--env",
                "PATH",
                "--env",
                "NO_SUCH_VARIABLE",
                catalogue("system/start"));
        assertThat(out()).contains("env: 2\n").contains("A=1=2").contains("PATH=" + path);
    }

    @Test
    void a_denial_is_one_line_that_names_the_flag() {
        run(catalogue("echo-server"), "0", "127.0.0.1");
        assertThat(err().lines().filter(line -> line.startsWith("wasix-run: ")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains("denied").contains("--net"));
    }

    @Test
    void quiet_leaves_denials_out_and_failures_in() {
        run("-q", catalogue("echo-server"), "0", "127.0.0.1");
        assertThat(err()).doesNotContain("wasix-run: ");
        run("-q", guest("unreachable"));
        assertThat(err()).contains("wasix-run: trap: ");
    }

    @Test
    void a_memory_limit_is_kept() {
        assertThat(run("--max-memory", "1M", guest("grow"))).isEqualTo(1);
        assertThat(run("--max-memory", "7M", guest("grow"))).isZero();
    }

    @Test
    void a_module_that_needs_more_memory_than_the_limit_is_refused_with_both_sizes() {
        assertThat(run("--max-memory", "64k", catalogue("http-hello"))).isEqualTo(126);
        assertThat(err())
                .matches(
                        "(?s)wasix-run: .*the module needs \\d+ (KiB|MiB) of memory to start, the"
                                + " limit is 64 KiB\n.*");
    }

    @Test
    void interpreted_code_does_the_same() {
        assertThat(run("--engine", "interpreter", hello)).isZero();
        assertThat(out()).isEqualTo("hello\n");
    }

    @Test
    void compiled_code_is_kept_in_the_folder_that_was_given() {
        Path cache = folder.resolve("cache");
        for (int i = 0; i < 2; i++) {
            assertThat(run("--cache-dir", cache.toString(), hello)).isZero();
        }
        assertThat(out()).isEqualTo("hello\nhello\n");
        assertThat(err()).isEmpty();
        assertThat(cache.toFile().list()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--no-cache", "--engine=interpreter"})
    void no_compiled_code_is_kept_when_none_is_wanted(String option) {
        Path cache = folder.resolve("cache");
        assertThat(run("--cache-dir", cache.toString(), option, hello)).isZero();
        assertThat(cache).doesNotExist();
    }

    @Test
    void a_cache_that_was_asked_for_and_cannot_be_used_is_reported() {
        assertThat(run("--cache-dir", hello, hello)).isZero();
        assertThat(err().lines())
                .singleElement()
                .asString()
                .startsWith("wasix-run: compiled code is not cached: ");
    }

    @Test
    void the_cache_is_no_directory_to_write_in() {
        Path cache = folder.resolve("cache");
        assertThat(run("--cache-dir", cache.toString(), hello)).isZero();
        assertThat(run("--cache-dir", cache.toString(), "--dir", cache.toString(), hello))
                .isEqualTo(2);
        assertThat(err()).contains("the cache of compiled code is " + cache);
        assertThat(run("--no-cache", "--dir", cache.toString(), hello)).isZero();
    }

    @Test
    void the_whole_disk_can_be_granted_wherever_the_cache_is() {
        Path cache = folder.resolve("cache");
        assertThat(run("--cache-dir", cache.toString(), "--volume", "/:/", hello)).isZero();
        assertThat(err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--mapdir=a; here it is --volume HOST:GUEST",
                "-e; here it is --env K=V",
                "--volumes=a:b; did you mean --volume",
                "--allow-net; here it is --net or --net=RULES",
            })
    void an_option_of_another_runtime_or_a_typo_gets_a_hint(String option, String hint) {
        assertThat(run(option, hello)).isEqualTo(2);
        assertThat(err()).contains(hint);
    }

    @Test
    void words_in_a_wrong_place_get_a_hint() {
        assertThat(run("--net", "loopback:80/in", hello)).isEqualTo(127);
        assertThat(err()).contains("(--net=loopback:80/in takes its value with '=')");
        assertThat(run("-v", "/tmp:/x", hello)).isEqualTo(127);
        assertThat(err()).contains("(-v is --verbose, directories are given by --volume /tmp:/x)");
        assertThat(run("run", hello)).isZero();
    }

    @Test
    void a_module_comes_from_standard_input_and_what_is_none_is_not_read_to_its_end() {
        byte[] wasm = Guests.bytes("hello");
        assertThat(WasixRun.execute(new String[] {"-"}, new ByteArrayInputStream(wasm), out, err))
                .isZero();
        assertThat(out()).isEqualTo("hello\n");
        assertThat(run("/dev/zero")).isEqualTo(126);
    }

    @Test
    void rules_of_several_grants_add_up_and_sizes_may_be_small_letters() throws Exception {
        Path variables = Files.writeString(folder.resolve("env"), "# none\nA=B=C\n\n");
        assertThat(
                        run(
                                "--explain",
                                "--net=loopback:8080/in",
                                "--net=dns:allow=*.example.org:443",
                                "--max-memory=64m",
                                "--env-file=" + variables,
                                catalogue("http-hello")))
                .isZero();
        assertThat(out()).contains("loopback:8080/in").contains("*.example.org");
        assertThat(run("--net", "--net=loopback:8080/in", hello)).isEqualTo(2);
    }

    @Test
    void a_directory_for_reading_is_not_one_with_a_strange_name() {
        assertThat(run("--explain", "--dir=" + folder + "::/x:ro", catalogue("http-hello")))
                .isZero();
        assertThat(out()).contains("/x").contains("ro").doesNotContain("/x:ro/");
    }
}
