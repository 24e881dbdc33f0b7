package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.Guest;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.testmodules.TestModule;

/**
 * A host that has too little of something, in a JVM of its own: what cannot be done is said in a
 * sentence, and what can be done is done.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class HostFaultsTest {

    @TempDir Path folder;

    private record Said(int code, String text) {}

    /** Runs {@link Child} under shell limits and JVM options. */
    private Said child(String limit, List<String> options, String... args) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", "-c", limit + " exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.add("-XX:-UsePerfData");
        command.addAll(options);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }

    private String module(String name) {
        return TestModule.named(name).copyTo(folder).toString();
    }

    @Test
    void a_cache_on_a_full_disk_costs_the_cache_and_nothing_else() throws Exception {
        Path cache = folder.resolve("cache");
        // the limit on the size of files stands for a disk without room: entries are larger
        Said said =
                child(
                        "ulimit -f 4;",
                        List.of(),
                        "run",
                        "--cache-dir=" + cache,
                        module("system/start"),
                        "one");
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void a_cache_that_cannot_be_made_is_reported_and_the_guest_runs() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        Said said =
                child(
                        "",
                        List.of(),
                        "run",
                        "-v",
                        "--cache-dir=" + file.resolve("cache"),
                        module("system/start"));
        assertThat(said.text()).contains(file.toString());
        assertThat(said.text()).doesNotContain("Exception in thread", "\tat ");
    }

    @Test
    void without_a_temporary_folder_guests_have_memory_from_elsewhere() throws Exception {
        Said said =
                child(
                        "",
                        List.of("-Djava.io.tmpdir=" + folder.resolve("missing")),
                        "run",
                        "--no-cache",
                        module("system/start"));
        assertThat(said.code()).as(said.text()).isZero();
    }

    @Test
    void without_room_for_files_a_guests_memory_is_smaller_and_that_is_reported() throws Exception {
        Said said =
                child("ulimit -f 4;", List.of(), "run", "--no-cache", "-v", module("system/start"));
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.text()).contains("the guest's memory ends at");
    }

    @Test
    void without_descriptors_for_another_guest_that_one_is_refused_and_the_others_go_on()
            throws Exception {
        Said said = child("ulimit -n 160;", List.of(), "many", module("echo-server"));
        assertThat(said.text()).contains("the first still answers", "another runs again");
        assertThat(said.code()).as(said.text()).isZero();
    }

    /** The JVM that lacks something. */
    static final class Child {

        /** What the embedder's own code needs to go on. */
        private static byte[] ballast;

        private Child() {}

        public static void main(String[] args) throws Exception {
            if (args[0].equals("run")) {
                String[] rest = java.util.Arrays.copyOfRange(args, 1, args.length);
                System.exit(
                        WasixRun.execute(
                                rest,
                                new ByteArrayInputStream(new byte[0]),
                                System.out,
                                System.err));
            }
            loadClasses();
            many(Path.of(args[1]));
        }

        /** Classes that stand in folders and not in jars would need a descriptor each, later. */
        private static void loadClasses() throws Exception {
            for (Class<?> of : List.of(WasixRuntime.class, org.wasix4j.WasixHost.class)) {
                Path classes =
                        Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
                if (!Files.isDirectory(classes)) {
                    continue;
                }
                try (var files = Files.walk(classes)) {
                    for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                        String name = classes.relativize(file).toString().replace('/', '.');
                        if (!name.startsWith("META-INF") && !name.startsWith("module-info")) {
                            Class.forName(name.substring(0, name.length() - ".class".length()));
                        }
                    }
                }
            }
        }

        /**
         * Starts servers until the host has no more for them, then sees what became of the rest.
         */
        private static void many(Path file) throws Exception {
            WasixModule module = WasixModule.load(file);
            List<WasixProcess> servers = new ArrayList<>();
            String refused = null;
            talk(server(module, servers));
            ballast = new byte[6 << 20];
            while (refused == null && servers.size() < 2000) {
                try {
                    server(module, servers);
                } catch (ModuleException | IllegalStateException | UncheckedIOException e) {
                    refused = String.valueOf(e.getMessage());
                } catch (OutOfMemoryError e) {
                    refused = "OutOfMemoryError " + e.getMessage();
                }
            }
            ballast = null;
            System.out.println("after " + servers.size() + ": " + refused);
            while (servers.size() > 1) {
                servers.remove(servers.size() - 1).close();
            }
            talk(servers.get(0));
            System.out.println("the first still answers");
            System.gc();
            talk(server(module, servers));
            System.out.println("another runs again");
            servers.forEach(WasixProcess::close);
            System.exit(refused == null ? 3 : 0);
        }

        private static WasixProcess server(WasixModule module, List<WasixProcess> servers)
                throws Exception {
            WasixProcess process =
                    WasixRuntime.builder()
                            .withArguments("0", "127.0.0.1")
                            .withNetworkPolicy(org.wasix4j.policy.NetworkPolicy.allowAll())
                            .build()
                            .start(module);
            servers.add(process);
            process.awaitListening(Guest.SOON);
            return process;
        }

        private static void talk(WasixProcess server) throws Exception {
            int port = server.awaitListening(Guest.SOON).port();
            try (java.net.Socket client = new java.net.Socket("127.0.0.1", port)) {
                client.setSoTimeout((int) Guest.SOON.toMillis());
                client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                if (!new String(client.getInputStream().readNBytes(5), StandardCharsets.UTF_8)
                        .equals("hello")) {
                    throw new IOException("no answer");
                }
            }
        }
    }
}
