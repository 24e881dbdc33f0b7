package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.TestModule;

/**
 * Runs a folder of modules that others have written, each as the json beside it says:
 *
 * <pre>mvn test -pl runtime -am -Dtest=ForeignModulesTest -Dwasix.modules=/path/to/folder</pre>
 *
 * <p>{@code -Dwasix.engine=INTERPRETER} takes the other engine. See {@link ForeignModule} for the
 * json.
 */
class ForeignModulesTest {

    private static final String FOLDER = System.getProperty("wasix.modules");
    private static final Engine ENGINE =
            Engine.valueOf(System.getProperty("wasix.engine", Engine.COMPILER.name()));

    @TempDir Path temp;
    private int folders;

    @TestFactory
    Stream<DynamicTest> every_module_of_the_given_folder_does_what_its_json_says()
            throws IOException {
        if (FOLDER == null) {
            return Stream.of();
        }
        List<ForeignModule> modules = ForeignModule.in(Path.of(FOLDER));
        assertThat(modules).as("modules in " + FOLDER).isNotEmpty();
        return modules.stream()
                .map(module -> DynamicTest.dynamicTest(module.name(), () -> check(module)));
    }

    /** The folder's reader itself, on modules of the catalogue. */
    @Test
    void a_folder_is_run_with_a_scripted_peer_and_with_expected_output() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("folder"));
        TestModule.named("echo-server").copyTo(folder);
        Files.writeString(
                folder.resolve("echo-server.json"),
                "{\"net\": \"loopback:0/in\", \"operations\":"
                        + " [{\"type\": \"run\", \"args\": [\"0\", \"127.0.0.1\"]},"
                        + "{\"type\": \"connect\", \"id\": \"peer\"},"
                        + "{\"type\": \"send\", \"id\": \"peer\", \"payload\": \"hello\"},"
                        + "{\"type\": \"recv\", \"id\": \"peer\", \"payload\": \"hello\"}]}");
        List<ForeignModule> modules = ForeignModule.in(folder);
        assertThat(modules).extracting(ForeignModule::name).containsExactly("echo-server");
        for (ForeignModule module : modules) {
            check(module);
        }
    }

    private void check(ForeignModule module) throws Exception {
        Path copies = Files.createDirectory(temp.resolve(Integer.toString(folders++)));
        WasixModule loaded =
                WasixModule.load(module.name(), Files.readAllBytes(module.wasm()), ENGINE);
        Guest guest =
                Guest.start(
                        loaded,
                        module.stdin().getBytes(StandardCharsets.UTF_8),
                        settings -> {
                            settings.withArguments(module.args()).withEnvironment(module.env());
                            module.dirs()
                                    .forEach(
                                            (host, path) ->
                                                    settings.withDirectory(
                                                            copy(module, host, copies), path));
                            module.net()
                                    .ifPresent(
                                            rules ->
                                                    settings.withNetworkPolicy(
                                                            Guest.policy(rules)));
                            return settings;
                        });
        try (guest;
                ScriptedPeer peer = new ScriptedPeer(guest, "127.0.0.1", copies)) {
            peer.play(module.operations());
        }
    }

    /** A guest may change its directories, and another test must not see it. */
    private static Path copy(ForeignModule module, String host, Path copies) {
        Path from = module.wasm().resolveSibling(host).normalize();
        Path to = copies.resolve(from.getFileName());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(f -> !f.toString().endsWith(".cleanup")).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isSymbolicLink(file)) {
                    Files.createSymbolicLink(target, Files.readSymbolicLink(file));
                } else if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return to;
    }
}
