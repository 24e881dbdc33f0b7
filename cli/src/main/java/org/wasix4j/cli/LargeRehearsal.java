package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.wasix4j.runtime.CodeCache;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.WasixModule;

/**
 * A large program, for the archive of classes of {@code wasix-run}. It imports every function of
 * the ABI: the JVM makes a class for each function that a guest imports, and a class that is in the
 * archive takes a tenth of the time. And it runs before all of it is compiled, so that the archive
 * has the classes for that, too.
 */
final class LargeRehearsal {

    private static final String MODULE = "rehearsal-functions.wasm";

    /** How many functions without code are the last ones of the module in the resources. */
    private static final int EMPTY = 200;

    /** How many instructions each of them gets: together they are what counts as large. */
    private static final int INSTRUCTIONS = 8000;

    /** What starts use and these do not: when standard output is a file, and for short copies. */
    private static final String[] OF_OTHERS = {
        "org.wasix4j.system.fs.HostDescriptor", "org.wasix4j.runtime.internal.ShortMoves"
    };

    /** How many they get when the module is only rewritten: none is divided. */
    private static final int FEW_INSTRUCTIONS = 1000;

    /** No function of the module. */
    private static final String MISSING = "missing";

    private static final int CODE_SECTION = 10;
    private static final int NOP = 1;
    private static final int END = 0x0b;

    private LargeRehearsal() {}

    /** Runs the program to its end, in a folder that has a library. */
    static ExitStatus run(CodeCache cache, Path folder) throws IOException {
        try {
            for (String name : OF_OTHERS) {
                Class.forName(name);
            }
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
        byte[] small = LibraryRehearsal.resource(MODULE);
        ExitStatus status =
                LibraryRehearsal.run(
                        WasixModule.loader().withEngine(Engine.INTERPRETER).load("small", small),
                        folder);
        byte[] wasm = enlarge(small, INSTRUCTIONS);
        // the first of two runs begins interpreted and leaves a mark in the cache, if that is empty
        for (int i = 0; i < 2 && status.shellCode() == 0; i++) {
            WasixModule module =
                    WasixModule.loader()
                            .withCache(cache)
                            .withLazyCompilation(true)
                            .load("large", wasm);
            status = LibraryRehearsal.run(module, folder);
            cache.flush();
        }
        return status;
    }

    /**
     * Rewrites a module and compiles nothing. So what rewrites modules is in the archive, which
     * otherwise has nothing that only a start without a cache needs. The load ends behind that,
     * because a function is missing.
     */
    static void rewrite() throws IOException {
        byte[] wasm = enlarge(LibraryRehearsal.resource(MODULE), FEW_INSTRUCTIONS);
        try {
            WasixModule.loader()
                    .withEngine(Engine.INTERPRETER)
                    .withEntry(MISSING)
                    .load("large", wasm);
            throw new IllegalStateException("the module has " + MISSING);
        } catch (ModuleException e) {
            // as intended
        }
    }

    /**
     * Gives the functions without code at the end of a module some.
     *
     * @param instructions how many each of them gets
     * @throws IllegalArgumentException when it does not end with them
     */
    static byte[] enlarge(byte[] wasm, int instructions) {
        int section = 8;
        int contents = contents(wasm, section);
        while (wasm[section] != CODE_SECTION) {
            section = contents + length(wasm, section);
            contents = contents(wasm, section);
        }
        int oldBody = 3;
        int kept = wasm.length - EMPTY * oldBody;
        byte[] body = body(instructions);
        byte[] larger = Arrays.copyOf(wasm, kept + EMPTY * body.length);
        for (int i = 0; i < EMPTY; i++) {
            int at = kept + i * oldBody;
            if (wasm[at] != 2 || wasm[at + 1] != 0 || wasm[at + 2] != END) {
                throw new IllegalArgumentException("a function at " + at + " has code");
            }
            System.arraycopy(body, 0, larger, kept + i * body.length, body.length);
        }
        // the length of the section takes more bytes now
        byte[] length = number(larger.length - contents);
        byte[] out = new byte[section + 1 + length.length + larger.length - contents];
        System.arraycopy(larger, 0, out, 0, section + 1);
        System.arraycopy(length, 0, out, section + 1, length.length);
        System.arraycopy(
                larger, contents, out, section + 1 + length.length, larger.length - contents);
        return out;
    }

    private static byte[] body(int instructions) {
        byte[] length = number(instructions + 2);
        byte[] body = new byte[length.length + instructions + 2];
        Arrays.fill(body, (byte) NOP);
        System.arraycopy(length, 0, body, 0, length.length);
        body[length.length] = 0;
        body[body.length - 1] = END;
        return body;
    }

    /** A number of five bytes. */
    private static byte[] number(int value) {
        byte[] bytes = new byte[5];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (value >>> 7 * i & 0x7f | (i < bytes.length - 1 ? 0x80 : 0));
        }
        return bytes;
    }

    /** Where the contents of a section begin. */
    private static int contents(byte[] wasm, int section) {
        int at = section + 1;
        while (wasm[at] < 0) {
            at++;
        }
        return at + 1;
    }

    private static int length(byte[] wasm, int section) {
        int length = 0;
        int shift = 0;
        for (int at = section + 1; at < contents(wasm, section); at++) {
            length |= (wasm[at] & 0x7f) << shift;
            shift += 7;
        }
        return length;
    }
}
