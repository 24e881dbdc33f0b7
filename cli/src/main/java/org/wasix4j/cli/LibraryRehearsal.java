package org.wasix4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasix4j.runtime.CodeCache;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/**
 * A program that opens a shared library and waits by epoll, for the archive of classes of {@code
 * wasix-run}: the first library that a guest opens takes half as long when the archive has the
 * classes of the linker. The modules are in the resources, and their sources in {@code
 * src/main/rehearsal}.
 */
public final class LibraryRehearsal {

    private static final String LIBRARY = "library.so";

    private LibraryRehearsal() {}

    /** Runs it, and the large program, with a folder for compiled code. */
    public static void main(String[] args) throws IOException {
        ExitStatus status = run(Path.of(args[0]));
        if (status.shellCode() != 0) {
            throw new IllegalStateException("the rehearsal of a library ended with " + status);
        }
    }

    /** Runs both programs to their ends. */
    static ExitStatus run(Path cacheFolder) throws IOException {
        CodeCache cache = CodeCache.open(cacheFolder);
        Path folder = Files.createTempDirectory("wasix-rehearsal");
        try {
            Files.write(folder.resolve(LIBRARY), resource("rehearsal-library.so"));
            byte[] program = resource("rehearsal-program.wasm");
            ExitStatus status = run(WasixModule.load("rehearsal", program, cache), folder);
            return status.shellCode() != 0 ? status : LargeRehearsal.run(cache, folder);
        } finally {
            Files.deleteIfExists(folder.resolve(LIBRARY));
            Files.delete(folder);
        }
    }

    /** Runs a program to its end, with a folder as /lib. */
    static ExitStatus run(WasixModule module, Path folder) {
        WasixRuntime runtime = WasixRuntime.builder().withReadOnlyDirectory(folder, "/lib").build();
        try (WasixProcess process = runtime.start(module)) {
            return process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] resource(String name) throws IOException {
        try (InputStream stream = LibraryRehearsal.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("this artifact has no " + name);
            }
            return stream.readAllBytes();
        }
    }
}
