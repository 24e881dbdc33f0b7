package org.wasix4j.cli;

import static org.wasix4j.cli.Option.flag;
import static org.wasix4j.cli.Option.list;
import static org.wasix4j.cli.Option.path;
import static org.wasix4j.cli.Option.text;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.cli.pack.PackedProgram;
import org.wasix4j.cli.pack.Packer;
import org.wasix4j.runtime.Volume;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.types.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** {@code wasix-run pack}: an ordinary Java program of a module, its grants and its arguments. */
final class Pack implements OptionGroup {

    /** Options of the start that a package has used up when it is packed. */
    private static final Set<String> OF_PACKAGES = Set.of("--command", "--dependency");

    private @Nullable Path output;
    private boolean app;
    private boolean runtime;
    private @Nullable String name;
    private List<Volume> folders = new ArrayList<>();
    private String classPath = System.getProperty("java.class.path");
    private final Options options = new Options();

    @Override
    public void addTo(CommandModel command) {
        command.add(
                path("--output", "FILE", v -> output = v)
                        .names("-o", "--output")
                        .description(
                                "The file or folder to write (default: NAME.jar, or the folder NAME)."));
        command.add(
                flag(() -> app = true, "--app")
                        .description(
                                "Write a folder with bin/NAME, which passes the JVM its options."));
        command.add(
                flag(() -> runtime = true, "--runtime")
                        .description("Include a JVM in the folder (jlink)."));
        command.add(
                text("--name", "NAME", v -> name = v)
                        .description(
                                "The name of the program (default: the module's, without .wasm)."));
        command.add(
                list("--add", "HOST:GUEST", new Values.ColonVolume(), v -> folders = v)
                        .description("Pack a folder too; it is granted read-only at GUEST."));
        command.add(text("--class-path", "PATH", v -> classPath = v).hidden());
        command.add(options);
    }

    /** Packs what a command line says; faults of it are thrown. */
    static int run(Messages messages, String... line) throws IOException {
        Pack pack = new Pack();
        CommandLine parser =
                new CommandModel(
                                "pack",
                                "wasix-run pack [OPTIONS] MODULE [--] [ARGS...]",
                                "",
                                "Compiles MODULE, or a command of a package, and makes a Java program of it, that runs with these options and"
                                        + " arguments unless it is given others: a jar (java -jar NAME.jar), or with"
                                        + " --app a folder with bin/NAME.",
                                "")
                        .add(pack)
                        .parser()
                        .setStopAtPositional(true);
        parser.parseArgs(line);
        messages.configure(pack.options, Paint.PLAIN);
        if (pack.options.help.help) {
            parser.usage(System.out);
            return 0;
        }
        if (!pack.options.hasModule()) {
            throw new ParameterException(parser, "MODULE is missing");
        }
        OptionWords words = new OptionWords(parser.getCommandSpec(), line);
        Set<String> dropped = new HashSet<>(OF_PACKAGES);
        CommandSpec start = new Options().command().parser().getCommandSpec();
        for (OptionSpec option : parser.getCommandSpec().options()) {
            if (start.findOption(option.longestName()) == null) {
                dropped.add(option.longestName());
            }
        }
        pack.write(messages, words.without(dropped));
        return 0;
    }

    private void write(Messages messages, List<String> words) throws IOException {
        if (!OpenedPackage.isPackage(options)) {
            if (options.guest.command != null) {
                throw new IOException(
                        "--command needs a package, and " + options.module() + " is not one");
            }
            byte[] wasm = ModuleFile.read(options.module(), System.in);
            String called = name == null ? nameOf(Path.of(options.module())) : name;
            write(messages, called, wasm, words, options.arguments());
            return;
        }
        try (OpenedPackage opened = OpenedPackage.open(options)) {
            folders.addAll(opened.volumes());
            write(
                    messages,
                    name == null ? opened.commandName() : name,
                    opened.module(),
                    words(opened, words),
                    opened.arguments(options.arguments()));
        }
    }

    /** What a package says of its command, as options; those that were given win. */
    private List<String> words(OpenedPackage opened, List<String> given) {
        List<String> all = new ArrayList<>();
        opened.environment(Map.of()).forEach((key, value) -> all.add("--env=" + key + "=" + value));
        if (options.guest.workingDirectory == null && opened.workingDirectory() != null) {
            all.add("--cwd=" + opened.workingDirectory());
        }
        if (options.guest.programName == null) {
            all.add("--argv0=" + opened.programName());
        }
        all.addAll(given);
        return all;
    }

    private void write(
            Messages messages,
            String called,
            byte[] wasm,
            List<String> words,
            List<String> arguments)
            throws IOException {
        for (Volume folder : folders) {
            if (!Files.isDirectory(folder.host())) {
                throw new IOException(folder.host() + " is not a directory");
            }
        }
        Explanation explanation =
                Explanation.of(WasixModule.inspect(called, wasm), options, System.getenv());
        PackedProgram program =
                new PackedProgram(
                        called, words, arguments, folders.stream().map(Volume::guest).toList());
        Packer packer =
                new Packer(
                        program,
                        WasixModule.pack(called, wasm),
                        Map.of("txt", packedText(program, explanation), "json", explanation.json()),
                        Arrays.stream(classPath.split(File.pathSeparator)).map(Path::of).toList(),
                        folders.stream().map(Volume::host).toList(),
                        // compiled code is that of the library's version, which may be built apart
                        WasixModule.class.getPackage().getImplementationVersion());
        if (app || runtime) {
            Path folder = output == null ? Path.of(called) : output;
            String lacking = packer.folder(folder, runtime);
            if (lacking != null) {
                messages.notice(lacking);
            }
            messages.notice("packed: " + folder.resolve("bin").resolve(called));
        } else {
            Path jar = output == null ? Path.of(called + ".jar") : output;
            packer.jar(jar);
            messages.notice("packed: java -jar " + jar);
        }
    }

    private static String packedText(PackedProgram program, Explanation explanation) {
        StringBuilder text = new StringBuilder(explanation.text(Paint.PLAIN));
        text.append("packed with\n");
        program.options().forEach(each -> text.append("  ").append(each).append('\n'));
        for (String each : program.arguments()) {
            text.append("  argument ").append(each).append('\n');
        }
        program.folders().forEach(each -> text.append("  files at ").append(each).append('\n'));
        text.append("  ").append("by wasix4j ").append(Version.number()).append('\n');
        return text.toString();
    }

    private static String nameOf(Path file) {
        String last = String.valueOf(file.getFileName());
        return last.endsWith(".wasm") ? last.substring(0, last.length() - ".wasm".length()) : last;
    }
}
