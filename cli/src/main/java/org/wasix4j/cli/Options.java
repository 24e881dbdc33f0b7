package org.wasix4j.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.Volume;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.trace.TraceFamily;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.AbiProfile;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
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

    @Option(
            names = "--net",
            arity = "0..1",
            paramLabel = "RULES",
            converter = Values.Net.class,
            preprocessor = WholeNetwork.class,
            description = {
                "Grant the network: all of it, or what RULES allow, as",
                "  loopback:8080/in",
                "  dns:allow=*.example.org:{80,443}",
                "  ipv4:allow=10.0.0.0/8:*/out,ipv4:deny=10.0.0.1:*",
                "  ipv6:allow=[fd00::1]:1024-2047",
                "  unix:allow=/run/*.sock;in",
                "separated by commas; what denies wins."
            })
    List<Values.Rules> rules = new ArrayList<>();

    private boolean wholeNetwork;

    @Option(
            names = "--listen",
            paramLabel = "[HOST]:PORT",
            converter = Values.ListenAddress.class,
            description = {
                "Give a socket that listens there, as the descriptor after the directories, for",
                "programs that cannot listen themselves (preview1). Port 0: any, told on stderr."
            })
    List<InetSocketAddress> listeners = new ArrayList<>();

    @Option(
            names = "--dial",
            paramLabel = "HOST:PORT",
            converter = Values.DialAddress.class,
            description = "Give a socket that is connected there, as the descriptor after those.")
    List<InetSocketAddress> connections = new ArrayList<>();

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = {
                "Write the address of each listener to FILE, a line each. The file appears when the",
                "program listens, and goes when it does no more."
            })
    Path readyFile;

    @Option(
            names = "--metrics",
            paramLabel = "[HOST]:PORT",
            converter = Values.MetricsAddress.class,
            description = {
                "Answer HTTP there: /metrics for Prometheus, /ready with 200 while the program",
                "listens and is not about to end, else 503 (default host: 127.0.0.1)."
            })
    InetSocketAddress metrics;

    @Option(
            names = "--access-log",
            description = "Write a line for each connection that comes in or goes out.")
    boolean accessLog;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            converter = Values.Format.class,
            completionCandidates = Values.Formats.class,
            description = "How our own lines on standard error are written (default: text).")
    TraceFormat logFormat = TraceFormat.TEXT;

    @Option(
            names = "--shutdown-delay",
            paramLabel = "TIME",
            converter = Values.Grace.class,
            description = {
                "How long SIGTERM and SIGINT only make /ready answer 503, before ports are closed:",
                "the time that a balancer needs to see it (default: 0)."
            })
    Duration shutdownDelay = Duration.ZERO;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "TIME",
            converter = Values.Grace.class,
            description = {
                "How long SIGTERM and SIGINT leave the program to come to its end: no connection",
                "is accepted, and those that are open may finish (default: 8s; 0 for no time)."
            })
    Duration shutdownTimeout = Duration.ofSeconds(8);

    @Option(
            names = "--volume",
            paramLabel = "HOST:GUEST[:ro]",
            converter = Values.ColonVolume.class,
            description = "Grant a directory under the program's path GUEST; ro: for reading.")
    List<Volume> volumes = new ArrayList<>();

    @Option(
            names = "--dir",
            paramLabel = "HOST[::GUEST][:ro]",
            converter = Values.Directory.class,
            description = "Grant a directory, under its own name or another; ro: for reading.")
    List<Volume> directories = new ArrayList<>();

    @Option(
            names = "--no-scratch",
            description =
                    "No /tmp and /dev/shm in memory; without it they are there when nothing is granted"
                            + " in their place.")
    boolean noScratch;

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

    @Option(
            names = "--trace",
            arity = "0..1",
            paramLabel = "FAMILIES",
            converter = Values.Families.class,
            preprocessor = AllFamilies.class,
            description = {
                "Write a line for each call of the program: all, or those of the families",
                "  sock,poll,fd,path,clock,proc,thread"
            })
    Values.Traced trace;

    @Option(
            names = "--trace-out",
            paramLabel = "FILE",
            description = "Where the trace goes (default: standard error).")
    Path traceOut;

    @Option(
            names = "--trace-format",
            paramLabel = "text|json",
            converter = Values.Format.class,
            completionCandidates = Values.Formats.class,
            description = "How the trace is written (default: text).")
    TraceFormat traceFormat = TraceFormat.TEXT;

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

    @Option(
            names = "--engine",
            paramLabel = "compiler|interpreter",
            converter = Values.EngineName.class,
            completionCandidates = Values.Engines.class,
            description = "How the code is executed (default: compiler).")
    Engine engine = Engine.COMPILER;

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "Where compiled code is kept (default: wasix4j in the user's caches).")
    Path cacheFolder;

    @Option(names = "--no-cache", description = "Do not keep compiled code.")
    boolean noCache;

    @Option(
            names = "--strict-imports",
            description = {
                "Refuse a program that imports a WASIX function which is not known here. Without",
                "this option such a function answers nosys, and a notice names it."
            })
    boolean strictImports;

    @Option(
            names = "--abi",
            paramLabel = "auto|legacy|current|preview1",
            converter = Values.Abi.class,
            completionCandidates = Values.Generations.class,
            description = "The generation of the program's imports (default: auto).")
    AbiProfile abi;

    @Option(
            names = "--max-memory",
            paramLabel = "BYTES",
            converter = Values.Size.class,
            description =
                    "The most memory the program may use, as 64M or 1G; tables and files in"
                            + " memory count.")
    long maxMemory;

    @Option(
            names = "--max-fds",
            paramLabel = "N",
            converter = Values.Count.class,
            description = "The most open descriptors.")
    int maxDescriptors = Limits.defaults().maxDescriptors();

    @Option(
            names = "--max-sockets",
            paramLabel = "N",
            converter = Values.Count.class,
            description = "The most open sockets.")
    int maxSockets = Limits.defaults().maxSockets();

    @Option(
            names = "--max-threads",
            paramLabel = "N",
            converter = Values.Count.class,
            description = "The most threads.")
    int maxThreads = Limits.defaults().maxThreads();

    @Option(
            names = "--max-processes",
            paramLabel = "N",
            description = "The most processes, of the program and those it starts.")
    int maxProcesses = Limits.defaults().maxProcesses();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Values.Time.class,
            description = "How long it may take, compiling included, as 500ms, 30s or 5m.")
    Duration timeout;

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

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

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

    /** The guest's environment; what is named here wins over what is inherited. */
    Map<String, String> guestEnvironment(Map<String, String> here) {
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
            throw new IllegalArgumentException("cannot read --env-file " + file + ": " + e, e);
        }
    }

    /**
     * The network: what all rules together allow.
     *
     * @throws IllegalArgumentException when they contradict each other
     */
    NetworkPolicy network() {
        if (wholeNetwork && !rules.isEmpty()) {
            throw new IllegalArgumentException(
                    "--net grants the whole network, and --net=RULES a part: which is meant?");
        }
        if (rules.isEmpty()) {
            return wholeNetwork ? NetworkPolicy.allowAll() : NetworkPolicy.denyAll();
        }
        if (rules.size() == 1) {
            return rules.get(0).policy();
        }
        return NetworkPolicy.parse(
                rules.stream().map(Values.Rules::text).collect(Collectors.joining(",")));
    }

    /** Where compiled code is to be kept, or null for nowhere. */
    Path cacheFolder(Map<String, String> here) {
        if (noCache || engine != Engine.COMPILER) {
            return null;
        }
        if (cacheFolder != null) {
            return cacheFolder;
        }
        Path caches = absolute(here.get("XDG_CACHE_HOME"));
        if (caches == null) {
            Path home = absolute(here.get("HOME"));
            caches = home == null ? null : home.resolve(".cache");
        }
        return caches == null ? null : caches.resolve("wasix4j");
    }

    private static Path absolute(String text) {
        return text == null || !text.startsWith("/") ? null : Path.of(text);
    }

    /**
     * Checks that what is granted is there; when options are packed for another machine it need not
     * be.
     *
     * @throws IllegalArgumentException when it is not
     */
    void requireDirectories() {
        Stream.of(directories, volumes)
                .flatMap(List::stream)
                .map(Volume::host)
                .filter(path -> !Files.isDirectory(path))
                .findFirst()
                .ifPresent(
                        path -> {
                            throw new IllegalArgumentException("'" + path + "' is not a directory");
                        });
    }

    /**
     * Grants a program what the options grant, and bounds it.
     *
     * @param timeLeft how long the program may run, or null for ever
     */
    WasixRuntime.Builder applyTo(WasixRuntime.Builder builder, Duration timeLeft) {
        volumes.forEach(builder::withVolume);
        directories.forEach(builder::withVolume);
        listeners.forEach(builder::withListener);
        connections.forEach(builder::withConnection);
        return builder.withScratchFolders(!noScratch)
                .withNetworkPolicy(network())
                .withLimits(limits(timeLeft))
                .withAbi(abi)
                .withStrictImports(strictImports);
    }

    private Limits limits(Duration timeLeft) {
        return Limits.defaults()
                .withMaxMemory(maxMemory)
                .withMaxDescriptors(maxDescriptors)
                .withMaxSockets(maxSockets)
                .withMaxThreads(maxThreads)
                .withMaxProcesses(maxProcesses)
                .withTimeout(timeLeft);
    }

    /**
     * An optional value has to be attached by an equals sign; else the option would swallow the
     * module's name.
     */
    abstract static class OnlyAttached implements IParameterPreprocessor {

        /** What the option means without a value. */
        abstract void take(ArgSpec option);

        @Override
        public boolean preprocess(
                Stack<String> args,
                CommandSpec commandSpec,
                ArgSpec argSpec,
                Map<String, Object> info) {
            if (!"=".equals(info.get("separator"))) {
                take(argSpec);
                return true;
            }
            return false;
        }
    }

    /** A plain {@code --net}. */
    static final class WholeNetwork extends OnlyAttached {
        @Override
        void take(ArgSpec option) {
            try {
                // not an element of the list, which the parser makes anew when it finds the first
                ((Options) option.scope().get()).wholeNetwork = true;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A plain {@code --trace}. */
    static final class AllFamilies extends OnlyAttached {
        @Override
        void take(ArgSpec option) {
            option.setValue(new Values.Traced(TraceFamily.all()));
        }
    }
}
