package org.wasix4j.cli;

import static org.wasix4j.cli.Option.flag;
import static org.wasix4j.cli.Option.text;
import static org.wasix4j.cli.Option.value;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.types.Nullable;

/** The command line of {@code wasix-run}. */
final class Options implements OptionGroup {

    final NetworkOptions network = new NetworkOptions();

    final WatchOptions watch = new WatchOptions();

    final FileOptions files = new FileOptions();

    final GuestOptions guest = new GuestOptions();

    final TraceOptions traces = new TraceOptions();

    @Nullable String function;

    boolean explain;

    boolean json;

    final CodeOptions code = new CodeOptions();

    final LimitOptions limits = new LimitOptions();

    boolean verbose;

    boolean quiet;

    Paint.When color = Paint.When.AUTO;

    final HelpOption help = new HelpOption();

    boolean version;

    List<String> words = new ArrayList<>();

    @Override
    public void addTo(CommandModel command) {
        command.add(network).add(watch).add(files).add(guest).add(traces);
        command.add(
                text("--invoke", "NAME", v -> function = v)
                        .description(
                                "Call this exported function instead of _start; the words after MODULE"
                                        + " are its arguments; its results are printed on standard output."));
        command.add(
                flag(() -> explain = true, "--explain")
                        .description(
                                "Do not run MODULE; print what it imports, which of that is provided,"
                                        + " why it cannot be run, and which grants it may need."));
        command.add(
                flag(() -> json = true, "--json")
                        .description("Print the output of --explain as JSON."));
        command.add(code).add(limits);
        command.add(
                flag(() -> verbose = true, "-v", "--verbose")
                        .description("Print more about errors."));
        command.add(
                flag(() -> quiet = true, "-q", "--quiet")
                        .description("Print only why the run failed."));
        command.add(
                value("--color", "auto|always|never", new Values.Colour(), v -> color = v)
                        .candidates(Values.COLOURS)
                        .description(
                                "Whether messages are coloured (default: auto, on a terminal unless NO_COLOR is"
                                        + " set)."));
        command.add(help);
        command.add(
                flag(() -> version = true, "-V", "--version")
                        .forVersion()
                        .description("Show the version."));
        command.words(v -> words = v);
    }

    /** The command that these options are of. */
    CommandModel command() {
        return new CommandModel(
                        "wasix-run",
                        "wasix-run [OPTIONS] MODULE [--] [ARGS...]",
                        "",
                        "Runs a WASIX WebAssembly program on this Java virtual machine.",
                        "",
                        "Everything after MODULE is passed to the program. By default it has"
                                + " standard streams, arguments, clocks and random numbers; options grant"
                                + " more.",
                        "")
                .footer(
                        "",
                        "Exit code: that of the program; 2 wrong usage, 70 internal error, 124"
                                + " timeout, 125 the JVM cannot be started, 126 the module cannot be run,"
                                + " 127 no such file, 134 trap, 128+N ended by signal N (130, 143).")
                .add(this);
    }

    /** Whether a module was given. */
    boolean hasModule() {
        return !words.isEmpty();
    }

    /** The module's file; one must have been given. */
    String module() {
        return words.get(0);
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
    WasixRuntime.Builder applyTo(WasixRuntime.Builder builder, @Nullable Duration timeLeft) {
        files.applyTo(builder);
        network.applyTo(builder);
        return builder.withLimits(limits.limits(timeLeft))
                .withAbi(code.abi)
                .withStrictImports(code.strictImports);
    }
}
