package org.wasix4j.runtime;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.internal.GuestRun;
import org.wasix4j.runtime.internal.InheritedStreams;
import org.wasix4j.runtime.internal.LaunchPlan;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;

/**
 * What guests are started with. Immutable: one can start many guests, of one module or of several,
 * and they never see each other.
 *
 * <pre>{@code
 * WasixModule module = WasixModule.load(Path.of("http-hello.wasm"));
 * WasixRuntime runtime =
 *         WasixRuntime.builder()
 *                 .withArguments("0", "127.0.0.1")
 *                 .withNetworkPolicy(NetworkPolicy.allowAll())
 *                 .build();
 * try (WasixProcess server = runtime.start(module)) {
 *     server.awaitListening(Duration.ofSeconds(10));
 *     System.out.println("http://localhost:" + server.port());
 *     server.waitFor();
 * }
 * }</pre>
 *
 * <p>Nothing is granted that was not given here: no network, no directory, no variable of the
 * environment, and no stream.
 */
public final class WasixRuntime {

    private final Builder settings;

    private WasixRuntime(Builder settings) {
        this.settings = settings;
    }

    /** A builder that grants nothing. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a guest. Returns at once; the guest runs on threads of its own.
     *
     * @throws ModuleException when the module cannot be run: it has no such function, or it imports
     *     what there is not
     * @throws IllegalArgumentException when a directory cannot be opened, one that is granted for
     *     writing leads where no guest may write (the temporary folder, the cache of compiled code,
     *     a {@linkplain Builder#withProtectedFile protected file}), or the arguments do not fit the
     *     function of an invocation
     * @throws java.io.UncheckedIOException when it cannot listen where {@link
     *     Builder#withListener(InetSocketAddress)} says, or nobody is there to connect to
     */
    public WasixProcess start(WasixModule module) {
        List<String> arguments = new ArrayList<>();
        arguments.add(settings.programName != null ? settings.programName : module.name());
        arguments.addAll(settings.arguments);
        ListeningSockets listening = new ListeningSockets(List.copyOf(settings.listeners));
        LaunchPlan plan =
                new LaunchPlan(
                        List.copyOf(arguments),
                        settings.environment,
                        settings.volumes,
                        List.copyOf(settings.hostFiles),
                        settings.workingDirectory,
                        settings.network == null ? null : settings.network.switchboard(),
                        List.copyOf(settings.preopenedListeners),
                        List.copyOf(settings.preopenedConnections),
                        settings.policy,
                        settings.limits,
                        settings.profile,
                        settings.stdin,
                        settings.stdout,
                        settings.stderr,
                        settings.threads,
                        listening,
                        settings.tracer,
                        settings.invocation);
        try {
            GuestRun run = new GuestRun(module.loaded(), plan);
            // nothing runs yet: these are the ones it was given
            WasixProcess process =
                    new WasixProcess(run, listening, listening.addresses(), settings.network);
            run.start();
            return process;
        } catch (ModuleException e) {
            throw e.of(module.name());
        } catch (OutOfMemoryError e) {
            // of the heap, or of threads; what the guest had until then was given back
            throw new ModuleException("the host has no memory left: " + e.getMessage(), e)
                    .of(module.name());
        }
    }

    /** Collects the settings; each has a default that grants nothing. */
    public static final class Builder {

        private String programName;
        private List<String> arguments = List.of();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final List<Volume> volumes = new ArrayList<>();
        private final List<Path> hostFiles = new ArrayList<>();
        private String workingDirectory;
        private NetworkPolicy policy = NetworkPolicy.denyAll();
        private InProcessNetwork network;
        private Limits limits = Limits.defaults();
        private AbiProfile profile;
        private InputStream stdin;
        private OutputStream stdout;
        private OutputStream stderr;
        private GuestThreadFactory threads = GuestThreadFactory.DAEMON;
        private final List<ProcessListener> listeners = new ArrayList<>();
        private final List<InetSocketAddress> preopenedListeners = new ArrayList<>();
        private final List<InetSocketAddress> preopenedConnections = new ArrayList<>();
        private SyscallListener tracer;
        private Invocation invocation;

        private Builder() {}

        private Builder(Builder other) {
            programName = other.programName;
            arguments = List.copyOf(other.arguments);
            environment.putAll(other.environment);
            volumes.addAll(other.volumes);
            hostFiles.addAll(other.hostFiles);
            workingDirectory = other.workingDirectory;
            policy = other.policy;
            network = other.network;
            limits = other.limits;
            profile = other.profile;
            stdin = other.stdin;
            stdout = other.stdout;
            stderr = other.stderr;
            threads = other.threads;
            listeners.addAll(other.listeners);
            preopenedListeners.addAll(other.preopenedListeners);
            preopenedConnections.addAll(other.preopenedConnections);
            tracer = other.tracer;
            invocation = other.invocation;
        }

        /** The guest's arguments, without the program's name. */
        public Builder withArguments(String... words) {
            arguments = List.of(words);
            return this;
        }

