package org.wasix4j.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.wasix4j.runtime.CodeCache;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.types.Nullable;

/** Reads and loads the modules that a command line names, and says what is wrong with them. */
final class ModuleSource implements AutoCloseable {

    /** A heap of this size has seen a compilation. */
    private static final long LARGE_HEAP = 96 << 20;

    private final Options options;
    private final Messages messages;
    private final Streams streams;
    private final Deadline deadline;

    /** The word before the module, or null. */
    private final @Nullable String before;

    /** The package that MODULE is, while its program runs; null for a plain module. */
    private @Nullable OpenedPackage opened;

    /** The cache of compiled code; null when there is none or nothing was loaded yet. */
    private @Nullable CodeCache cache;

    /** Why code was not stored, as it was told last, or null. */
    private @Nullable String notKept;

    ModuleSource(
            Options options,
            Messages messages,
            Streams streams,
            Deadline deadline,
            @Nullable String before) {
        this.options = options;
        this.messages = messages;
        this.streams = streams;
        this.deadline = deadline;
        this.before = before;
    }

    /** The file could not be read, and that was said. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        private final int code;

        UnreadableException(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** A step that reads a module, and says what is wrong with it by an exception. */
    private interface Reading {
        byte[] read() throws IOException;
    }

    private byte[] read(String file, Reading reading) throws UnreadableException {
        try {
            return reading.read();
        } catch (NoSuchFileException e) {
            String hint =
                    Hints.ofModule(file, before).map(clause -> " (" + clause + ")").orElse("");
            messages.error("no such file: " + file + hint);
            throw new UnreadableException(WasixRun.NO_SUCH_FILE);
        } catch (AccessDeniedException e) {
            messages.error("cannot run " + file + ": permission denied");
        } catch (IOException e) {
            String reason =
                    HostDescriptors.lackedBy(e) ? HostDescriptors.NONE_LEFT : e.getMessage();
            messages.error("cannot run " + file + ": " + reason, e);
        }
        throw new UnreadableException(WasixRun.CANNOT_RUN);
    }

    // ---- reading

    /** The bytes of MODULE, to be looked at. */
    byte[] toExplain() throws UnreadableException {
        return read(
                options.module(),
                () ->
                        OpenedPackage.isPackage(options)
                                ? OpenedPackage.command(options).module()
                                : file());
    }

    /** The package that MODULE is, or null; known when it was loaded. */
    @Nullable
    OpenedPackage opened() {
        return opened;
    }

    private byte[] toRun() throws IOException {
        if (OpenedPackage.isPackage(options)) {
            opened = OpenedPackage.open(options);
            return opened.module();
        }
        if (options.guest.command != null) {
            throw new IOException("--command needs a package, and this is not one");
        }
        return file();
    }

    private byte[] file() throws IOException {
        return ModuleFile.read(options.module(), streams.input());
    }

    // ---- loading

    /** MODULE, compiled. */
    WasixModule load() throws UnreadableException {
        String file = options.module();
        byte[] wasm = read(file, this::toRun);
        return load(opened == null ? file : opened.programName(), wasm);
    }

    /** Another module, that MODULE may start. */
    WasixModule loadProgram(String file) throws UnreadableException {
        return load(file, read(file, () -> ModuleFile.read(file, streams.input())));
    }

    private WasixModule load(String name, byte[] wasm) {
        CodeCache cache = cache();
        CompileProgress progress = progress(name);
        try {
            WasixModule module =
                    WasixModule.loader()
                            .withEngine(options.code.engine)
                            .withCache(cache)
                            .withEntry(options.function == null ? "_start" : options.function)
                            .withTimeout(deadline.left())
                            .withLazyCompilation(true)
                            .withProgress(percent -> advance(percent, wasm.length, progress))
                            .load(name, wasm);
            tellNotKept();
            tellInterpreted(module);
            return module;
        } finally {
            if (progress != null) {
                progress.end();
            }
            giveBackHeap();
        }
    }

    /**
     * Gives the host back what a compilation has taken: some hundred megabytes, of which a server
     * would never need any again, and no collection would come for a long time.
     */
    private static void giveBackHeap() {
        if (Runtime.getRuntime().totalMemory() > LARGE_HEAP) {
            System.gc();
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

    private static void advance(int percent, int size, @Nullable CompileProgress progress) {
        if (percent == 0) {
            CompilerPriority.lower(size);
        }
        if (progress != null) {
            progress.accept(percent);
        }
    }

    /** Tells on a terminal how far it is, or null when there is none. */
    private @Nullable CompileProgress progress(String file) {
        boolean terminal = streams.areOwn() && Paint.isTerminal(Paint.STDERR);
        return terminal ? new CompileProgress(file, new PrintStream(streams.err(), true)) : null;
    }

    /** Tells why code was not stored, if so, and once. */
    private void tellNotKept() {
        String problem = cache == null ? null : cache.problem().orElse(null);
        if (problem != null && !problem.equals(notKept)) {
            notKept = problem;
            notKept(problem);
        }
    }

    private void notKept(String reason) {
        String sentence = "compiled code is not cached: " + reason;
        if (options.code.cache.folder == null) {
            messages.detail(sentence);
        } else {
            // a folder that was named is meant to be used
            messages.notice(sentence);
        }
    }

    /** The cache of compiled code, or null when there is to be none or it cannot be used. */
    private @Nullable CodeCache cache() {
        if (cache != null) {
            return cache;
        }
        var folder = options.code.cacheFolder(System.getenv());
        if (folder == null) {
            return null;
        }
        try {
            cache = CodeCache.open(folder);
            return cache;
        } catch (IOException e) {
            notKept(Reasons.of(e));
            return null;
        }
    }

    /** Keeps what was compiled while the program ran, and removes the folders of a package. */
    @Override
    public void close() {
        if (cache != null) {
            cache.flush();
            // a module that ran before it was compiled is only written now
            tellNotKept();
        }
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException e) {
                messages.detail("the package's folders could not be deleted: " + e.getMessage());
            }
        }
    }
}
