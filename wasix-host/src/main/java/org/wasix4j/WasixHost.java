package org.wasix4j;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.MountsBuilder;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;

/**
 * The host functions of one guest, for an engine to import. A runtime is not needed: the functions
 * work on any Chicory {@code Instance} with any Chicory memory.
 *
 * <pre>{@code
 * WasmModule module = Parser.parse(file);
 * try (WasixHost host =
 *         WasixHost.builder()
 *                 .withArguments("http-hello", "8080")
 *                 .withNetworkPolicy(NetworkPolicy.allowAll())
 *                 .withStdout(System.out)
 *                 .withStderr(System.err)
 *                 .build()) {
 *     Instance instance =
 *             Instance.builder(module)
 *                     .withImportValues(
 *                             ImportValues.builder().withFunctions(host.link(module)).build())
 *                     .withStart(false)
 *                     .build();
 *     System.exit(host.run(() -> instance.export("_start").apply()));
 * }
 * }</pre>
 *
 * <p>What a runtime adds is missing here:
 *
 * <ul>
 *   <li>The guest has one thread, the one that calls {@link #run}. Creating a thread or a process
 *       answers {@code notsup}.
 *   <li>Signals end the guest; its handlers are not called.
 *   <li>Bytes are copied between guest memory and sockets. The stock memories of Chicory 1.7.5 lose
 *       wake-ups and bytes when threads share them; one thread is safe.
 *   <li>There is no timeout and no limit of memory.
 * </ul>
 *
 * <p>{@link #end} and {@link #close} may be called by any thread; everything else belongs to the
 * thread that runs the guest. No argument may be null, unless stated otherwise.
 *
 * @apiNote This class, {@code org.wasix4j.policy}, {@code org.wasix4j.trace} and {@code
 *     org.wasix4j.types} are the API of this artifact. The other packages are its implementation:
 *     they are exported to {@code org.wasix4j.runtime} only and change without notice.
 */
public final class WasixHost implements AutoCloseable {

    private final GuestProcess process;
    private final HostLinker linker;

    private WasixHost(GuestProcess process, @Nullable SyscallListener tracer) {
        this.process = process;
        this.linker = new HostLinker(process, tracer);
    }

    /** {@return settings that grant nothing} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Binds a module's imports, under the generation of the ABI that its imports show.
     *
     * @param module the module
     * @return a function for each import of a function
     * @throws IllegalArgumentException when the module imports functions that this host does not
     *     provide; the message lists all of them
     */
    public List<ImportFunction> link(WasmModule module) {
        return link(module, Imports.profileOf(module));
    }

    /**
     * As {@link #link(WasmModule)}, under a given generation of the ABI.
     *
     * @param module the module
     * @param profile the generation
     * @return a function for each import of a function
     */
    public List<ImportFunction> link(WasmModule module, AbiProfile profile) {
        Imports.Linked linked = linker.link(module, profile);
        if (!linked.unknown().isEmpty()) {
            throw new IllegalArgumentException(
                    "the module imports functions that this host does not provide: "
                            + String.join(", ", linked.unknown()));
        }
        return linked.functions();
    }

    /**
     * Calls the guest on this thread, until it returns or ends. Can be called again after it has
     * returned, not after it has ended.
     *
     * @param guest calls an export of the instance
     * @return the exit code of the guest, 0 when it returned, 128+N when it was ended by signal N
     * @throws RuntimeException what the engine throws at a trap
     * @throws IllegalStateException when a fault of this host has ended the guest
     */
    public int run(Runnable guest) {
        try {
            guest.run();
            return 0;
        } catch (Unwind e) {
            ExitReason reason = Objects.requireNonNull(process.exitReason());
            return switch (reason.kind()) {
                case EXITED -> reason.code();
                case KILLED, TRAPPED -> 128 + reason.code();
                default -> throw new IllegalStateException(reason.message(), reason.cause());
            };
        }
    }

    /**
     * Ends the guest by a signal: a call that waits returns from {@link #run}, as does the next
     * call of a guest that computes. Does not wait for that, and has no effect on a guest that has
     * ended.
     *
     * @param signal a number from 1 to 31, for the exit code
     */
    public void end(int signal) {
        process.end(ExitReason.killed(signal));
    }

    /** Closes every descriptor of the guest. */
    @Override
    public void close() {
        process.release();
    }