        /** The guest's arguments, without the program's name. */
        public Builder withArguments(List<String> words) {
            arguments = List.copyOf(words);
            return this;
        }

        /** What the guest sees as its own name; the module's name unless set. */
        public Builder withProgramName(String name) {
            programName = name;
            return this;
        }

        /** Adds a variable of the environment. */
        public Builder withEnvironment(String name, String value) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("not the name of a variable: " + name);
            }
            environment.put(name, Objects.requireNonNull(value));
            return this;
        }

        /** Adds variables of the environment. */
        public Builder withEnvironment(Map<String, String> variables) {
            variables.forEach(this::withEnvironment);
            return this;
        }

        /** Grants a directory, for reading and writing, under a path of the guest's. */
        public Builder withDirectory(Path host, String guest) {
            return withVolume(new Volume(host, guest, false));
        }

        /** Grants a directory for reading, under a path of the guest's. */
        public Builder withReadOnlyDirectory(Path host, String guest) {
            return withVolume(new Volume(host, guest, true));
        }

        /** Grants a directory. */
        public Builder withVolume(Volume volume) {
            volumes.add(volume);
            return this;
        }

        /**
         * Names a file of the host's that the guest must not be able to write or exchange, because
         * somebody else writes it while the guest runs or trusts what it says. {@link
         * WasixRuntime#start} refuses a directory that is granted for writing and leads to it.
         */
        public Builder withProtectedFile(Path file) {
            hostFiles.add(Objects.requireNonNull(file));
            return this;
        }

        /** Where the guest starts, by its own paths; its root unless set. */
        public Builder withWorkingDirectory(String path) {
            workingDirectory = path;
            return this;
        }

        /**
         * Puts the guest into a network inside this JVM instead of the machine's; the policy says
         * what it may do there. {@link WasixProcess#connect} reaches it.
         */
        public Builder withNetwork(InProcessNetwork inside) {
            network = Objects.requireNonNull(inside);
            return this;
        }

        /** What of the network the guest may use; nothing unless set. */
        public Builder withNetworkPolicy(NetworkPolicy granted) {
            policy = Objects.requireNonNull(granted);
            return this;
        }

        /** What the guest may use of memory, descriptors, threads and time. */
        public Builder withLimits(Limits bounds) {
            limits = Objects.requireNonNull(bounds);
            return this;
        }

        /** The generation of the ABI, when it is not to be told from the imports; or null. */
        public Builder withAbi(AbiProfile generation) {
            profile = generation;
            return this;
        }

        /** What the guest reads as standard input; an empty file unless set. */
        public Builder withStdin(InputStream stream) {
            stdin = stream;
            return this;
        }

        /** Where the guest's standard output goes; nowhere unless set. */
        public Builder withStdout(OutputStream stream) {
            stdout = stream;
            return this;
        }

        /** Where the guest's standard error goes; nowhere unless set. */
        public Builder withStderr(OutputStream stream) {
            stderr = stream;
            return this;
        }

        /**
         * Gives the guest the standard streams of this JVM; not what {@code System.setOut} and its
         * like put before them.
         */
        public Builder inheritIO() {
            return withStdin(InheritedStreams.INPUT)
                    .withStdout(InheritedStreams.OUTPUT)
                    .withStderr(InheritedStreams.ERROR);
        }

        /** Makes the threads that run the guest; daemon threads unless set. */
        public Builder withThreadFactory(GuestThreadFactory factory) {
            threads = Objects.requireNonNull(factory);
            return this;
        }

        /** Is told what happens in the guests; there can be several. */
        public Builder withListener(ProcessListener told) {
            listeners.add(Objects.requireNonNull(told));
            return this;
        }

        /**
         * Gives the guest a socket that listens there already, for programs that can accept and
         * cannot listen, as those of preview1. It is the descriptor after those of the directories;
         * further ones follow in order. The network policy is not asked about it: this is a grant
         * of its own. Port 0 is one that is free, which {@link WasixProcess#port} tells.
         */
        public Builder withListener(InetSocketAddress address) {
            preopenedListeners.add(Objects.requireNonNull(address));
            return this;
        }

        /**
         * Gives the guest a socket that is connected there already. It is the descriptor after
         * those of the listeners; further ones follow in order. The network policy is not asked
         * about it. {@link WasixRuntime#start} waits until the connection is established.
         */
        public Builder withConnection(InetSocketAddress address) {
            preopenedConnections.add(Objects.requireNonNull(address));
            return this;
        }

        /**
         * Is told of every call of the guests, as a {@link org.wasix4j.trace.SyscallTracer}; null
         * for nobody.
         */
        public Builder withTracer(SyscallListener told) {
            tracer = told;
            return this;
        }

        /** Has another function than {@code _start} called; null for {@code _start}. */
        public Builder withInvocation(Invocation call) {
            invocation = call;
            return this;
        }

        /** The runtime with these settings. */
        public WasixRuntime build() {
            return new WasixRuntime(new Builder(this));
        }
    }
}
