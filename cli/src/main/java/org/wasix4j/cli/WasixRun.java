package org.wasix4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.wasix4j.cli.pack.PackedProgram;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.ModuleReport;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.types.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code wasix-run}: reads a command line, and ends with the exit code of a run. */
public final class WasixRun {

    static final int CANNOT_RUN = 126;
    static final int NO_SUCH_FILE = 127;

    private static final int USAGE = 2;
    private static final int OUR_FAULT = 70;

    /** What the parser adds for options that may be given several times. */
    private static final String LABEL = "^(Invalid value for option '[^']*') \\([^)]*\\):";

    private final Streams streams;
    private final Messages messages;
    private final Interrupts interrupts;

    /** What is run instead of a file, or null. */
    private final @Nullable PackedStart packed;

    /** When the command began, which is when the time of {@code --timeout} does. */
    private final long began = System.nanoTime();

    private WasixRun(Streams streams, Interrupts interrupts, @Nullable PackedStart packed) {
        this.streams = streams;
        this.messages = new Messages(new PrintStream(streams.err(), true));
        this.interrupts = interrupts;
        this.packed = packed;
    }

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        main((PackedStart) null, args);
    }

    /** Runs what was packed, or without it what the words name, and ends the JVM. */
    static void main(@Nullable PackedStart packed, String... args) {
        OwnJvm.settle();
        Interrupts interrupts = new Interrupts();
        interrupts.install();
        OwnJvm.exit(new WasixRun(Streams.own(), interrupts, packed).run(args));
    }

    /**
     * Runs the command in this JVM, which goes on.
     *
     * @return the exit code
     */
    public static int execute(
            String[] args, InputStream stdin, OutputStream stdout, OutputStream stderr) {
        return new WasixRun(new Streams(stdin, stdout, stderr), new Interrupts(), null).run(args);
    }

    private int run(String... args) {
        Options options = new Options();
        try {
            Subcommand other = packed == null && args.length > 0 ? COMMANDS.get(args[0]) : null;
            if (other != null) {
                return subcommand(other, args[0], Arrays.copyOfRange(args, 1, args.length));
            }
            String[] line = withoutRun(args);
            CommandLine parser = null;
            if (!options.command().reads(line)) {
                options = new Options();
                parser = options.command().parser().setStopAtPositional(true);
                parser.parseArgs(line);
            }
            messages.configure(options, streams.paint(options, Paint.STDERR));
            Optional<String> lost = StartScript.lostArgument(args);
            if (lost.isPresent()) {
                return usage(lost.get());
            }
            if (parser != null && options.help.help) {
                boolean colours = streams.paint(options, Paint.STDOUT) == Paint.COLOURS;
                streams.print(parser.getUsageMessage(colours ? Help.Ansi.ON : Help.Ansi.OFF));
                return 0;
            }
            if (options.version) {
                streams.print(Version.text());
                return 0;
            }
            if (!options.hasModule()) {
                return usage("MODULE is missing");
            }
            if (options.json && !options.explain) {
                return usage("--json needs --explain");
            }
            int module = args.length - options.words.size();
            return run(options, module > 0 && module < args.length ? args[module - 1] : null);
        } catch (UnmatchedArgumentException e) {
            messages.configure(options, streams.paint(options, Paint.STDERR));
            return usage(e.getMessage() + Hints.of(e));
        } catch (ParameterException e) {
            messages.configure(options, streams.paint(options, Paint.STDERR));
            int code = usage(String.valueOf(e.getMessage()).replaceFirst(LABEL, "$1:"));
            if (e.getCause() instanceof Values.RulesException rules) {
                messages.lines(rules.pointer());
            }
            return code;
        } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
            if (HostDescriptors.lackedBy(e)) {
                String what = options.hasModule() ? "run " + options.module() : "start";
                messages.error("cannot " + what + ": " + HostDescriptors.NONE_LEFT, e);
                return CANNOT_RUN;
            }
            messages.error("internal error: " + e, e);
            return OUR_FAULT;
        }
    }

    /** Without the word by which others run a module, unless it is a module's own name. */
    private static String[] withoutRun(String... args) {
        return args.length > 1 && args[0].equals("run") && !Files.exists(Path.of("run"))
                ? Arrays.copyOfRange(args, 1, args.length)
                : args;
    }

    private int usage(@Nullable String sentence) {
        messages.error(sentence + " (wasix-run --help lists the options)");
        return USAGE;
    }

    // ---- other commands

    /** A command beside that which runs a module; its faults are exceptions. */
    private interface Subcommand {
        int run(Messages messages, String... args) throws IOException;
    }

    private static final Map<String, Subcommand> COMMANDS =
            Map.of("compile", Compile::run, "pack", Pack::run);

    private int subcommand(Subcommand other, String name, String... args) {
        try {
            return other.run(messages, args);
        } catch (NoSuchFileException e) {
            messages.error("no such file: " + e.getFile());
            return NO_SUCH_FILE;
        } catch (ModuleException e) {
            messages.error(e.getMessage(), e.getCause());
        } catch (FileSystemException e) {
            messages.error("cannot " + name + ": " + e.getFile() + ": " + Reasons.of(e), e);
        } catch (IOException e) {
            messages.error("cannot " + name + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            return usage(e.getMessage());
        }
        return CANNOT_RUN;
    }

    // ---- a module

    /**
     * Runs or explains a module.
     *
     * @param before the word before the module, or null
     */
    private int run(Options options, @Nullable String before) throws InterruptedException {
        Deadline deadline = new Deadline(options.limits.timeout, began);
        ModuleSource source = new ModuleSource(options, messages, streams, deadline, before);
        try {
            return options.explain
                    ? explain(options, source)
                    : new GuestLaunch(
                                    options,
                                    messages,
                                    streams,
                                    interrupts,
                                    deadline,
                                    source,
                                    packed)
                            .run();
        } catch (IllegalArgumentException e) {
            return usage(e.getMessage());
        }
    }

    /** Tells what the module is; the exit code too shows that a module could not be run. */
    private int explain(Options options, ModuleSource source) {
        if (packed != null) {
            streams.print(PackedProgram.explanation(options.json));
            return 0;
        }
        try {
            ModuleReport report = WasixModule.inspect(options.module(), source.toExplain());
            Explanation explanation = Explanation.of(report, options, System.getenv());
            streams.print(
                    options.json
                            ? explanation.json()
                            : explanation.text(streams.paint(options, Paint.STDOUT)));
            return explanation.runnable() ? 0 : CANNOT_RUN;
        } catch (ModuleSource.UnreadableException e) {
            return e.code();
        }
    }
}
