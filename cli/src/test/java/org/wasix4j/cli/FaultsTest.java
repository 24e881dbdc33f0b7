package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.EchoClient;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ForkedJvm;
import org.wasix4j.runtime.Guest;
import org.wasix4j.runtime.Guests;
import org.wasix4j.runtime.HostDescriptors;
import org.wasix4j.runtime.HttpClientSocket;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.testmodules.TestModule;

/** A machine that lacks something: what is said then, and that it goes on. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class FaultsTest {

    private static final String COMMAND = "org.wasix4j.cli.WasixRun";
    private static final int HOST_DESCRIPTORS = 120;

    private static final String NO_DESCRIPTORS = ": the host has no descriptors left (ulimit -n)";

    @TempDir Path temp;
    private String hello;

    @BeforeEach
    void writeGuest() throws IOException {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        hello = Guests.file(temp, "hello").toString();
    }

    // ---- descriptors

    @Test
    void a_server_without_host_descriptors_serves_who_is_there_and_then_who_waited()
            throws Exception {
        Path ready = temp.resolve("ready");
        Files.writeString(Files.createDirectory(temp.resolve("site")).resolve("file"), "content");
        try (ForkedJvm server =
                ForkedJvm.start(
                        temp,
                        "ulimit -n " + HOST_DESCRIPTORS + " && exec",
                        List.of(),
                        COMMAND,
                        "--no-cache",
                        "--net",
                        "--ready-file=" + ready,
                        "--dir=" + temp.resolve("site") + "::/site",
                        TestModule.named("http-hello").copyTo(temp).toString(),
                        "-d",
                        "/site",
                        "0",
                        "127.0.0.1")) {
            await().atMost(Guest.SOON).until(() -> Files.exists(ready) || !server.isAlive());
            assertThat(server.isAlive()).as(server.toString()).isTrue();
            String line = Files.readString(ready).strip();
            int port = Integer.parseInt(line.substring(line.indexOf(':') + 1));
            List<HttpClientSocket> others = new ArrayList<>();
            try (HttpClientSocket client = new HttpClientSocket(port)) {
                assertThat(client.get("/file").answer().body()).isEqualTo("content");
                for (int i = 0; i < HOST_DESCRIPTORS; i++) {
                    others.add(new HttpClientSocket(port));
                }
                HttpClientSocket waiting = others.remove(others.size() - 1).get("/file");
                await().atMost(Guest.SOON).until(() -> !server.err().isEmpty());
                assertThat(server.err()).contains("accept: mfile");
                assertThat(client.get("/file").answer().status()).isGreaterThanOrEqualTo(500);
                for (HttpClientSocket other : others) {
                    other.close();
                }
                assertThat(waiting.answer().body()).isEqualTo("content");
                assertThat(client.get("/file").answer().body()).isEqualTo("content");
                waiting.close();
            }
            assertThat(server.terminate().awaitExit()).as(server.toString()).isEqualTo(143);
            // once an episode: what the JVM opens and closes meanwhile can end one
            assertThat(server.err())
                    .as("reported, and not at each attempt")
                    .filteredOn("accept: mfile"::equals)
                    .hasSizeBetween(1, 5);
        }
    }

    /**
     * So few that the JVM's own classes cannot open what they need; how many that are depends on
     * the JVM. With a few more the guest runs.
     */
    @Test
    void without_descriptors_for_the_jvm_itself_the_reason_is_reported() throws Exception {
        boolean reported = false;
        int code = 126;
        for (int limit = 17; code != 0 && limit < HOST_DESCRIPTORS; limit++) {
            try (ForkedJvm run =
                    ForkedJvm.start(
                            temp,
                            "ulimit -n " + limit + " && exec",
                            List.of(),
                            COMMAND,
                            "--no-cache",
                            hello)) {
                code = run.awaitExit();
                String line = String.join("\n", run.err());
                assertThat(line).as("limit " + limit).doesNotContain("internal error");
                reported |=
                        run.err().stream()
                                .anyMatch(
                                        each ->
                                                each.startsWith("wasix-run: cannot ")
                                                        && each.endsWith(NO_DESCRIPTORS));
            }
        }
        assertThat(code).isZero();
        assertThat(reported).isTrue();
    }

    // ---- ports

    @Test
    void a_port_that_is_taken_is_reported_and_free_for_the_guest_when_it_is_given_back()
            throws Exception {
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        String port = Integer.toString(taken.getLocalPort());
        try (taken;
                Guest guest = Guest.start("http-hello", port, "127.0.0.1")) {
            assertThat(guest.awaitEnd().shellCode()).isEqualTo(1);
            assertThat(guest.stderr()).contains("bind 127.0.0.1:" + port + ": addrinuse");
        }
        try (Guest guest = Guest.start("http-hello", port, "127.0.0.1");
                HttpClientSocket client = new HttpClientSocket(guest.port())) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
        }
    }

    // ---- the cache of compiled code

    /**
     * Runs the guest that says hello in a JVM that lacks something, and answers what it reported.
     */
    private List<String> hello(String setting, List<String> options, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(COMMAND));
        command.addAll(List.of(arguments));
        command.add(hello);
        try (ForkedJvm run =
                ForkedJvm.start(temp, setting, options, command.toArray(String[]::new))) {
            assertThat(run.awaitExit()).as(run.toString()).isZero();
            assertThat(run.out()).as(run.toString()).isEqualTo("hello\n");
            return run.err();
        }
    }

    @Test
    void a_cache_on_a_full_disk_keeps_nothing_and_the_guest_runs() throws Exception {
        Path cache = temp.resolve("cache");
        // what a write meets at the limit of a file's size is what it meets on a full disk
        // a run that ends before the compiler begins keeps no code, and notes that it ran
        List<String> reported = List.of();
        for (int i = 0; i < 3 && reported.stream().noneMatch(l -> l.contains("cached")); i++) {
            reported =
                    hello("ulimit -f 1 && exec", List.of(), "-v", "--cache-dir", cache.toString());
            assertThat(cache.toFile().list()).allMatch(name -> name.endsWith("-ran.code"));
        }
        assertThat(reported)
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .contains("the guest's memory ends at 64 MiB")
                                        .contains("ulimit -f"))
                .contains(
                        "wasix-run: compiled code is not cached: "
                                + cache
                                + " cannot be written: File too large");
        assertThat(hello("exec", List.of(), "--cache-dir", cache.toString())).isEmpty();
        assertThat(cache.toFile().list()).hasSize(1);
    }

    @Test
    void a_cache_folder_that_must_not_be_written_is_reported_with_the_reason() throws Exception {
        Path cache = Files.createDirectory(temp.resolve("cache"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("r-x------"));
        String setting = "exec";
        if (Files.isWritable(cache)) {
            // root, to whom nothing is forbidden
            setting = "exec setpriv --inh-caps=-all --bounding-set=-all";
            assumeTrue(
                    succeeds(setting.substring("exec".length()) + " test ! -w " + cache),
                    "nothing can be forbidden here");
        }
        List<String> reported = hello(setting, List.of(), "-v", "--cache-dir", cache.toString());
        assertThat(reported)
                .singleElement()
                .asString()
                .isEqualTo(
                        "wasix-run: compiled code is not cached: "
                                + cache
                                + " must not be written");
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void a_cache_that_cannot_be_written_is_read_when_it_is_roots_or_ours() throws Exception {
        Path cache = temp.resolve("filled");
        try (ForkedJvm fill =
                ForkedJvm.start(
                        temp,
                        "exec",
                        List.of(),
                        COMMAND,
                        "compile",
                        "--cache-dir",
                        cache.toString(),
                        hello)) {
            assertThat(fill.awaitExit()).as(fill.toString()).isZero();
            assertThat(fill.err()).singleElement().asString().startsWith("wasix-run: compiled ");
        }
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("r-xr-xr-x"));
        try (Stream<Path> entries = Files.list(cache)) {
            for (Path entry : entries.toList()) {
                Files.setPosixFilePermissions(entry, PosixFilePermissions.fromString("r--r--r--"));
            }
        }
        String setting = "exec";
        if (Files.isWritable(cache)) {
            // root, to whom nothing is forbidden
            setting = "exec setpriv --inh-caps=-all --bounding-set=-all";
            assumeTrue(
                    succeeds(setting.substring("exec".length()) + " test ! -w " + cache),
                    "nothing can be forbidden here");
        }
        assertThat(hello(setting, List.of(), "-v", "--cache-dir", cache.toString())).isEmpty();
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
    }

    private static boolean succeeds(String command) throws Exception {
        return new ProcessBuilder("/bin/sh", "-c", command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void a_cache_folder_in_a_place_that_is_none_is_reported_with_the_reason() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "");
        Path cache = file.resolve("cache");
        assertThat(hello("exec", List.of(), "-v", "--cache-dir", cache.toString()))
                .singleElement()
                .asString()
                .isEqualTo("wasix-run: compiled code is not cached: " + file + " is no folder");
    }

    // ---- temporary folders

    @Test
    void without_a_temporary_folder_of_the_jvm_another_one_is_taken() throws Exception {
        assertThat(hello("exec", List.of("-Djava.io.tmpdir=/nowhere/at/all"), "--no-cache"))
                .isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void without_a_folder_on_a_disk_and_without_shared_memory_the_guest_has_less_memory()
            throws Exception {
        assumeTrue(succeeds("unshare -m mount -t tmpfs tmpfs /var/tmp"), "mounts need a privilege");
        assumeTrue(temp.startsWith("/tmp"), "the guest is where another tmpfs will be");
        assumeFalse(
                Stream.of("java.class.path", "surefire.test.class.path", "user.dir")
                        .map(name -> System.getProperty(name, ""))
                        .anyMatch(path -> path.contains("/tmp/")),
                "the classes are where another tmpfs will be");
        Path kept = Files.createTempDirectory(Path.of("target"), "faults").toAbsolutePath();
        Path guest = Guests.file(kept, "hello");
        try (ForkedJvm run =
                ForkedJvm.start(
                        kept,
                        "exec unshare -m /bin/sh -c 'mount -t tmpfs tmpfs /tmp &&"
                                + " mount -t tmpfs tmpfs /var/tmp && umount /dev/shm; exec \"$@\"'"
                                + " sh",
                        List.of("-Duser.home=/tmp"),
                        COMMAND,
                        "--no-cache",
                        guest.toString())) {
            assertThat(run.awaitExit()).as(run.toString()).isZero();
            assertThat(run.out()).isEqualTo("hello\n");
            assertThat(run.err())
                    .singleElement()
                    .asString()
                    .contains("the guest's memory ends at 64 MiB")
                    .contains("no temporary folder is on a disk (java.io.tmpdir chooses one)");
        }
    }

    // ---- heap

    @Test
    void without_heap_for_another_guest_the_first_one_serves_on() throws Exception {
        try (ForkedJvm jvm =
                ForkedJvm.start(
                        temp,
                        "exec",
                        List.of("-Xmx64m", "-XX:+UseSerialGC"),
                        LittleHeap.class.getName())) {
            assertThat(jvm.awaitExit()).as(jvm.toString()).isZero();
            assertThat(jvm.out().lines())
                    .as(jvm.toString())
                    .containsExactly(
                            "serves: true",
                            "cannot run large: the host has no memory left: Java heap space",
                            "serves: true",
                            "cannot run wide: the module starts with 9000000 table entries, and there"
                                    + " is too little memory left for them",
                            "serves: true",
                            "hello",
                            "serves: true");
        }
    }

    @Test
    void without_a_thread_for_a_guest_it_is_not_started_and_nothing_is_left() {
        WasixModule module = Guests.compiled("hello");
        int before = HostDescriptors.areListed() ? HostDescriptors.open().size() : 0;
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(
                            () ->
                                    WasixRuntime.builder()
                                            .withThreadFactory(
                                                    (body, name, stack) -> {
                                                        throw new OutOfMemoryError("no thread");
                                                    })
                                            .build()
                                            .start(module))
                    .isInstanceOf(ModuleException.class)
                    .hasMessage("cannot run hello: the host has no memory left: no thread");
        }
        if (HostDescriptors.areListed()) {
            assertThat(HostDescriptors.open().size()).isLessThanOrEqualTo(before);
        }
    }

    /** In the JVM with little heap. */
    static final class LittleHeap {

        private LittleHeap() {}

        public static void main(String[] args) throws Exception {
            WasixModule echo = Guest.module("echo-server", Engine.COMPILER);
            WasixModule greeting = Guests.compiled("hello");
            WasixModule wide = WasixModule.load("wide", wide(9_000_000), Engine.COMPILER);
            byte[] large = large(400, 3_000);
            WasixRuntime quiet = WasixRuntime.builder().withStdout(System.out).build();
            try (WasixProcess server =
                    WasixRuntime.builder()
                            .withArguments("0", "127.0.0.1")
                            .withNetworkPolicy(NetworkPolicy.allowAll())
                            .withStdout(new ByteArrayOutputStream())
                            .build()
                            .start(echo)) {
                server.awaitListening(Guest.SOON);
                tellServes(server);
                try {
                    WasixModule.load("large", large, Engine.COMPILER);
                    System.out.println("it was not large enough");
                } catch (ModuleException e) {
                    System.out.println(e.getMessage());
                }
                tellServes(server);
                try (WasixProcess second = quiet.start(wide)) {
                    System.out.println("it was not wide enough");
                } catch (ModuleException e) {
                    System.out.println(e.getMessage());
                }
                tellServes(server);
                try (WasixProcess third = quiet.start(greeting)) {
                    third.waitFor();
                }
                tellServes(server);
            }
        }

        private static void tellServes(WasixProcess server) throws Exception {
            try (Socket client = EchoClient.connect("127.0.0.1", server.port())) {
                byte[] data = EchoClient.bytes(5, 100_000);
                System.out.println("serves: " + Arrays.equals(EchoClient.echo(client, data), data));
            }
        }

        /** A command with a table that its instance needs heap for. */
        private static byte[] wide(int entries) {
            ByteArrayOutputStream wasm = begin(1);
            section(wasm, 4, table -> bytes(table, 1, 0x70, 0).writeBytes(number(entries)));
            export(wasm);
            section(wasm, 10, code -> bytes(code, 1, 2, 0, 0x0b));
            return wasm.toByteArray();
        }

        /** A command with so many instructions that parsing or compiling it needs heap. */
        private static byte[] large(int functions, int instructions) {
            ByteArrayOutputStream wasm = begin(functions);
            export(wasm);
            ByteArrayOutputStream body = bytes(new ByteArrayOutputStream(), 0);
            for (int i = 0; i < instructions; i++) {
                bytes(body, 0x41, 1, 0x1a); // i32.const 1, drop
            }
            bytes(body, 0x0b);
            section(
                    wasm,
                    10,
                    code -> {
                        code.writeBytes(number(functions));
                        for (int i = 0; i < functions; i++) {
                            code.writeBytes(number(body.size()));
                            code.writeBytes(body.toByteArray());
                        }
                    });
            return wasm.toByteArray();
        }

        private static ByteArrayOutputStream begin(int functions) {
            ByteArrayOutputStream wasm = new ByteArrayOutputStream();
            bytes(wasm, 0, 'a', 's', 'm', 1, 0, 0, 0);
            section(wasm, 1, types -> bytes(types, 1, 0x60, 0, 0));
            section(
                    wasm,
                    3,
                    declared -> {
                        declared.writeBytes(number(functions));
                        declared.writeBytes(new byte[functions]);
                    });
            return wasm;
        }

        private static void export(ByteArrayOutputStream wasm) {
            section(wasm, 7, exports -> bytes(exports, 1, 6, '_', 's', 't', 'a', 'r', 't', 0, 0));
        }

        private interface Content {
            void write(ByteArrayOutputStream to);
        }

        private static void section(ByteArrayOutputStream wasm, int id, Content content) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            content.write(bytes);
            wasm.write(id);
            wasm.writeBytes(number(bytes.size()));
            wasm.writeBytes(bytes.toByteArray());
        }

        private static ByteArrayOutputStream bytes(ByteArrayOutputStream to, int... values) {
            for (int value : values) {
                to.write(value);
            }
            return to;
        }

        /** LEB128. */
        private static byte[] number(int value) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            int rest = value;
            for (; rest > 0x7f; rest >>>= 7) {
                bytes.write(rest & 0x7f | 0x80);
            }
            bytes.write(rest);
            return bytes.toByteArray();
        }
    }
}
