package org.wasix4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.wasix4j.cli.pack.PackedProgram;
import org.wasix4j.runtime.CodeCache;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.ModuleReport;
import org.wasix4j.runtime.Volume;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.trace.SyscallTracer;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code wasix-run}: runs one module, and ends with its exit code. */
public final class WasixRun {

    private static final int USAGE = 2;
    private static final int TIMED_OUT = 124;
    private static final int OUR_FAULT = 70;
    static final int CANNOT_RUN = 126;

    /** What the parser adds for options that may be given several times. */
    private static final Pattern LABEL =
            Pattern.compile("^(Invalid value for option '[^']*') \\([^)]*\\):");

    private static final String TOO_MANY = "Too many open files";
    private static final String NO_DESCRIPTORS = "the host has no descriptors left (ulimit -n)";
    private static final int NO_SUCH_FILE = 127;

    private final InputStream stdin;
    private final OutputStream stdout;
    private final OutputStream stderr;
    private final Messages messages;
    private final Interrupts interrupts;

    /** The word before the module, or null. */
    private String before;

    /** What is run instead of a file, or null. */
    private PackedProgram packed;

    private List<Volume> packedFolders = List.of();

    /** The package that MODULE is, while its program runs; null for a plain module. */
    private OpenedPackage opened;

    /** When the command began, which is when the time of {@code --timeout} does. */
    private final long began = System.nanoTime();

