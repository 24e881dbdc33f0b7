package org.wasix4j.cli;

import static org.wasix4j.cli.Option.flag;
import static org.wasix4j.cli.Option.list;
import static org.wasix4j.cli.Option.namedPaths;
import static org.wasix4j.cli.Option.paths;
import static org.wasix4j.cli.Option.text;
import static org.wasix4j.cli.Option.texts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/** What a program finds: its environment, its name, other programs, the package it is of. */
final class GuestOptions implements OptionGroup {

    List<Map.Entry<String, String>> programs = new ArrayList<>();

    List<String> environment = new ArrayList<>();

    List<Path> environmentFiles = new ArrayList<>();

    boolean inheritEnvironment;

    @Nullable String workingDirectory;

    @Nullable String programName;

    @Nullable String command;

    Map<String, Path> dependencies = new LinkedHashMap<>();

    @Override
    public void addTo(CommandModel command) {
        command.add(
                list("--program", "GUEST=FILE", new Values.Program(), v -> programs = v)
                        .description(
                                "Let the program start a module, for example /bin/sh=dash.wasm; it can"
                                        + " start files in granted directories anyway."));
        command.add(
                texts("--env", "K[=V]", v -> environment = v)
                        .description(
                                "Pass an environment variable, with value V or its present value."));
        command.add(
                paths("--env-file", "FILE", v -> environmentFiles = v)
                        .description(
                                "Pass the variables of a file: one K=V on each line; # begins a comment."));
        command.add(
                flag(() -> inheritEnvironment = true, "--env-inherit")
                        .description("Pass the whole environment."));
        command.add(
                text("--cwd", "PATH", v -> workingDirectory = v)
                        .description("The program's working directory."));
        command.add(
                text("--argv0", "NAME", v -> programName = v)
                        .description("The program's own name."));
        command.add(
                text("--command", "NAME", v -> this.command = v)
                        .description(
                                "Run this command of a package (a folder with wasmer.toml, or a .webc file)."));
        command.add(
                namedPaths("--dependency", "NAME=PATH", v -> dependencies = v)
                        .description(
                                "The location of a package that MODULE's package depends on."));
    }

    /** The guest's environment; what is named here wins over what is inherited. */
    Map<String, String> environment(Map<String, String> here) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (inheritEnvironment) {
            variables.putAll(here);
        }
        for (Path file : environmentFiles) {
            readVariables(file, variables);
        }
        for (String word : environment) {
            int equals = word.indexOf('=');
            if (equals >= 0) {
                variables.put(word.substring(0, equals), word.substring(equals + 1));
            } else if (here.containsKey(word)) {
                variables.put(word, here.get(word));
            }
        }
        return variables;
    }

    private static void readVariables(Path file, Map<String, String> variables) {
        try {
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                if (equals <= 0) {
                    throw new IllegalArgumentException(
                            "--env-file " + file + ": '" + line + "' is not K=V");
                }
                variables.put(line.substring(0, equals).strip(), line.substring(equals + 1));
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot read --env-file " + file + ": " + Reasons.of(e), e);
        }
    }
}
