package org.wasix4j.runtime;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.internal.GuestRun;
import org.wasix4j.runtime.internal.InheritedStreams;
import org.wasix4j.runtime.internal.LaunchPlan;
import org.wasix4j.runtime.internal.ListenerGrant;
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

    private final LaunchPlan plan;
    private final InProcessNetwork network;
    private final Consumer<String> outputLines;
    private final Consumer<String> errorLines;

    private WasixRuntime(Builder settings) {
        plan = settings.plan;
        network = settings.network;
        outputLines = settings.outputLines;
        errorLines = settings.errorLines;
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
        StartDiagnosis diagnosis = new StartDiagnosis();
        ListeningSockets listening = new ListeningSockets(diagnosis, plan.listeners());
        List<LineStream> lines = new ArrayList<>();
        LaunchPlan observed = withOwnStreams(diagnosis, lines).observedBy(listening);
        if (plan.programName() == null) {
            observed = observed.withProgramName(module.name());
        }
        try {
            GuestRun run = new GuestRun(module.loaded(), observed);
            WasixProcess process =
                    new WasixProcess(
                            run,
                            listening,
                            diagnosis,
                            network,
                            () -> lines.forEach(LineStream::finish));
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

    /** The plan with the streams that belong to one guest; of lines only the last may be open. */
    private LaunchPlan withOwnStreams(StartDiagnosis diagnosis, List<LineStream> lines) {
        LaunchPlan own = plan;
        if (outputLines != null) {
            lines.add(new LineStream(outputLines));
            own = own.withStdout(lines.get(lines.size() - 1));
        }
        if (errorLines != null) {
            lines.add(new LineStream(errorLines));
            own = own.withStderr(lines.get(lines.size() - 1));
        }
        return own.stderr() == InheritedStreams.ERROR
                ? own
                : own.withStderr(diagnosis.standardError(own.stderr()));
    }

    /** Collects the settings; each has a default that grants nothing. */
    public static final class Builder {

        /** How many descriptors the standard streams take. */
        private static final int STREAMS = 3;

        private LaunchPlan plan = LaunchPlan.defaults();
        private InProcessNetwork network;
        private Consumer<String> outputLines;
        private Consumer<String> errorLines;

        private Builder() {}

        private Builder with(LaunchPlan changed) {
            plan = changed;
            return this;
        }

        /** The guest's arguments, without the program's name. */
        public Builder withArguments(String... words) {
            return with(plan.withArguments(List.of(words)));
        }

        /** The guest's arguments, without the program's name. */
        public Builder withArguments(List<String> words) {
            return with(plan.withArguments(words));
        }

        /** What the guest sees as its own name; the module's name unless set. */
        public Builder withProgramName(String name) {
            return with(plan.withProgramName(name));
        }

        /** Adds a variable of the environment. */
        public Builder withEnvironment(String name, String value) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("not the name of a variable: " + name);
            }
            return with(plan.withEnvironment(name, value));
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
            return with(plan.withVolume(volume));
        }

        /**
         * Names a file of the host's that the guest must not be able to write or exchange, because
         * somebody else writes it while the guest runs or trusts what it says. {@link
         * WasixRuntime#start} refuses a directory that is granted for writing and leads to it.
         */
        public Builder withProtectedFile(Path file) {
            return with(plan.withProtectedFile(file));
        }

        /**
         * Whether the guest finds {@code /tmp} and {@code /dev/shm}, where no directory was granted
         * in their place: private folders in memory, which count against the {@linkplain
         * Limits#maxMemory memory limit}, take a quarter of the heap at most, and are gone with the
         * guest. True unless set.
         */
        public Builder withScratchFolders(boolean wanted) {
            return with(plan.withScratchFolders(wanted));
        }

        /** Where the guest starts, by its own paths; its root unless set. */
        public Builder withWorkingDirectory(String path) {
            return with(plan.withWorkingDirectory(path));
        }

        /**
         * Puts the guest into a network inside this JVM instead of the machine's; the policy says
         * what it may do there. {@link WasixProcess#connect} reaches it.
         */
        public Builder withNetwork(InProcessNetwork inside) {
            network = inside;
            return with(plan.withNetwork(inside.clients()));
        }

        /** What of the network the guest may use; nothing unless set. */
        public Builder withNetworkPolicy(NetworkPolicy granted) {
            return with(plan.withPolicy(granted));
        }

        /**
         * What the guest may use of memory, descriptors, threads and time.
         *
         * @throws IllegalArgumentException when there would be no room for the standard streams
         */
        public Builder withLimits(Limits bounds) {
            if (bounds.maxDescriptors() < STREAMS) {
                throw new IllegalArgumentException(
                        "the limit of descriptors is "
                                + bounds.maxDescriptors()
                                + ", the least is "
                                + STREAMS
                                + ": the standard streams");
            }
            return with(plan.withLimits(bounds));
        }

        /** The generation of the ABI, when it is not to be detected from the imports; or null. */
        public Builder withAbi(AbiProfile generation) {
            return with(plan.withProfile(generation));
        }

        /**
         * Whether a module is refused that imports a function of WASIX which is not known here. Off
         * unless set: such a function may be younger than this library; it answers {@code nosys},
         * and a {@link ProcessListener#notice} names it.
         */
        public Builder withStrictImports(boolean on) {
            return with(plan.withStrictImports(on));
        }

        /** What the guest reads as standard input; an empty file unless set. */
        public Builder withStdin(InputStream stream) {
            return with(plan.withStdin(stream));
        }

        /** Where the guest's standard output goes; nowhere unless set. */
        public Builder withStdout(OutputStream stream) {
            outputLines = null;
            return with(plan.withStdout(stream));
        }

        /** Where the guest's standard error goes; nowhere unless set. */
        public Builder withStderr(OutputStream stream) {
            errorLines = null;
            return with(plan.withStderr(stream));
        }

        /**
         * Receives each line of the guest's standard output, without its line break, instead of a
         * stream. Bytes are read as UTF-8; a line of more than 8192 bytes comes in parts; a last
         * line without an end comes when the guest has ended.
         *
         * @param lines is called on guest threads, one at a time for each guest, and must not throw
         */
        public Builder withStdoutLines(Consumer<String> lines) {
            outputLines = Objects.requireNonNull(lines);
            return this;
        }

        /** As {@link #withStdoutLines}, for standard error. */
        public Builder withStderrLines(Consumer<String> lines) {
            errorLines = Objects.requireNonNull(lines);
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
            return with(plan.withThreads(factory));
        }

        /** Adds a listener for the events of the guests. */
        public Builder withListener(ProcessListener listener) {
            return with(plan.withListener(listener));
        }

        /**
         * Gives the guest a socket that listens there already, for programs that can accept and
         * cannot listen, as those of preview1. It is the descriptor after those of the directories;
         * further ones follow in order. The network policy is not asked about it: this is a grant
         * of its own. Port 0 is one that is free, which {@link WasixProcess#port} tells.
         */
        public Builder withListener(InetSocketAddress address) {
            return with(plan.withListeningSocket(new ListenerGrant(address, null)));
        }

        /**
         * As {@link #withListener(InetSocketAddress)}, with a channel that listens already, over
         * TCP or at a path of the host's: one that was inherited ({@link System#inheritedChannel}),
         * or a unix socket. It belongs to the guest that is started, and is closed with it; so such
         * a runtime is for one guest.
         */
        public Builder withListener(ServerSocketChannel channel) {
            return with(
                    plan.withListeningSocket(
                            new ListenerGrant(null, Objects.requireNonNull(channel))));
        }

        /**
         * Gives the guest a socket that is connected there already. It is the descriptor after
         * those of the listeners; further ones follow in order. The network policy is not asked
         * about it. {@link WasixRuntime#start} waits until the connection is established.
         */
        public Builder withConnection(InetSocketAddress address) {
            return with(plan.withConnectedSocket(address));
        }

        /**
         * Receives every call of the guests, such as a {@link org.wasix4j.trace.SyscallTracer};
         * null for nobody.
         */
        public Builder withTracer(SyscallListener listener) {
            return with(plan.withTracer(listener));
        }

        /**
         * Names a program that the guest can start, by exec or spawn. It need not be a file of the
         * guest's tree, and comes before one of that name.
         *
         * @param path absolute, as {@code /bin/sh}
         * @throws IllegalArgumentException when the path is not absolute
         */
        public Builder withProgram(String path, WasixModule module) {
            if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "the path of a program must be absolute: " + path);
            }
            return with(plan.withProgram(path, module.loaded()));
        }

        /** Has another function than {@code _start} called; null for {@code _start}. */
        public Builder withInvocation(Invocation call) {
            return with(plan.withInvocation(call));
        }

        /** The runtime with these settings. */
        public WasixRuntime build() {
            return new WasixRuntime(this);
        }
    }
}