    /**
     * A run with certain streams.
     *
     * @param stdin what the guest reads, or null when it gets the JVM's own streams
     */
    private WasixRun(
            InputStream stdin, OutputStream stdout, OutputStream stderr, Interrupts interrupts) {
        this.stdin = stdin;
        this.stdout = stdout;
        this.stderr = stderr;
        this.messages = new Messages(new PrintStream(stderr, true));
        this.interrupts = interrupts;
    }

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        Interrupts interrupts = new Interrupts();
        interrupts.install();
        System.exit(new WasixRun(null, System.out, System.err, interrupts).run(args));
    }

    /** Runs what was packed, and ends the JVM with its exit code. */
    static void main(PackedProgram program, List<Volume> folders, String... args) {
        Interrupts interrupts = new Interrupts();
        interrupts.install();
        WasixRun run = new WasixRun(null, System.out, System.err, interrupts);
        run.packed = program;
        run.packedFolders = folders;
        System.exit(run.run(args));
    }

    /**
     * Runs the command in this JVM, which goes on.
     *
     * @return the exit code
     */
    public static int execute(
            String[] args, InputStream stdin, OutputStream stdout, OutputStream stderr) {
        return new WasixRun(stdin, stdout, stderr, new Interrupts()).run(args);
    }

    private int run(String... args) {
        Options options = new Options();
        try {
            if (packed == null && args.length > 0 && COMMANDS.containsKey(args[0])) {
                return subcommand(args[0], Arrays.copyOfRange(args, 1, args.length));
            }
            CommandLine parser = new CommandLine(options).setStopAtPositional(true);
            parser.parseArgs(withoutRun(args));
            int module = args.length - options.words.size();
            before = module > 0 && module < args.length ? args[module - 1] : null;
            messages.configure(options, paint(options, Paint.STDERR));
            Optional<String> lost = StartScript.lostArgument(args);
            if (lost.isPresent()) {
                return usage(lost.get());
            }
            if (options.help) {
                boolean colours = paint(options, Paint.STDOUT) == Paint.COLOURS;
                print(parser.getUsageMessage(colours ? Help.Ansi.ON : Help.Ansi.OFF));
                return 0;
            }
            if (options.version) {
                print(Version.text());
                return 0;
            }
            if (options.module() == null) {
                return usage("which module?");
            }
            if (options.json && !options.explain) {
                return usage("--json needs --explain");
            }
            return options.explain ? explain(options) : run(options);
        } catch (UnmatchedArgumentException e) {
            messages.configure(options, paint(options, Paint.STDERR));
            return usage(e.getMessage() + Hints.of(e));
        } catch (ParameterException e) {
            messages.configure(options, paint(options, Paint.STDERR));
            int code = usage(LABEL.matcher(e.getMessage()).replaceFirst("$1:"));
            if (e.getCause() instanceof Values.RulesException rules) {
                messages.lines(rules.pointer());
            }
            return code;
        } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
            if (lacksDescriptors(e)) {
                messages.error("cannot run " + options.module() + ": " + NO_DESCRIPTORS, e);
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

    /** A command beside that which runs a module; its faults are exceptions. */
    private interface Subcommand {
        int run(Messages messages, String... args) throws IOException;
    }

    private static final Map<String, Subcommand> COMMANDS =
            Map.of("compile", Compile::run, "pack", Pack::run);

    private int subcommand(String name, String... args) {
        try {
            return COMMANDS.get(name).run(messages, args);
        } catch (NoSuchFileException e) {
            messages.error("no such file: " + e.getFile());
            return NO_SUCH_FILE;
        } catch (ModuleException e) {
            messages.error(e.getMessage(), e.getCause());
        } catch (FileSystemException e) {
            String reason = e.getReason() == null ? e.toString() : e.getReason();
            messages.error("cannot " + name + ": " + e.getFile() + ": " + reason, e);
        } catch (IOException e) {
            messages.error("cannot " + name + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            return usage(e.getMessage());
        }
        return CANNOT_RUN;
    }

    /** Whether a file, or what the JVM's own classes need, could not be opened for want of one. */
    private static boolean lacksDescriptors(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof IOException && String.valueOf(e.getMessage()).contains(TOO_MANY)) {
                return true;
            }
        }
        if (!(thrown instanceof LinkageError)) {
            return false;
        }
        // the JVM does not say why it could not load a class or a library
        try (FileInputStream any = new FileInputStream("/dev/null")) {
            return false;
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).contains(TOO_MANY);
        }
    }

    /** How to write to a standard stream; this JVM's own ones are asked what they are. */
    private Paint paint(Options options, int stream) {
        return Paint.of(options.color, System.getenv(), stdin == null ? stream : -1);
    }

    private int usage(String sentence) {
        messages.error(sentence + " (wasix-run --help tells the options)");
        return USAGE;
    }

    private void print(String text) {
        PrintStream out = new PrintStream(stdout, true);
        out.print(text.endsWith("\n") ? text : text + System.lineSeparator());
        out.flush();
    }

    private int run(Options options) throws InterruptedException {
        if (options.traceOut == null) {
            return run(options, messages::trace);
        }
        if (options.trace == null) {
            return usage("--trace-out needs --trace");
        }
        try (PrintStream file = new PrintStream(traceFile(options.traceOut), true, UTF_8)) {
            return run(options, file::println);
        } catch (IOException e) {
            return usage("cannot write the trace to " + options.traceOut + ": " + e.getMessage());
        }
    }

    /**
     * Opens the file of a trace. A link is not followed, as an earlier guest may have left it;
     * those in /dev are the system's.
     */
    private static OutputStream traceFile(Path file) throws IOException {
        Set<OpenOption> options =
                new HashSet<>(
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE));
        if (!isDevice(file)) {
            options.add(LinkOption.NOFOLLOW_LINKS);
            if (Files.isSymbolicLink(file)) {
                throw new IOException("it is a symbolic link");
            }
        }
        return Files.newOutputStream(file, options.toArray(new OpenOption[0]));
    }

    private static boolean isDevice(Path file) {
        return Path.of("/dev").equals(file.toAbsolutePath().normalize().getParent());
    }

    private int run(Options options, Consumer<String> trace) throws InterruptedException {
        try {
            return start(options, trace);
        } finally {
            closePackage();
        }
    }

    private void closePackage() {
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException e) {
                messages.detail("the package's folders could not be deleted: " + e.getMessage());
            }
        }
    }

    private int start(Options options, Consumer<String> trace) throws InterruptedException {
        StartScript.note().ifPresent(messages::detail);
        try (Watch watch = Watch.of(options, messages)) {
            return run(options, trace, watch);
        } catch (UncheckedIOException e) {
            messages.error(e.getMessage(), e);
            return CANNOT_RUN;
        }
    }

    private int run(Options options, Consumer<String> trace, Watch watch)
            throws InterruptedException {
        WasixProcess guest;
        try {
            options.requireDirectories();
            WasixModule module = load(options);
            WasixRuntime.Builder runtime = runtime(options, trace);
            for (Map.Entry<String, String> program : options.programs) {
                String path = program.getValue();
                runtime.withProgram(
                        program.getKey(),
                        load(path, read(path, () -> Files.readAllBytes(Path.of(path))), options));
            }
            watch.listeners().forEach(runtime::withListener);
            if (options.readyFile != null) {
                runtime.withListener(readyFile(options.readyFile));
                runtime.withProtectedFile(options.readyFile);
            }
            if (options.traceOut != null && !isDevice(options.traceOut)) {
                runtime.withProtectedFile(options.traceOut);
            }
            guest = runtime.build().start(module);
        } catch (UnreadableException e) {
            return e.code;
        } catch (ModuleException e) {
            if (e.getCause() instanceof TimeoutException) {
                messages.error("the time is up (--timeout), while compiling " + options.module());
                return TIMED_OUT;
            }
            messages.error(e.getMessage(), e.getCause());
            return CANNOT_RUN;
        } catch (IllegalArgumentException e) {
            return usage(e.getMessage());
        }
        watch.guest(guest);
        interrupts.guest(
                guest,
                options.shutdownTimeout,
                options.shutdownDelay,
                watch::ending,
                messages::notice);
        tellPorts(guest, options);
        return report(guest.waitFor(), options);
    }

    /** The file could not be read, and that was said. */
    private static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        private final int code;

        UnreadableException(int code) {
            this.code = code;
        }
    }

    /** A step that reads MODULE, and says what is wrong with it by an exception. */
    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> T read(String file, Reading<T> reading) throws UnreadableException {
        try {
            return reading.read();
        } catch (NoSuchFileException e) {
            String hint =
                    Hints.ofModule(file, before).map(clause -> " (" + clause + ")").orElse("");
            messages.error("no such file: " + file + hint);
            throw new UnreadableException(NO_SUCH_FILE);
        } catch (AccessDeniedException e) {
            messages.error("cannot run " + file + ": permission denied");
        } catch (IOException e) {
            String reason = lacksDescriptors(e) ? NO_DESCRIPTORS : e.getMessage();
            messages.error("cannot run " + file + ": " + reason, e);
        }
        throw new UnreadableException(CANNOT_RUN);
    }

    /** Tells what the module is; a module that could not be run is told by the exit code too. */
    private int explain(Options options) {
        if (packed != null) {
            print(PackedProgram.explanation(options.json));
            return 0;
        }
        try {
            ModuleReport report =
                    WasixModule.inspect(
                            options.module(),
                            read(options.module(), () -> moduleToExplain(options)));
            Explanation explanation = Explanation.of(report, options, System.getenv());
            print(
                    options.json
                            ? explanation.json()
                            : explanation.text(paint(options, Paint.STDOUT)));
            return explanation.runnable() ? 0 : CANNOT_RUN;
        } catch (UnreadableException e) {
            return e.code;
        } catch (InvalidPathException e) {
            return usage(e.getMessage());
        }
    }

    /** Which ports the listeners have that asked for any. */
    private void tellPorts(WasixProcess guest, Options options) {
        for (int i = 0; i < options.listeners.size(); i++) {
            if (options.listeners.get(i).getPort() == 0) {
                messages.notice("listening on " + guest.preopenedListeners().get(i));
            }
        }
    }

    private WasixModule load(Options options) throws UnreadableException {
        String file = options.module();
        if (packed == null) {
            byte[] wasm = read(file, () -> moduleToRun(options));
            return load(opened == null ? file : opened.programName(), wasm, options);
        }
        if (options.engine != Engine.COMPILER) {
            throw new IllegalArgumentException("a packed program has no code to be interpreted");
        }
        return WasixModule.packed(WasixRun.class.getClassLoader(), packed.name());
    }

    private byte[] moduleToExplain(Options options) throws IOException {
        return OpenedPackage.isPackage(options)
                ? OpenedPackage.command(options).module()
                : file(options);
    }

    /** The module, for which a package is opened. */
    private byte[] moduleToRun(Options options) throws IOException {
        if (OpenedPackage.isPackage(options)) {
            opened = OpenedPackage.open(options);
            return opened.module();
        }
        if (options.command != null) {
            throw new IOException("--command needs a package, and it is none");
        }
        return file(options);
    }

    private byte[] file(Options options) throws IOException {
        return ModuleFile.read(options.module(), stdin == null ? System.in : stdin);
    }

    private WasixModule load(String file, byte[] wasm, Options options) {
        CodeCache cache = cache(options);
        CompileProgress progress = progress(file);
        try {
            WasixModule module =
                    WasixModule.loader()
                            .withEngine(options.engine)
                            .withCache(cache)
                            .withEntry(options.function == null ? "_start" : options.function)
                            .withTimeout(timeLeft(options))
                            .withProgress(progress)
                            .load(file, wasm);
            if (cache != null) {
                cache.problem().ifPresent(reason -> notKept(options, reason));
            }
            tellInterpreted(module);
            return module;
        } finally {
            if (progress != null) {
                progress.end();
            }
        }
    }

    private void tellInterpreted(WasixModule module) {
        List<String> functions = module.interpretedFunctions();
        if (!functions.isEmpty()) {
            String first = String.join(", ", functions.subList(0, Math.min(3, functions.size())));
            int more = functions.size() - 3;
            messages.notice(
                    first
                            + (more > 0 ? " and " + more + " more" : "")
                            + " cannot be compiled and will run slowly");
        }
    }

    /** What is left of the time, or null when it has no end. */
    private Duration timeLeft(Options options) {
        if (options.timeout == null) {
            return null;
        }
        Duration left = options.timeout.minusNanos(System.nanoTime() - began);
        return left.isNegative() || left.isZero() ? Duration.ofNanos(1) : left;
    }

    /** Tells on a terminal how far it is, or null when there is none. */
    private CompileProgress progress(String file) {
        boolean terminal = stdin == null && Paint.isTerminal(Paint.STDERR);
        return terminal ? new CompileProgress(file, new PrintStream(stderr, true)) : null;
    }

    private void notKept(Options options, String reason) {
        String sentence = "compiled code is not kept: " + reason;
        if (options.cacheFolder == null) {
            messages.detail(sentence);
        } else {
            // who named a folder wants it to be used
            messages.notice(sentence);
        }
    }

    /** The cache of compiled code, or null when there is to be none or it cannot be used. */
    private CodeCache cache(Options options) {
        Path folder = options.cacheFolder(System.getenv());
        if (folder == null) {
            return null;
        }
        try {
            return CodeCache.open(folder);
        } catch (IOException e) {
            notKept(options, e.getMessage());
            return null;
        }
    }

    private ReadyFile readyFile(Path file) {
        try {
            return new ReadyFile(file, messages);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot write --ready-file " + file + ": " + e.getMessage(), e);
        }
    }

    private WasixRuntime.Builder runtime(Options options, Consumer<String> trace) {
        Map<String, String> environment =
                options.guestEnvironment(StartScript.environment(System.getenv()));
        String name = options.module();
        String directory = options.workingDirectory;
        List<String> arguments = options.arguments();
        if (opened != null) {
            environment = opened.environment(environment);
            name = opened.programName();
            directory = directory == null ? opened.workingDirectory() : directory;
            arguments = opened.arguments(arguments);
        }
        environment.forEach(StartScript::requireKept);
        WasixRuntime.Builder builder =
                options.applyTo(WasixRuntime.builder(), timeLeft(options))
                        .withArguments(arguments)
                        .withProgramName(options.programName != null ? options.programName : name)
                        .withEnvironment(environment)
                        .withWorkingDirectory(directory)
                        .withListener(messages);
        if (stdin == null) {
            builder.inheritIO();
        } else {
            builder.withStdin(stdin).withStdout(stdout).withStderr(stderr);
        }
        if (options.trace != null) {
            builder.withTracer(
                    new SyscallTracer(options.traceFormat, options.trace.families(), trace));
        }
        if (options.function != null) {
            builder.withInvocation(
                    new Invocation(options.function, options.arguments(), this::printResults));
        }
        packedFolders.forEach(builder::withVolume);
        if (opened != null) {
            opened.volumes().forEach(builder::withVolume);
        }
        return builder;
    }

    private void printResults(List<String> words) {
        words.forEach(this::print);
    }

    private int report(ExitStatus status, Options options) {
        switch (status.kind()) {
            case EXITED -> {
                // its own affair
            }
            case TRAPPED -> messages.error("trap: " + status.message(), status.cause());
            case TIMED_OUT -> messages.error("the time is up (--timeout)");
            case KILLED -> messages.error("ended by signal " + status.signal());
            case FAILED ->
                    messages.error(
                            "internal error in "
                                    + status.message()
                                    + (options.verbose ? "" : " (-v tells where)"),
                            status.cause());
        }
        return status.shellCode();
    }
}
