package org.wasix4j.runtime.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessRunner;
import org.wasix4j.system.fs.ProgramFile;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The programs that the processes of a guest can start: those that were named to the host, and the
 * files of the guest's tree. A content is compiled once.
 */
final class Programs {

    /** The largest program, in bytes. */
    private static final int MOST_BYTES = 1 << 30;

    /** How many programs are kept compiled. */
    private static final int MOST_KEPT = 256;

    /** How large the programs that are kept compiled can be together, in bytes of their files. */
    private static final long MOST_KEPT_BYTES = 64L << 20;

    /** How often a script can be the interpreter of a script, as on Linux. */
    private static final int MOST_SCRIPTS = 4;

    /** How long the first line of a script can be, as on Linux. */
    private static final int MOST_LINE = 255;

    /** What the thread needs that compiles: the engine goes deep. */
    private static final long STACK = 64L << 20;

    private final LoadedModule first;
    private final Map<String, LoadedModule> named;
    private final Consumer<String> notices;

    /** By content. Guarded by itself. */
    private final Map<Content, Pending> loaded = new LinkedHashMap<>(16, 0.75f, true);

    /** Bytes of the files of those; guarded by them. */
    private long keptBytes;

    /**
     * Programs of which none is loaded.
     *
     * @param first the module of the first process, whose engine and cache the others get
     * @param named modules by absolute guest path
     * @param notices receives the reason why a program cannot be run
     */
    Programs(LoadedModule first, Map<String, LoadedModule> named, Consumer<String> notices) {
        this.first = first;
        this.named = named;
        this.notices = notices;
    }

    /**
     * A program that was found.
     *
     * @param module what runs
     * @param arguments its arguments, those of a script's interpreter before them
     */
    record Found(LoadedModule module, List<String> arguments) implements ProcessRunner.Program {}

    /** What a file turned out to be: a module, or a script for an interpreter. */
    private record Read(@Nullable LoadedModule module, @Nullable List<String> interpreter) {}

    private static boolean isScript(byte[] content) {
        return content.length >= 2 && content[0] == '#' && content[1] == '!';
    }

    /** As {@link ProcessRunner#find}. */
    Found find(GuestProcess process, String path, List<String> arguments) {
        List<String> words = arguments;
        String at = path;
        for (int i = 0; i <= MOST_SCRIPTS; i++) {
            LoadedModule module = named.get(process.mounts().normalise(at));
            if (module != null) {
                return new Found(module, words);
            }
            String file = at;
            Read read =
                    ProgramFile.read(
                            process.mounts(),
                            file,
                            MOST_BYTES,
                            content ->
                                    isScript(content)
                                            ? new Read(null, interpreter(content))
                                            : new Read(module(file, content), null));
            if (read.module() != null) {
                return new Found(read.module(), words);
            }
            List<String> interpreter = read.interpreter();
            if (interpreter == null) {
                throw Errno.NOEXEC.exception();
            }
            List<String> longer = new ArrayList<>(interpreter);
            longer.add(at);
            longer.addAll(words.subList(Math.min(1, words.size()), words.size()));
            words = longer;
            at = interpreter.get(0);
        }
        throw Errno.LOOP.exception();
    }

    /** The interpreter of a script, and its one argument if there is any. */
    private static List<String> interpreter(byte[] content) {
        int end = 2;
        while (end < content.length && end < MOST_LINE && content[end] != '\n') {
            end++;
        }
        String line = new String(content, 2, end - 2, StandardCharsets.UTF_8).strip();
        if (line.isEmpty() || line.indexOf('\0') >= 0) {
            throw Errno.NOEXEC.exception();
        }
        String[] parts = line.split("[ \t]+", 2);
        return List.of(parts);
    }

    private LoadedModule module(String path, byte[] content) {
        if (content.length < 4
                || content[0] != 0
                || content[1] != 'a'
                || content[2] != 's'
                || content[3] != 'm') {
            throw Errno.NOEXEC.exception();
        }
        try {
            return await(content, false);
        } catch (ModuleException e) {
            notices.accept(path + " cannot be started: " + e.getMessage());
            throw Errno.NOEXEC.exception();
        }
    }

    /**
     * A library of a content; the same content gives the same module while it is kept.
     *
     * @throws ModuleException when it cannot be linked here
     */
    LoadedModule library(byte[] content) {
        return await(content, true);
    }

    private LoadedModule await(byte[] content, boolean library) {
        try {
            return pending(content, library).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Unwind.PROCESS;
        }
    }

    private Pending pending(byte[] content, boolean library) {
        Content key = Content.of(content, library);
        synchronized (loaded) {
            Pending pending = loaded.get(key);
            if (pending == null) {
                pending = new Pending(key);
                Thread thread = new Thread(null, pending, "wasix-compile", STACK, false);
                thread.setDaemon(true);
                try {
                    thread.start();
                } catch (OutOfMemoryError e) {
                    throw Errno.AGAIN.exception();
                }
                keptBytes += pending.content.bytes.length;
                loaded.put(key, pending);
                forgetEldest();
            }
            return pending;
        }
    }

    /** Forgets programs until there are few and small enough; the newest one stays. */
    private void forgetEldest() {
        Iterator<Pending> eldest = loaded.values().iterator();
        while (loaded.size() > MOST_KEPT || keptBytes > MOST_KEPT_BYTES && loaded.size() > 1) {
            keptBytes -= eldest.next().content.bytes.length;
            eldest.remove();
        }
    }

    /**
     * A file that was loaded. Kept whole: a digest that a guest finds no second file for takes
     * longer than all else that is done to open a library of the cache.
     */
    private static final class Content {
        private final byte[] bytes;
        private final boolean library;
        private final int hash;

        private Content(byte[] bytes, boolean library, int hash) {
            this.bytes = bytes;
            this.library = library;
            this.hash = hash;
        }

        static Content of(byte[] bytes, boolean library) {
            CRC32 crc = new CRC32();
            crc.update(bytes);
            return new Content(bytes, library, (int) crc.getValue());
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Content its
                    && hash == its.hash
                    && library == its.library
                    && Arrays.equals(bytes, its.bytes);
        }
    }

    /** A module that is loaded, on a thread with a whole stack; several can wait for it. */
    private final class Pending implements Runnable {
        private final Content content;
        private @Nullable LoadedModule module;
        private @Nullable ModuleException failure;
        private boolean done;

        /** Made beforehand, for a heap without room to say more. */
        private final ModuleException noRoom = new ModuleException("the host has no memory left");

        private Pending(Content content) {
            this.content = content;
        }

        @Override
        public void run() {
            LoadedModule result = null;
            ModuleException problem = null;
            try {
                result =
                        content.library
                                ? first.library(content.bytes)
                                : first.sibling(content.bytes);
            } catch (ModuleException e) {
                problem = e;
            } catch (RuntimeException | Error e) {
                problem = new ModuleException("the engine refuses it: " + e, e);
            } finally {
                // in any case: guests wait for it
                synchronized (this) {
                    module = result;
                    failure = result == null && problem == null ? noRoom : problem;
                    done = true;
                    notifyAll();
                }
            }
        }

        private synchronized LoadedModule await() throws InterruptedException {
            while (!done) {
                wait();
            }
            LoadedModule result = module;
            if (result == null) {
                throw failure == null ? noRoom : failure;
            }
            return result;
        }
    }
}