    /** Collects the settings; each has a default that grants nothing. */
    public static final class Builder {

        private final MountsBuilder mounts = Mounts.builder();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private ProcessSettings settings = ProcessSettings.defaults();
        private @Nullable InputStream stdin;
        private @Nullable OutputStream stdout;
        private @Nullable OutputStream stderr;
        private @Nullable SyscallListener tracer;

        private Builder() {}

        /**
         * The command line, with the program's name first; empty unless set.
         *
         * @param words the arguments
         * @return this builder
         */
        public Builder withArguments(String... words) {
            settings = settings.withArguments(List.of(words));
            return this;
        }

        /**
         * Adds an environment variable; none are inherited from this JVM.
         *
         * @param name the name
         * @param value the value
         * @return this builder
         */
        public Builder withEnvironment(String name, String value) {
            environment.put(Objects.requireNonNull(name), Objects.requireNonNull(value));
            return this;
        }

        /**
         * Grants a directory with everything beneath it, for reading and writing.
         *
         * @param host the directory on the host
         * @param guest the path in the guest, absolute or relative to the working directory
         * @return this builder
         */
        public Builder withDirectory(Path host, String guest) {
            mounts.withVolume(host, guest, false);
            return this;
        }

        /**
         * Grants a directory with everything beneath it, for reading.
         *
         * @param host the directory on the host
         * @param guest the path in the guest, absolute or relative to the working directory
         * @return this builder
         */
        public Builder withReadOnlyDirectory(Path host, String guest) {
            mounts.withVolume(host, guest, true);
            return this;
        }

        /**
         * The part of the network that the guest may use; nothing unless set.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder withNetworkPolicy(NetworkPolicy policy) {
            settings = settings.withPolicy(policy);
            return this;
        }

        /**
         * How many descriptors and sockets the guest may use; {@link Limits#defaults} unless set.
         *
         * @param limits the limits
         * @return this builder
         */
        public Builder withLimits(Limits limits) {
            settings = settings.withLimits(limits);
            return this;
        }

        /**
         * What the guest reads as standard input; an empty file unless set. Stays open.
         *
         * @param stream the stream; it is not closed
         * @return this builder
         */
        public Builder withStdin(InputStream stream) {
            stdin = Objects.requireNonNull(stream);
            return this;
        }

        /**
         * Where the guest's standard output goes; nowhere unless set. Stays open.
         *
         * @param stream the stream; it is not closed
         * @return this builder
         */
        public Builder withStdout(OutputStream stream) {
            stdout = Objects.requireNonNull(stream);
            return this;
        }

        /**
         * Where the guest's standard error goes; nowhere unless set. Stays open.
         *
         * @param stream the stream; it is not closed
         * @return this builder
         */
        public Builder withStderr(OutputStream stream) {
            stderr = Objects.requireNonNull(stream);
            return this;
        }

        /**
         * Receives connections, denials and the like; none unless set.
         *
         * @param observer is called on threads of the guest, several at a time
         * @return this builder
         */
        public Builder withObserver(SystemObserver observer) {
            settings = settings.withObserver(observer);
            return this;
        }

        /**
         * Receives every call; none unless set.
         *
         * @param listener is called on threads of the guest, several at a time
         * @return this builder
         */
        public Builder withTracer(SyscallListener listener) {
            tracer = Objects.requireNonNull(listener);
            return this;
        }

        /**
         * {@return the host functions of one guest}
         *
         * @throws IllegalArgumentException when a directory is missing or cannot be opened, or the
         *     limits leave no room for the standard streams
         */
        public WasixHost build() {
            GuestProcess process =
                    new GuestProcess(settings.withEnvironment(environment), mounts.build());
            try {
                process.descriptors()
                        .open(
                                null,
                                stdin == null
                                        ? StandardStreams.nullInput()
                                        : StandardStreams.input(stdin));
                for (OutputStream stream : new OutputStream[] {stdout, stderr}) {
                    process.descriptors()
                            .open(
                                    null,
                                    stream == null
                                            ? StandardStreams.nullOutput()
                                            : StandardStreams.output(stream));
                }
                process.mounts().preopen(process.descriptors());
                return new WasixHost(process, tracer);
            } catch (ErrnoException e) {
                process.release();
                throw new IllegalArgumentException(
                        "the limits leave no room for the standard streams and the directories", e);
            }
        }
    }
}
