package org.wasix4j.testmodules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A guest of the catalogue: its bytes and the cases in which it is to be run.
 *
 * <p>The catalogue is the folder {@code wasm} of this artifact: {@code NAME.wasm} beside {@code
 * NAME.json}. The fields of the json are those of the public wasi-testsuite ({@code args}, {@code
 * env}, {@code dirs}, {@code stdin}, {@code stdout}, {@code stderr}, {@code exit_code}) and our own
 * ({@code about}, {@code program}, {@code net}, {@code ipv6}, {@code server}, {@code trap}, {@code
 * tree}, {@code stdout_file}, {@code cases}). A field outside {@code cases} holds for every case
 * that does not set it; without {@code cases} there is one case, named {@code default}.
 *
 * @param name path in the catalogue without extension: {@code echo-server}, {@code system/start}
 * @param about what the guest does, in a sentence
 * @param cases ways to run it, at least one
 */
public record TestModule(String name, String about, List<TestCase> cases) {

    private static final String ROOT = "/wasm/";
    private static final Set<String> FIELDS =
            Set.of(
                    "name",
                    "args",
                    "env",
                    "dirs",
                    "program",
                    "tree",
                    "stdin",
                    "stdout",
                    "stdout_file",
                    "stderr",
                    "exit_code",
                    "trap",
                    "net",
                    "server",
                    "ipv6",
                    "operations");

    public TestModule {
        cases = List.copyOf(cases);
    }

    /** Names of all modules, sorted. */
    public static List<String> names() {
        return text("modules.txt").lines().filter(line -> !line.isBlank()).toList();
    }

    /** All modules, sorted by name. */
    public static List<TestModule> all() {
        return names().stream().map(TestModule::named).toList();
    }

    /**
     * The module of a name.
     *
     * @throws IllegalArgumentException when there is none, or when its json is wrong
     */
    public static TestModule named(String name) {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(text(name + ".json"));
        } catch (IOException e) {
            throw new IllegalArgumentException(name + ".json: " + e.getMessage(), e);
        }
        ObjectNode shared = ((ObjectNode) json).deepCopy();
        JsonNode listed = shared.remove("cases");
        String about = shared.path("about").asText();
        shared.remove("about");
        List<TestCase> cases = new ArrayList<>();
        if (listed == null) {
            cases.add(testCase(name, shared));
        } else {
            for (JsonNode one : listed) {
                cases.add(testCase(name, shared.deepCopy().setAll((ObjectNode) one)));
            }
        }
        return new TestModule(name, about, cases);
    }

    /** The WebAssembly binary. */
    public byte[] bytes() {
        return resource(name + ".wasm");
    }

    /** Writes the binary into a folder, under the last part of its name, and answers the file. */
    public Path copyTo(Path folder) {
        try {
            Files.createDirectories(folder);
            return Files.write(
                    folder.resolve(name.substring(name.lastIndexOf('/') + 1) + ".wasm"), bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The case of a name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public TestCase testCase(String caseName) {
        return cases.stream()
                .filter(one -> one.name().equals(caseName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " has no case " + caseName));
    }

    @Override
    public String toString() {
        return name;
    }

    private static TestCase testCase(String module, JsonNode json) {
        json.fieldNames()
                .forEachRemaining(
                        field -> {
                            if (!FIELDS.contains(field)) {
                                throw new IllegalArgumentException(
                                        module + ".json: unknown field " + field);
                            }
                        });
        Map<String, String> env = new LinkedHashMap<>();
        json.path("env").properties().forEach(e -> env.put(e.getKey(), e.getValue().asText()));
        List<TreeEntry> tree = new ArrayList<>();
        for (JsonNode entry : json.path("tree")) {
            tree.add(
                    new TreeEntry(
                            entry.path("path").asText(),
                            optional(entry, "text"),
                            optional(entry, "link"),
                            optional(entry, "resource")));
        }
        Optional<String> stdout = optional(json, "stdout");
        if (json.has("stdout_file")) {
            String folder = module.substring(0, module.lastIndexOf('/') + 1);
            stdout = Optional.of(text(folder + json.get("stdout_file").asText()));
        }
        return new TestCase(
                json.path("name").asText("default"),
                strings(json.path("args")),
                env,
                strings(json.path("dirs")),
                optional(json, "program"),
                tree,
                json.path("stdin").asText(""),
                stdout,
                optional(json, "stderr"),
                json.path("exit_code").asInt(0),
                json.path("trap").asBoolean(false),
                net(json.path("net")),
                json.path("server").asBoolean(false),
                json.path("ipv6").asBoolean(false),
                operations(module, json.path("operations")));
    }

    private static List<Operation> operations(String module, JsonNode json) {
        try {
            return Operation.list(json);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(module + ".json: " + e.getMessage(), e);
        }
    }

    private static Optional<String> net(JsonNode json) {
        if (json.isTextual()) {
            return Optional.of(json.asText());
        }
        return json.asBoolean(false) ? Optional.of("") : Optional.empty();
    }

    private static Optional<String> optional(JsonNode json, String field) {
        return json.hasNonNull(field) ? Optional.of(json.get(field).asText()) : Optional.empty();
    }

    private static List<String> strings(JsonNode json) {
        List<String> strings = new ArrayList<>();
        json.forEach(one -> strings.add(one.asText()));
        return Collections.unmodifiableList(strings);
    }

    private static String text(String path) {
        return new String(resource(path), StandardCharsets.UTF_8);
    }

    /** A file of the catalogue, by its path with extension. */
    public static byte[] resource(String path) {
        try (InputStream in = TestModule.class.getResourceAsStream(ROOT + path)) {
            if (in == null) {
                throw new FileNotFoundException(path);
            }
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("no such test module: " + path, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
