package org.wasix4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.trace.SyscallTracer;
import org.wasix4j.types.Nullable;

/** One run of a program as the options say, from the module to the exit code. */
final class GuestLaunch {

    private static final int TIMED_OUT = 124;

    private final Options options;
    private final Messages messages;
    private final Streams streams;
    private final Interrupts interrupts;
    private final Deadline deadline;
    private final ModuleSource source;

    /** What is run instead of a file, or null. */
    private final @Nullable PackedStart packed;

    GuestLaunch(
            Options options,
            Messages messages,
            Streams streams,
            Interrupts interrupts,
            Deadline deadline,
            ModuleSource source,
            @Nullable PackedStart packed) {
        this.options = options;
        this.messages = messages;
        this.streams = streams;
        this.interrupts = interrupts;
        this.deadline = deadline;
        this.source = source;
        this.packed = packed;
    }

    /**
     * Runs it.
     *
     * @return the exit code
     * @throws IllegalArgumentException with a sentence when the options are wrong
     */
    int run() throws InterruptedException {
        Path out = options.traces.traceOut;
        if (out == null) {
            return run(messages::trace);
        }
        if (options.traces.trace == null) {
            throw new IllegalArgumentException("--trace-out needs --trace");
        }
        try (TraceOutput trace = TraceOutput.open(out, messages, streams)) {
            return run(trace);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private int run(Consumer<String> trace) throws InterruptedException {
        StartScript.note().ifPresent(messages::detail);
        try (source;
                Watch watch = Watch.of(options, messages)) {
            WasixProcess guest = start(trace, watch);
            watch.guest(guest);
            interrupts.passTo(
                    new Interrupts.Target(
                            guest,
                            options.watch.shutdownTimeout,
                            options.watch.shutdownDelay,
                            watch::ending,
                            messages::notice));
            tellPorts(guest);
            return report(guest.waitFor());
        } catch (UncheckedIOException e) {
            messages.error(Bindings.sentence(e), e);
            return WasixRun.CANNOT_RUN;
        } catch (ModuleSource.UnreadableException e) {
            return e.code();
        } catch (ModuleException e) {
            if (e.getCause() instanceof TimeoutException) {
                messages.error(
                        "the timeout has expired (--timeout) while compiling " + options.module());
                return TIMED_OUT;
            }
            if (HostDescriptors.lackedBy(e)) {
                throw e;
            }
            messages.error(e.getMessage(), e.getCause());
            return WasixRun.CANNOT_RUN;
        }
    }

    private WasixProcess start(Consumer<String> traced, Watch watch)
            throws ModuleSource.UnreadableException {
        options.files.requireDirectories();
        WasixModule module = module();
        WasixRuntime.Builder runtime = runtime(traced);
        for (Map.Entry<String, String> program : options.guest.programs) {
            runtime.withProgram(program.getKey(), source.loadProgram(program.getValue()));
        }
        watch.listeners().forEach(runtime::withListener);
        if (options.watch.readyFile != null) {
            runtime.withListener(readyFile(options.watch.readyFile));
            runtime.withProtectedFile(options.watch.readyFile);
        }
        Path trace = options.traces.traceOut;
        if (trace != null && TraceOutput.isPlainFile(trace)) {
            runtime.withProtectedFile(trace);
        }
        return runtime.build().start(module);
    }

    private WasixModule module() throws ModuleSource.UnreadableException {
        if (packed == null) {
            return source.load();
        }
        if (options.code.engine != Engine.COMPILER) {
            throw new IllegalArgumentException("a packed program cannot be interpreted");
        }
        return WasixModule.packed(GuestLaunch.class.getClassLoader(), packed.program().name());
    }

    private ReadyFile readyFile(Path file) {
        try {
            return new ReadyFile(file, messages);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot write --ready-file " + file + ": " + e.getMessage(), e);
        }
    }

    private WasixRuntime.Builder runtime(Consumer<String> trace) {
        OpenedPackage opened = source.opened();
        Map<String, String> environment =
                options.guest.environment(StartScript.environment(System.getenv()));
        String name = options.module();
        String directory = options.guest.workingDirectory;
        List<String> arguments = options.arguments();
        if (opened != null) {
            environment = opened.environment(environment);
            name = opened.programName();
            directory = directory == null ? opened.workingDirectory() : directory;
            arguments = opened.arguments(arguments);
        }
        environment.forEach(StartScript::requireKept);
        String given = options.guest.programName;
        WasixRuntime.Builder builder =
                options.applyTo(WasixRuntime.builder(), deadline.left())
                        .withArguments(arguments)
                        .withProgramName(given != null ? given : name)
                        .withEnvironment(environment)
                        .withWorkingDirectory(directory)
                        .withListener(messages);
        streams.giveTo(builder);
        if (options.network.takesStandardInput()) {
            builder.withStdin(null);
        }
        if (options.traces.trace != null) {
            builder.withTracer(
                    new SyscallTracer(
                            options.traces.traceFormat, options.traces.trace.families(), trace));
        }
        if (options.function != null) {
            builder.withInvocation(
                    new Invocation(
                            options.function,
                            options.arguments(),
                            words -> words.forEach(streams::print)));
        }
        if (packed != null) {
            packed.folders().forEach(builder::withVolume);
        }
        if (opened != null) {
            opened.volumes().forEach(builder::withVolume);
        }
        return builder;
    }

    /** Which ports the listeners have that asked for any. */
    private void tellPorts(WasixProcess guest) {
        for (int i = 0; i < options.network.listeners.size(); i++) {
            if (options.network.listeners.get(i).isAnyPort()) {
                messages.notice("listening on " + guest.preopenedListeners().get(i));
            }
        }
    }

    private int report(ExitStatus status) {
        switch (status.kind()) {
            case EXITED -> {
                // the guest has said what there is to say
            }
            case TRAPPED -> messages.error("trap: " + status.message(), status.cause());
            case TIMED_OUT -> messages.error("the timeout has expired (--timeout)");
            case KILLED -> messages.error("ended by signal " + status.signal());
            case FAILED ->
                    messages.error(
                            "internal error in "
                                    + status.message()
                                    + (options.verbose ? "" : " (-v shows where)"),
                            status.cause());
        }
        return status.shellCode();
    }
}
