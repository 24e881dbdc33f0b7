package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** What a program finds: its environment, its name, other programs, the package it is of. */
final class GuestOptions {

    @Option(
            names = "--program",
            paramLabel = "GUEST=FILE",
            converter = Values.Program.class,
            description =
                    "Let the program start a module, as /bin/sh=dash.wasm; files that it can see it"
                            + " can start anyway.")
    List<Map.Entry<String, String>> programs = new ArrayList<>();

    @Option(
            names = "--env",
            paramLabel = "K[=V]",
            description = "Give an environment variable: a value, or the one it has here.")
    List<String> environment = new ArrayList<>();

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "Give the variables of a file: a line K=V each; # begins a comment.")
    List<Path> environmentFiles = new ArrayList<>();

    @Option(names = "--env-inherit", description = "Give the whole environment.")
    boolean inheritEnvironment;

    @Option(names = "--cwd", paramLabel = "PATH", description = "Where the program starts.")
    String workingDirectory;

    @Option(names = "--argv0", paramLabel = "NAME", description = "The program's own name.")
    String programName;

    @Option(
            names = "--command",
            paramLabel = "NAME",
            description =
                    "Run this command of a package (a folder with wasmer.toml, or a .webc file).")
    String command;

    @Option(
            names = "--dependency",
            paramLabel = "NAME=PATH",
            description = "Take a package that MODULE's package needs from PATH.")
    Map<String, Path> dependencies = new LinkedHashMap<>();

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
