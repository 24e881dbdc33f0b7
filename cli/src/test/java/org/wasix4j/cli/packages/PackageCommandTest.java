package org.wasix4j.cli.packages;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packages of every form: what is read of them, and what is refused. */
class PackageCommandTest {

    private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

    @TempDir private Path scratch;

    // ---- what the tests pack

    private static Map<String, Object> command(Map<String, Object> wasi) {
        return Map.of(
                "runner",
                "https://webc.org/runner/wasi",
                "annotations",
                Map.of("atom", Map.of("name", "server"), "wasi", wasi));
    }

    private static Map<String, Object> manifest() {
        return Map.of(
                "package",
                        Map.of(
                                "wapm", Map.of("name", "me/server", "version", "1.0.0"),
                                "fs",
                                        List.of(
                                                Map.of(
                                                        "volume_name", "data",
                                                        "host_path", "/site",
                                                        "mount_path", "/public"))),
                "entrypoint", "serve",
                "commands",
                        Map.of(
                                "serve",
                                        command(
                                                Map.of(
                                                        "atom",
                                                        "server",
                                                        "main-args",
                                                        List.of("-v", "0"),
                                                        "env",
                                                        List.of("MODE=quick", "EMPTY"),
                                                        "cwd",
                                                        "/public")),
                                "check", command(Map.of("atom", "server", "exec-name", "chk"))));
    }

    private static Map<String, Object> site() {
        Map<String, Object> css = new TreeMap<>(Map.of("main.css", "body {}".getBytes(UTF_8)));
        Map<String, Object> site = new TreeMap<>();
        site.put("css", css);
        site.put("empty", new TreeMap<String, Object>());
        site.put("index.html", "<p>hello</p>".getBytes(UTF_8));
        return new TreeMap<>(Map.of("site", site));
    }

    private static WebcFiles webc(int version) {
        return new WebcFiles(version, manifest()).atom("server", MODULE).volume("data", site());
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(scratch.resolve("package.webc"), bytes);
    }

    private PackageCommand read(byte[] bytes) throws IOException {
        return PackageCommand.read(file(bytes), null, Map.of());
    }

