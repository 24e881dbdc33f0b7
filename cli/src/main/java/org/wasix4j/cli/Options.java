package org.wasix4j.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.runtime.WasixRuntime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of {@code wasix-run}. */
@Command(
        name = "wasix-run",
        sortOptions = false,
        usageHelpAutoWidth = true,
        customSynopsis = "wasix-run [OPTIONS] MODULE [--] [ARGS...]",
        description = {
            "",
            "Runs a WASIX WebAssembly program on this Java virtual machine.",
            "",
            "Everything after MODULE is the program's. It is granted standard streams, arguments,"
                    + " clocks and randomness; options grant more.",
            ""
        },
        footer = {
            "",
            "Exit code: the program's own; 2 wrong usage, 70 a fault of wasix-run, 124 timeout,"
                    + " 125 the JVM cannot be started, 126 cannot run, 127 no such file, 134 trap, 128 and the number of"
                    + " the signal that ended it (130, 143)."
        })
final class Options {

    @Mixin final NetworkOptions network = new NetworkOptions();

    @Mixin final WatchOptions watch = new WatchOptions();

    @Mixin final FileOptions files = new FileOptions();

    @Mixin final GuestOptions guest = new GuestOptions();

    @Mixin final TraceOptions traces = new TraceOptions();

    @Option(
            names = "--invoke",
            paramLabel = "NAME",
            description =
                    "Call this exported function instead of _start; the words after MODULE are its"
                            + " arguments, what it returns is written to standard output.")
    String function;

    @Option(
            names = "--explain",
            description =
                    "Run nothing; tell what MODULE imports, what of that is served, why it cannot be"
                            + " run, and which grants it could need.")
    boolean explain;

    @Option(names = "--json", description = "Write what --explain tells as JSON.")
    boolean json;

    @Mixin final CodeOptions code = new CodeOptions();

    @Mixin final LimitOptions limits = new LimitOptions();

    @Option(
            names = {"-v", "--verbose"},
            description = "Say more about errors.")
    boolean verbose;

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing but why the run failed.")
    boolean quiet;

    @Option(
            names = "--color",
            paramLabel = "auto|always|never",
            converter = Values.Colour.class,
            completionCandidates = Values.Colours.class,
            description =
                    "Whether messages are coloured (default: auto, on a terminal unless NO_COLOR is"
                            + " set).")
    Paint.When color = Paint.When.AUTO;

    @Mixin final HelpOption help = new HelpOption();

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    boolean version;

    @Parameters(arity = "0..*", hidden = true)
    List<String> words = new ArrayList<>();

    /** The module's file, or null when none was given. */
    String module() {
        return words.isEmpty() ? null : words.get(0);
    }

    /** The guest's arguments; the separator after the module is not one of them. */
    List<String> arguments() {
        int first = words.size() > 1 && words.get(1).equals("--") ? 2 : 1;
        return words.subList(Math.min(first, words.size()), words.size());
    }

    /**
     * Grants a program what the options grant, and bounds it.
     *
     * @param timeLeft how long the program may run, or null for ever
     */
    WasixRuntime.Builder applyTo(WasixRuntime.Builder builder, Duration timeLeft) {
        files.applyTo(builder);
        network.applyTo(builder);
        return builder.withLimits(limits.limits(timeLeft))
                .withAbi(code.abi)
                .withStrictImports(code.strictImports);
    }
}
