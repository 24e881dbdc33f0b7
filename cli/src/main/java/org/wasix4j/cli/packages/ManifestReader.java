package org.wasix4j.cli.packages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.cli.packages.Manifest.Command;
import org.wasix4j.cli.packages.Manifest.Mount;
import org.wasix4j.types.Nullable;

/**
 * Reads manifests: the tables of a {@code wasmer.toml}, and what a container has made of one.
 *
 * <p>Source: the crates {@code webc} ({@code metadata}) and {@code wasmer-config} ({@code
 * package}).
 */
final class ManifestReader {

    private ManifestReader() {}

    // ---- containers

    /** The manifest of a container. */
    static Manifest ofContainer(JsonNode root, int version) throws PackageException {
        Map<String, Command> commands = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : root.path("commands").properties()) {
            commands.put(each.getKey(), command(each.getKey(), each.getValue()));
        }
        List<Mount> mounts = new ArrayList<>();
        JsonNode mappings = root.path("package").path("fs");
        for (JsonNode each : mappings) {
            JsonNode path =
                    each.has("host_path") ? each.get("host_path") : each.path("original_path");
            mounts.add(
                    new Mount(
                            text(each.path("from")),
                            required(each, "volume_name"),
                            text(path),
                            required(each, "mount_path")));
        }
        if (version == 1 && mappings.isMissingNode()) {
            // what a package of that time has is the root of its program
            mounts.add(new Mount(null, "atom", null, "/"));
        }
        Map<String, String> dependencies = new LinkedHashMap<>();
        root.path("use")
                .properties()
                .forEach(e -> dependencies.put(e.getKey(), e.getValue().asText()));
        JsonNode about = root.path("package").path("wapm");
        return new Manifest(
                text(about.path("name")),
                text(root.path("entrypoint")),
                commands,
                mounts,
                dependencies);
    }

    private static Command command(String name, JsonNode command) throws PackageException {
        JsonNode annotations = command.path("annotations");
        JsonNode wasi = annotations.path("wasi");
        JsonNode atom = annotations.path("atom");
        String module = text(atom.path("name"));
        String dependency = text(atom.path("dependency"));
        if (module == null) {
            module = text(wasi.path("atom"));
            dependency = text(wasi.path("package"));
        }
        return new Command(
                name,
                module == null ? name : module,
                dependency,
                text(command.path("runner")),
                texts(wasi.path("main-args")),
                texts(wasi.path("env")),
                text(wasi.path("cwd")),
                text(wasi.path("exec-name")));
    }

    // ---- wasmer.toml

    /** The modules of a {@code wasmer.toml}: names and paths. */
    static Map<String, String> modules(JsonNode root) throws PackageException {
        Map<String, String> modules = new LinkedHashMap<>();
        for (JsonNode each : root.path("module")) {
            if (modules.put(required(each, "name"), required(each, "source")) != null) {
                throw new PackageException(
                        "the module " + Names.shown(required(each, "name")) + " is there twice");
            }
        }
        return modules;
    }

    /** The manifest that a {@code wasmer.toml} is. */
    static Manifest ofToml(JsonNode root) throws PackageException {
        Map<String, Command> commands = new LinkedHashMap<>();
        for (JsonNode each : root.path("command")) {
            Command command = tomlCommand(each);
            if (commands.put(command.name(), command) != null) {
                throw new PackageException(
                        "the command " + Names.shown(command.name()) + " is there twice");
            }
        }
        List<Mount> mounts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : root.path("fs").properties()) {
            mounts.add(new Mount(null, each.getValue().asText(), null, each.getKey()));
        }
        Map<String, String> dependencies = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : root.path("dependencies").properties()) {
            dependencies.put(each.getKey(), each.getKey() + '@' + each.getValue().asText());
        }
        JsonNode about = root.path("package");
        return new Manifest(
                text(about.path("name")),
                text(about.path("entrypoint")),
                commands,
                mounts,
                dependencies);
    }

    private static Command tomlCommand(JsonNode command) throws PackageException {
        JsonNode annotations = command.path("annotations");
        JsonNode wasi = annotations.path("wasi");
        String module = required(command, "module");
        int colon = module.lastIndexOf(':');
        List<String> arguments = texts(wasi.path("main-args"));
        if (arguments.isEmpty() && command.has("main_args")) {
            arguments = List.of(command.get("main_args").asText().trim().split("\\s+"));
        }
        return new Command(
                required(command, "name"),
                module.substring(colon + 1),
                colon < 0 ? null : module.substring(0, colon),
                text(command.path("runner")),
                arguments,
                texts(wasi.path("env")),
                text(wasi.path("cwd")),
                text(wasi.path("exec-name")));
    }

    // ---- small words

    private static String required(JsonNode node, String field) throws PackageException {
        String value = text(node.path(field));
        if (value == null) {
            throw new PackageException(
                    "the manifest lacks " + field + " in " + Names.shown("" + node));
        }
        return value;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? node.asText() : null;
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
