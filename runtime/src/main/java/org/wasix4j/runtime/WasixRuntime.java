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
import org.wasix4j.types.Nullable;

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
    private final @Nullable InProcessNetwork network;
    private final @Nullable Consumer<String> outputLines;
    private final @Nullable Consumer<String> errorLines;

    private WasixRuntime(Builder settings) {
        plan = settings.plan;
        network = settings.network;
        outputLines = settings.outputLines;
        errorLines = settings.errorLines;
    }

    /** {@return a builder that grants nothing} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a guest. Returns at once; the guest runs on its own threads.
     *
     * @param module the module; it is not changed
     * @return the running guest
     * @throws ModuleException when the module cannot be run: it does not export the function, or it
     *     imports functions that this host does not provide
     * @throws IllegalArgumentException when a directory cannot be opened, one that is granted for
     *     writing contains what no guest may write (the temporary folder, the cache of compiled
     *     code, a {@linkplain Builder#withProtectedFile protected file}), or the arguments do not
     *     fit the function of an invocation
     * @throws java.io.UncheckedIOException when it cannot listen where {@link
     *     Builder#withListener(InetSocketAddress)} says, or there is no listener to connect to
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
        private @Nullable InProcessNetwork network;
        private @Nullable Consumer<String> outputLines;
        private @Nullable Consumer<String> errorLines;

        private Builder() {}

        private Builder with(LaunchPlan changed) {
            plan = changed;
            return this;
        }

        /**
         * The guest's arguments, without the program's name; none unless set.
         *
         * @param words the arguments
         * @return this builder
         */
        public Builder withArguments(String... words) {
            return with(plan.withArguments(List.of(words)));
        }

        /**
         * The guest's arguments, without the program's name; none unless set.
         *
         * @param words the arguments
         * @return this builder
         */
        public Builder withArguments(List<String> words) {
            return with(plan.withArguments(words));
        }

        /**
         * The program's name, the guest's first argument; the module's name unless set.
         *
         * @param name the name
         * @return this builder
         */
        public Builder withProgramName(String name) {
            return with(plan.withProgramName(name));
        }

        /**
         * Adds an environment variable; none are inherited from this JVM.
         *
         * @param name the name
         * @param value the value
         * @return this builder
         */
        public Builder withEnvironment(String name, String value) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("not the name of a variable: " + name);
            }
            return with(plan.withEnvironment(name, value));
        }

        /**
         * Adds environment variables.
         *
         * @param variables the variables, by name
         * @return this builder
         */
        public Builder withEnvironment(Map<String, String> variables) {
            variables.forEach(this::withEnvironment);
            return this;
        }

        /**
         * Grants a directory of the host, for reading and writing, at a path of the guest.
         *
         * @param host the directory on the host
         * @param guest the path in the guest, absolute or relative to the working directory
         * @return this builder
         */
        public Builder withDirectory(Path host, String guest) {
            return withVolume(new Volume(host, guest, false));
        }

        /**
         * Grants a directory of the host, for reading only, at a path of the guest.
         *
         * @param host the directory on the host
         * @param guest the path in the guest, absolute or relative to the working directory
         * @return this builder
         */
        public Builder withReadOnlyDirectory(Path host, String guest) {
            return withVolume(new Volume(host, guest, true));
        }

        /**
         * Grants a directory.
         *
         * @param volume the directory and where the guest sees it
         * @return this builder
         */
        public Builder withVolume(Volume volume) {
            return with(plan.withVolume(volume));
        }

        /**
         * Names a file of the host that the guest must not be able to write or replace, because
         * another program writes it while the guest runs, or trusts its content. {@link
         * WasixRuntime#start} refuses a directory that is granted for writing and leads to it.
         *
         * @param file the file; it need not exist yet
         * @return this builder
         */
        public Builder withProtectedFile(Path file) {
            return with(plan.withProtectedFile(file));
        }

        /**
         * Whether the guest has {@code /tmp} and {@code /dev/shm}, unless a directory was granted
         * in their place: private folders in memory, which count against the {@linkplain
         * Limits#maxMemory memory limit}, take a quarter of the heap at most, and are gone with the
         * guest. True unless set.
         *
         * @param wanted false for none
         * @return this builder
         */
        public Builder withScratchFolders(boolean wanted) {
            return with(plan.withScratchFolders(wanted));
        }

        /**
         * The working directory, as a path of the guest; its root unless set.
         *
         * @param path the path, absolute; null for the root
         * @return this builder
         */
        public Builder withWorkingDirectory(@Nullable String path) {
            return with(plan.withWorkingDirectory(path));
        }

        /**
         * Connects the guest to a network inside this JVM instead of that of the machine; the
         * policy says what it may do there. {@link WasixProcess#connect} connects to it.
         *
         * @param inside the network
         * @return this builder
         */
        public Builder withNetwork(InProcessNetwork inside) {
            network = inside;
            return with(plan.withNetwork(inside.clients()));
        }

        /**
         * The part of the network that the guest may use; nothing unless set.
         *
         * @param granted the policy
         * @return this builder
         */
        public Builder withNetworkPolicy(NetworkPolicy granted) {
            return with(plan.withPolicy(granted));
        }

        /**
         * The limits of memory, descriptors, sockets, threads, processes and time; {@link
         * Limits#defaults} unless set.
         *
         * @param bounds the limits
         * @return this builder
         * @throws IllegalArgumentException when the limit of descriptors is too low for the
         *     standard streams
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

        /**
         * The ABI generation; null, the default, detects it from the imports.
         *
         * @param generation the generation, or null
         * @return this builder
         */
        public Builder withAbi(@Nullable AbiProfile generation) {
            return with(plan.withProfile(generation));
        }

        /**
         * Whether a module is refused that imports an unknown function of WASIX. Off unless set,
         * because such a function may be newer than this library; it answers {@code nosys}, and a
         * {@link ProcessListener#notice} names it.
         *
         * @param on true to refuse
         * @return this builder
         */
        public Builder withStrictImports(boolean on) {
            return with(plan.withStrictImports(on));
        }

        /**
         * Standard input of the guest; empty unless set. The stream is not closed.
         *
         * @param stream the stream; null for an empty one
         * @return this builder
         */
        public Builder withStdin(@Nullable InputStream stream) {
            return with(plan.withStdin(stream));
        }

        /**
         * Receives the guest's standard output; discarded unless set. The stream is not closed.
         *
         * @param stream the stream; it is not closed
         * @return this builder
         */
        public Builder withStdout(OutputStream stream) {
            outputLines = null;
            return with(plan.withStdout(stream));
        }

        /**
         * Receives the guest's standard error; discarded unless set. The stream is not closed.
         *
         * @param stream the stream; it is not closed
         * @return this builder
         */
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
         * @return this builder
         */
        public Builder withStdoutLines(Consumer<String> lines) {
            outputLines = Objects.requireNonNull(lines);
            return this;
        }

        /**
         * As {@link #withStdoutLines}, for standard error.
         *
         * @param lines receives each line, on a thread of the guest
         * @return this builder
         */
        public Builder withStderrLines(Consumer<String> lines) {
            errorLines = Objects.requireNonNull(lines);
            return this;
        }

        /**
         * Connects the guest to the standard streams of this process, not to those that {@code
         * System.setOut} and the like have set.
         *
         * @return this builder
         */
        public Builder inheritIO() {
            return withStdin(InheritedStreams.INPUT)
                    .withStdout(InheritedStreams.OUTPUT)
                    .withStderr(InheritedStreams.ERROR);
        }

        /**
         * Creates the threads that run the guest; daemon threads unless set.
         *
         * @param factory makes the threads
         * @return this builder
         */
        public Builder withThreadFactory(GuestThreadFactory factory) {
            return with(plan.withThreads(factory));
        }

        /**
         * Adds a listener for the events of the guests.
         *
         * @param listener is called on threads of the guest, several at a time
         * @return this builder
         */
        public Builder withListener(ProcessListener listener) {
            return with(plan.withListener(listener));
        }

        /**
         * Gives the guest a socket that listens there already, for programs that can accept and
         * cannot listen, as those of preview1. It is the descriptor after those of the directories;
         * further ones follow in order. The network policy is not asked about it: this is a grant
         * of its own. Port 0 is one that is free, which {@link WasixProcess#port} tells.
         *
         * @param address the address; port 0 of a listener takes a free one
         * @return this builder
         */
        public Builder withListener(InetSocketAddress address) {
            return with(plan.withListeningSocket(new ListenerGrant(address, null)));
        }

        /**
         * As {@link #withListener(InetSocketAddress)}, with a channel that listens already, over
         * TCP or at a path of the host's: one that was inherited ({@link System#inheritedChannel}),
         * or a unix socket. It belongs to the guest that is started, and is closed with it; so such
         * a runtime is for one guest.
         *
         * @param channel the channel; it belongs to the guest from then on
         * @return this builder
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
         *
         * @param address the address to connect to
         * @return this builder
         */
        public Builder withConnection(InetSocketAddress address) {
            return with(plan.withConnectedSocket(address));
        }

        /**
         * Receives every call of the guests, such as a {@link org.wasix4j.trace.SyscallTracer};
         * null for none.
         *
         * @param listener is called on threads of the guest, several at a time; or null
         * @return this builder
         */
        public Builder withTracer(SyscallListener listener) {
            return with(plan.withTracer(listener));
        }

        /**
         * Names a program that the guest can start, by exec or spawn. It need not be a file of the
         * guest's tree, and comes before one of that name.
         *
         * @param path absolute, as {@code /bin/sh}
         * @param module the module; it is not changed
         * @return this builder
         * @throws IllegalArgumentException when the path is not absolute
         */
        public Builder withProgram(String path, WasixModule module) {
            if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "the path of a program must be absolute: " + path);
            }
            return with(plan.withProgram(path, module.loaded()));
        }

        /**
         * Has another function than {@code _start} called; null for {@code _start}.
         *
         * @param call the call, or null
         * @return this builder
         */
        public Builder withInvocation(Invocation call) {
            return with(plan.withInvocation(call));
        }

        /** {@return the runtime with these settings} */
        public WasixRuntime build() {
            return new WasixRuntime(this);
        }
    }
}