    // ---- containers

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_container_of_each_version_tells_its_command(int version) throws IOException {
        Path file = file(webc(version).bytes());
        assertThat(PackageCommand.isPackage(file)).isTrue();
        PackageCommand serve = PackageCommand.read(file, null, Map.of());
        assertThat(serve.name()).isEqualTo("serve");
        assertThat(serve.module()).isEqualTo(MODULE);
        assertThat(serve.arguments()).containsExactly("-v", "0");
        assertThat(serve.environment()).isEqualTo(Map.of("MODE", "quick", "EMPTY", ""));
        assertThat(serve.workingDirectory()).isEqualTo("/public");
        assertThat(serve.programName()).isEqualTo("serve");
        PackageCommand check = PackageCommand.read(file, "check", Map.of());
        assertThat(check.programName()).isEqualTo("chk");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void its_folders_are_laid_out_and_taken_away(int version) throws IOException {
        PackageCommand serve = read(webc(version).bytes());
        Path folder;
        try (Unpacked unpacked = new Unpacked(scratch)) {
            folder = unpacked.folder(serve.folders().get("/public"));
            assertThat(folder.resolve("index.html")).hasContent("<p>hello</p>");
            assertThat(folder.resolve("css/main.css")).hasContent("body {}");
            assertThat(folder.resolve("empty")).isEmptyDirectory();
        }
        assertThat(folder.getParent()).doesNotExist();
    }

    @Test
    void links_of_version_3_are_links_again() throws IOException {
        Map<String, Object> tree = site();
        tree.put("link", "site/index.html");
        Map<String, Object> all =
                Map.of(
                        "commands", Map.of("serve", command(Map.of())),
                        "package",
                                Map.of(
                                        "fs",
                                        List.of(Map.of("volume_name", "data", "mount_path", "/"))));
        byte[] bytes = new WebcFiles(3, all).atom("server", MODULE).volume("data", tree).bytes();
        try (Unpacked unpacked = new Unpacked(scratch)) {
            Path folder = unpacked.folder(read(bytes).folders().get("/"));
            assertThat(folder.resolve("link")).isSymbolicLink().hasContent("<p>hello</p>");
        }
    }

    @Test
    void version_1_without_mappings_has_its_volume_as_the_root() throws IOException {
        Map<String, Object> manifest = Map.of("commands", Map.of("serve", command(Map.of())));
        byte[] bytes =
                new WebcFiles(1, manifest).atom("server", MODULE).volume("atom", site()).bytes();
        try (Unpacked unpacked = new Unpacked(scratch)) {
            Path folder = unpacked.folder(read(bytes).folders().get("/"));
            assertThat(folder.resolve("site/index.html")).exists();
        }
    }

    /** The six files beside this test, which the crate webc has made; its README tells of what. */
    private Path foreign(String name) throws IOException {
        try (InputStream in = getClass().getResourceAsStream(name + ".webc")) {
            return file(in.readAllBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1-none", "v1-sha", "v2-none", "v2-sha", "v3-none", "v3-sha"})
    void a_file_of_the_reference_is_read_as_it_was_packed(String name) throws IOException {
        PackageCommand show = PackageCommand.read(foreign(name), null, Map.of());
        assertThat(show.name()).isEqualTo("show");
        assertThat(show.module()).isEqualTo(MODULE);
        assertThat(show.arguments()).containsExactly("one", "two words");
        assertThat(show.environment()).isEqualTo(Map.of("A", "1", "B", "two words"));
        assertThat(PackageCommand.read(foreign(name), "other", Map.of()).arguments()).isEmpty();
        try (Unpacked unpacked = new Unpacked(scratch)) {
            Path data = unpacked.folder(show.folders().get("/data"));
            assertThat(data.resolve("a.txt")).hasContent("alpha");
            assertThat(data.resolve("deep/er/b.txt")).hasContent("beta");
            assertThat(data.resolve("empty")).isEmptyFile();
            assertThat(data.resolve("none")).isEmptyDirectory();
            assertThat(Path.of(URI.create(data.toUri() + "gr%C3%BCn.txt"))).hasContent("green");
            if (name.startsWith("v3")) {
                assertThat(data.resolve("link")).isSymbolicLink().hasContent("alpha");
            }
            Path all = unpacked.folder(show.folders().get("/all"));
            assertThat(all.resolve("top.txt")).hasContent("top");
            assertThat(all.resolve("data/a.txt")).hasContent("alpha");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1-sha", "v2-sha", "v3-none", "v3-sha"})
    void any_changed_byte_of_the_content_is_found_by_the_checksum(String name) throws IOException {
        byte[] whole = Files.readAllBytes(foreign(name));
        // in version 1 the signature comes before the content, in the others the index
        int start = name.startsWith("v1") ? 8 + 16 + 256 + 4 + 1024 : sections(whole);
        for (int i = start; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 0x10;
            assertThatThrownBy(() -> WebcReader.read(ByteBuffer.wrap(changed)))
                    .as("byte %d", i)
                    .isInstanceOf(PackageException.class)
                    .hasMessageStartingWith("damaged: ");
        }
    }

    /** Where the sections behind the index begin. */
    private static int sections(byte[] file) {
        return 8 + 9 + ByteBuffer.wrap(file, 9, 8).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    // ---- refusals

    private static Map<String, Object> with(String key, Object value) {
        Map<String, Object> changed = new TreeMap<>(manifest());
        changed.put(key, value);
        return changed;
    }

    private void refused(byte[] bytes, String... words) throws IOException {
        Path file = file(bytes);
        assertThatThrownBy(() -> PackageCommand.read(file, null, Map.of()))
                .isInstanceOf(PackageException.class)
                .hasMessageContainingAll(words);
    }

    private void refused(Map<String, Object> manifest, String... words) throws IOException {
        refused(
                new WebcFiles(3, manifest).atom("server", MODULE).volume("data", site()).bytes(),
                words);
    }

    @Test
    void what_cannot_be_run_is_reported_by_name() throws IOException {
        refused(with("entrypoint", "other"), "no command \"other\"", "check, serve");
        refused(with("entrypoint", 7), "several commands", "--command", "check, serve");
        refused(with("commands", Map.of()), "it has no command");
        refused(
                with("commands", Map.of("serve", Map.of("runner", "https://webc.org/runner/wcgi"))),
                "\"serve\" needs the runner \"https://webc.org/runner/wcgi\"");
        Map<String, Object> foreign =
                Map.of(
                        "runner",
                        "wasi",
                        "annotations",
                        Map.of("atom", Map.of("name", "python", "dependency", "py")));
        Map<String, Object> dependent = with("commands", Map.of("serve", foreign));
        dependent.put("use", Map.of("py", "wasmer/python@3.12"));
        refused(dependent, "it needs wasmer/python@3.12, which was not found", "--dependency");
    }

    @Test
    void a_dependency_can_be_given() throws IOException {
        Path python = scratch.resolve("python.webc");
        Map<String, Object> of = Map.of("commands", Map.of("python", command(Map.of())));
        Files.write(python, new WebcFiles(3, of).atom("python", MODULE).bytes());
        Map<String, Object> foreign =
                Map.of("annotations", Map.of("atom", Map.of("name", "python", "dependency", "py")));
        Map<String, Object> dependent = with("commands", Map.of("serve", foreign));
        dependent.put("use", Map.of("py", "wasmer/python@3.12"));
        byte[] bytes = new WebcFiles(3, dependent).volume("data", site()).bytes();
        for (String name : List.of("py", "wasmer/python", "wasmer/python@3.12")) {
            PackageCommand command = PackageCommand.read(file(bytes), null, Map.of(name, python));
            assertThat(command.module()).isEqualTo(MODULE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "", "a/b", "a\0b"})
    void names_that_lead_elsewhere_are_refused(String name) throws IOException {
        for (int version = 1; version <= 3; version++) {
            Map<String, Object> tree = Map.of(name, new byte[] {1});
            refused(
                    new WebcFiles(version, manifest())
                            .atom("server", MODULE)
                            .volume("data", tree)
                            .bytes(),
                    "is not allowed");
        }
    }

    private static byte[] withAChangedFile(int version) {
        byte[] bytes = webc(version).bytes();
        bytes[new String(bytes, ISO_8859_1).indexOf("<p>")] = 'X';
        return bytes;
    }

    @Test
    void a_changed_byte_of_a_file_is_found() throws IOException {
        refused(withAChangedFile(1), "damaged: the checksum of the package is wrong");
        refused(withAChangedFile(3), "damaged: the checksum of a volume is wrong");
        // without an index, each file has still its own
        PackageCommand command = read(withAChangedFile(2));
        try (Unpacked unpacked = new Unpacked(scratch)) {
            assertThatThrownBy(() -> unpacked.folder(command.folders().get("/public")))
                    .isInstanceOf(PackageException.class)
                    .hasMessage("damaged: the checksum of \"index.html\" is wrong");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void every_cut_and_many_changes_are_an_error_and_nothing_else(int version) throws IOException {
        byte[] whole = webc(version).bytes();
        for (int length = 0; length < whole.length; length += version == 1 ? 7 : 1) {
            tolerate(Arrays.copyOf(whole, length));
        }
        Random random = new Random(version);
        for (int i = 0; i < 1000; i++) {
            byte[] changed = whole.clone();
            changed[8 + random.nextInt(changed.length - 8)] = (byte) random.nextInt(256);
            tolerate(changed);
        }
        WebcFiles rightChecksums =
                webc(version)
                        .damaged(
                                content -> {
                                    for (int n = random.nextInt(3); n > 0; n--) {
                                        content[random.nextInt(content.length)] =
                                                (byte) random.nextInt(256);
                                    }
                                });
        for (int i = 0; i < 3000; i++) {
            tolerate(rightChecksums.bytes());
        }
    }

    /** Reading succeeds or says why not. */
    private static void tolerate(byte[] bytes) {
        try {
            Container container = WebcReader.read(ByteBuffer.wrap(bytes));
            ManifestReader.ofContainer(container.manifest(), container.version());
        } catch (PackageException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    // ---- folders

    private Path folder(String toml) throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("folder/site"));
        Files.writeString(folder.resolve("index.html"), "<p>hello</p>");
        Files.write(folder.resolveSibling("server.wasm"), MODULE);
        Files.writeString(folder.resolveSibling("wasmer.toml"), toml);
        return folder.getParent();
    }

    private static final String TOML =
            """
            [package]
            name = "me/server"
            version = "1.0.0"

            [[module]]
            name = "server"
            source = "server.wasm"
            abi = "wasi"

            [[command]]
            name = "serve"
            module = "server"
            [command.annotations.wasi]
            env = ["MODE=quick"]
            main-args = ["-v"]

            [fs]
            "/public" = "site"
            """;

    @Test
    void a_folder_with_a_manifest_is_a_package() throws IOException {
        Path folder = folder(TOML);
        assertThat(PackageCommand.isPackage(folder)).isTrue();
        PackageCommand serve = PackageCommand.read(folder, null, Map.of());
        assertThat(serve.module()).isEqualTo(MODULE);
        assertThat(serve.arguments()).containsExactly("-v");
        assertThat(serve.environment()).isEqualTo(Map.of("MODE", "quick"));
        assertThat(serve.folders().get("/public"))
                .isEqualTo(new PackageCommand.OnDisk(folder.toRealPath().resolve("site")));
    }

    @Test
    void a_manifest_that_leads_out_or_is_none_is_refused() throws IOException {
        for (String wrong :
                List.of(
                        TOML.replace("server.wasm", "../../etc/passwd"),
                        TOML.replace("= \"site\"", "= \"/etc\""))) {
            Path folder = folder(wrong);
            assertThatThrownBy(() -> PackageCommand.read(folder, null, Map.of()))
                    .isInstanceOf(IOException.class);
        }
        Path folder = folder("[package\nname");
        assertThatThrownBy(() -> PackageCommand.read(folder, null, Map.of()))
                .isInstanceOf(PackageException.class)
                .hasMessageStartingWith("wasmer.toml: ");
        Path dependent =
                folder(TOML.replace("module = \"server\"", "module = \"wasmer/python:python\""));
        assertThatThrownBy(() -> PackageCommand.read(dependent, null, Map.of()))
                .hasMessageContaining("it needs wasmer/python, which was not found");
    }

    @Test
    void other_files_and_folders_are_no_packages() throws IOException {
        assertThat(PackageCommand.isPackage(scratch)).isFalse();
        assertThat(PackageCommand.isPackage(file(MODULE))).isFalse();
        assertThat(PackageCommand.isPackage(scratch.resolve("none"))).isFalse();
        assertThat(PackageCommand.isPackage(Path.of("/dev/zero"))).isFalse();
    }
}
