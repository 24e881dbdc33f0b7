package org.wasix4j.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.wasix4j.testmodules.Operation;

/**
 * A module that is not ours, and what is to come of it, as the public wasi-testsuite writes it
 * down: {@code NAME.wasm} and, if there is one, {@code NAME.json} beside it. Both forms are
 * understood: the short one ({@code args}, {@code env}, {@code root}, {@code dirs}, {@code stdin},
 * {@code stdout}, {@code stderr}, {@code exit_code}) and the list of {@code operations} with which
 * a test plays the peer: {@code run}, then those of {@link Operation}. Our own is {@code net}:
 * true, or rules.
 *
 * @param name path below the folder, without extension
 * @param wasm the binary
 * @param args arguments after the program's name
 * @param env environment
 * @param dirs host folders, relative to the module's, by the guest's path
 * @param stdin what can be read
 * @param net the network grant: empty is none, "" everything, else rules
 * @param operations what comes after the start, in order
 */
record ForeignModule(
        String name,
        Path wasm,
        List<String> args,
        Map<String, String> env,
        Map<String, String> dirs,
        String stdin,
        Optional<String> net,
        List<Operation> operations) {

    private static final Set<String> FIELDS =
            Set.of(
                    "args",
                    "env",
                    "root",
                    "dirs",
                    "stdin",
                    "stdout",
                    "stderr",
                    "exit_code",
                    "net",
                    "operations",
                    "proposals",
                    "about");

    /** Every module below a folder, sorted. */
    static List<ForeignModule> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<ForeignModule> modules = new ArrayList<>();
            for (Path file : files.filter(f -> f.toString().endsWith(".wasm")).sorted().toList()) {
                modules.add(of(folder, file));
            }
            return modules;
        }
    }

    private static ForeignModule of(Path folder, Path wasm) throws IOException {
        String path = folder.relativize(wasm).toString();
        String name = path.substring(0, path.length() - ".wasm".length());
        Path described = folder.resolve(name + ".json");
        JsonNode json =
                Files.exists(described)
                        ? new ObjectMapper().readTree(described.toFile())
                        : JsonNodeFactory.instance.objectNode();
        json.fieldNames()
                .forEachRemaining(
                        field -> {
                            if (!FIELDS.contains(field)) {
                                throw new IllegalArgumentException(
                                        described + ": unknown field " + field);
                            }
                        });
        ArrayNode operations;
        JsonNode run = json;
        if (json.has("operations")) {
            operations = json.get("operations").deepCopy();
            if (!operations.path(0).path("type").asText().equals("run")) {
                throw new IllegalArgumentException(described + ": the first operation is not run");
            }
            run = operations.remove(0);
        } else {
            operations = shortForm(json);
        }
        List<String> args = new ArrayList<>();
        run.path("args").forEach(each -> args.add(each.asText()));
        Map<String, String> env = new LinkedHashMap<>();
        run.path("env").properties().forEach(e -> env.put(e.getKey(), e.getValue().asText()));
        Map<String, String> dirs = new LinkedHashMap<>();
        if (run.hasNonNull("root")) {
            dirs.put(run.get("root").asText(), "/");
        }
        run.path("dirs").forEach(each -> dirs.put(each.asText(), each.asText()));
        boolean sockets = json.path("proposals").toString().contains("sockets");
        JsonNode net = json.path("net");
        Optional<String> rules =
                net.isTextual()
                        ? Optional.of(net.asText())
                        : sockets || net.asBoolean(false) ? Optional.of("") : Optional.empty();
        return new ForeignModule(
                name,
                wasm,
                args,
                env,
                dirs,
                run.path("stdin").asText(""),
                rules,
                Operation.list(operations));
    }

    /** The short form as operations: first the end, then what was written until then. */
    private static ArrayNode shortForm(JsonNode json) {
        ArrayNode operations = JsonNodeFactory.instance.arrayNode();
        ObjectNode end = operations.addObject().put("type", "wait");
        end.put("exit_code", json.path("exit_code").asInt(0));
        for (String stream : List.of("stdout", "stderr")) {
            // what is not said is not looked at: many programs write what they like
            if (json.hasNonNull(stream) && !json.get(stream).asText().isEmpty()) {
                operations
                        .addObject()
                        .put("type", "read")
                        .put("id", stream)
                        .put("payload", json.get(stream).asText());
            }
        }
        return operations;
    }
}
