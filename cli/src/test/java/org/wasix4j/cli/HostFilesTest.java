package org.wasix4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.Guests;
import org.wasix4j.types.UnixAddr;

/** The files that the command itself writes, and guests that would like to write them. */
class HostFilesTest {

    @TempDir Path folder;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path volume;
    private Path victim;
    private String hello;

    @BeforeEach
    void start() throws IOException {
        volume = Files.createDirectory(folder.resolve("volume"));
        victim = Files.writeString(folder.resolve("victim"), "precious");
        hello = Guests.file(folder, "hello").toString();
    }

    private int run(String... args) {
        return WasixRun.execute(
                args, new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), err);
    }

    private String err() {
        return err.toString(UTF_8);
    }

    @Test
    void a_ready_file_in_a_volume_that_the_guest_writes_is_refused() {
        String grant = volume + ":/v";
        String file = volume.resolve("ready").toString();
        assertThat(run("--no-cache", "--volume", grant, "--ready-file", file, hello)).isEqualTo(2);
        assertThat(err()).contains("the guest may write in " + volume).contains("ready");
        assertThat(run("--no-cache", "--volume", grant + ":ro", "--ready-file", file, hello))
                .isZero();
    }

    @Test
    void a_trace_in_a_volume_that_the_guest_writes_is_refused() {
        String grant = volume + ":/v";
        String file = volume.resolve("trace").toString();
        assertThat(run("--no-cache", "--volume", grant, "--trace", "--trace-out", file, hello))
                .isEqualTo(2);
        assertThat(err()).contains("the guest may write in " + volume).contains("trace");
    }

    @Test
    void a_trace_does_not_go_where_a_link_leads() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("trace"), victim);
        assertThat(run("--no-cache", "--trace", "--trace-out", link.toString(), hello))
                .isEqualTo(2);
        assertThat(err()).contains("cannot write the trace to " + link).contains("symbolic link");
        assertThat(victim).hasContent("precious");
    }

    @Test
    void a_ready_file_replaces_a_link_and_never_follows_it() throws IOException {
        Path ready = folder.resolve("ready");
        // the name that earlier versions took
        Path guessed = folder.resolve(".ready." + ProcessHandle.current().pid());
        Files.createSymbolicLink(guessed, victim);
        ReadyFile file = new ReadyFile(ready, new Messages(new PrintStream(err, true, UTF_8)));
        file.listening(new UnixAddr("/a"));
        assertThat(ready).hasContent("unix:/a\n");
        assertThat(victim).hasContent("precious");
        assertThat(guessed).isSymbolicLink();
    }

    @Test
    void an_address_is_one_line_of_the_ready_file_whatever_a_guest_calls_it() throws IOException {
        Path ready = folder.resolve("ready");
        ReadyFile file = new ReadyFile(ready, new Messages(new PrintStream(err, true, UTF_8)));
        file.listening(new UnixAddr("/a\n127.0.0.1:22\u001b[2J\\u000a"));
        assertThat(Files.readString(ready))
                .isEqualTo("unix:/a\\u000a127.0.0.1:22\\u001b[2J\\\\u000a\n");
    }

    @Test
    void numbers_that_are_too_large_are_refused_and_named() {
        String[][] options = {
            {"--max-memory", "17179869185G"},
            {"--max-memory", "99999999999999999999"},
            {"--timeout", "9999999999999999999h"},
            {"--timeout", "9300000000s"},
            {"--shutdown-timeout", "9999999999999999999"},
            {"--max-fds", "4294967296"},
            {"--max-sockets", "4294967296"},
            {"--max-threads", "99999999999999999999"},
        };
        for (String[] option : options) {
            err.reset();
            assertThat(run("--no-cache", option[0], option[1], hello)).as(option[0]).isEqualTo(2);
            assertThat(err()).contains(option[0]).contains("'" + option[1] + "' is too large");
        }
        assertThat(run("--max-threads", "0", hello)).isEqualTo(2);
        assertThat(err()).contains("the limit of threads is 0, the least is 1");
    }

    @Test
    void what_a_module_calls_its_imports_reaches_no_terminal() throws IOException {
        byte[] name = "\u001b[2J\nwasix-run: all is well".getBytes(UTF_8);
        ByteArrayOutputStream wasm = new ByteArrayOutputStream();
        wasm.write(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        wasm.write(new byte[] {1, 4, 1, 0x60, 0, 0});
        wasm.write(new byte[] {2, (byte) (6 + name.length), 1, 1, 'm', (byte) name.length});
        wasm.write(name);
        wasm.write(new byte[] {0, 0});
        wasm.write(new byte[] {7, 10, 1, 6, '_', 's', 't', 'a', 'r', 't', 0, 0});
        Path module = Files.write(folder.resolve("nasty.wasm"), wasm.toByteArray());
        for (String more : new String[] {"-q", "-v", "--explain"}) {
            err.reset();
            assertThat(run("--no-cache", more, module.toString())).isEqualTo(126);
            assertThat(err()).doesNotContain("\u001b").doesNotContain("\nwasix-run: all is well");
        }
    }
}
