package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.runtime.LibraryBytes.CODE;
import static org.wasix4j.runtime.LibraryBytes.EXPORTS;
import static org.wasix4j.runtime.LibraryBytes.FUNCTIONS;
import static org.wasix4j.runtime.LibraryBytes.IMPORTS;
import static org.wasix4j.runtime.LibraryBytes.TYPES;
import static org.wasix4j.runtime.LibraryBytes.bytes;
import static org.wasix4j.runtime.LibraryBytes.dylink;
import static org.wasix4j.runtime.LibraryBytes.globalImport;
import static org.wasix4j.runtime.LibraryBytes.join;
import static org.wasix4j.runtime.LibraryBytes.memoryImport;
import static org.wasix4j.runtime.LibraryBytes.module;
import static org.wasix4j.runtime.LibraryBytes.name;
import static org.wasix4j.runtime.LibraryBytes.needs;
import static org.wasix4j.runtime.LibraryBytes.number;
import static org.wasix4j.runtime.LibraryBytes.section;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.testmodules.TestModule;

/** A function of a library that is so large that it is divided, and uses globals everywhere. */
class LargeLibraryTest {

    private static final int GLOBALS = 6;
    private static final int STATEMENTS = 3000;

    private static final int BASE = 0;
    private static final int ADDRESS = 1;
    private static final int OWN = 2;

    /** The offset of what {@link #ADDRESS} is the address of, among the data of the library. */
    private static final int OFFSET = 8;

    /** What the library's own global is at first. */
    private static final int BEGINNING = 7;

    @TempDir Path lib;

    private static byte[] library() {
        return module(
                dylink(needs(16, 4, 0, 0)),
                section(TYPES, bytes(1, 0x60, 0, 1, 0x7f)),
                section(
                        IMPORTS,
                        bytes(3),
                        memoryImport(),
                        globalImport("env", "__memory_base", false),
                        globalImport("GOT.mem", "data", true)),
                section(FUNCTIONS, bytes(1, 0)),
                section(
                        GLOBALS,
                        bytes(2),
                        bytes(0x7f, 1, 0x41, BEGINNING, 0x0b),
                        bytes(0x7f, 0, 0x41, OFFSET, 0x0b)),
                section(
                        EXPORTS,
                        bytes(2),
                        join(name("large"), bytes(0, 0)),
                        join(name("data"), bytes(3, 3))),
                section(CODE, bytes(1), large()));
    }

    /** As {@link #answer}. */
    private static byte[] large() {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.writeBytes(bytes(1, 1, 0x7f));
        for (int i = 0; i < STATEMENTS; i++) {
            code.writeBytes(
                    bytes(
                            // block, and out of it when sum % 7 is i % 7
                            0x02, 0x40, 0x20, 0, 0x41, 7, 0x70, 0x41, i % 7, 0x46, 0x0d, 0));
            code.writeBytes(
                    bytes(
                            // sum = sum * 31 + (address - base) + own
                            0x20,
                            0,
                            0x41,
                            31,
                            0x6c,
                            0x23,
                            ADDRESS,
                            0x23,
                            BASE,
                            0x6b,
                            0x6a,
                            0x23,
                            OWN,
                            0x6a,
                            0x21,
                            0));
            // own = own + 1, end of the block
            code.writeBytes(bytes(0x23, OWN, 0x41, 1, 0x6a, 0x24, OWN, 0x0b));
        }
        code.writeBytes(bytes(0x20, 0, 0x0b));
        return join(number(code.size()), code.toByteArray());
    }

    private static int answer() {
        int sum = 0;
        int own = BEGINNING;
        for (int i = 0; i < STATEMENTS; i++) {
            if (Integer.remainderUnsigned(sum, 7) != i % 7) {
                sum = sum * 31 + OFFSET + own;
                own++;
            }
        }
        return sum;
    }

    @Test
    void the_function_is_divided() {
        assertThat(ModuleRewriter.rewrite(library()).parts().origins()).contains(0);
    }

    /** Below a program that can be left (asyncify), calls of a library are watched. */
    @ParameterizedTest
    @CsvSource({"tries, false", "tries, true", "tries-pie, false", "tries-pie, true"})
    void its_parts_find_the_globals_of_the_library(String program, boolean leavable)
            throws Exception {
        Files.write(lib.resolve("liblarge.so"), library());
        byte[] wasm = TestModule.named("libraries/" + program).bytes();
        WasixModule module = WasixModule.load(program, leavable ? leavable(wasm) : wasm);

        try (Guest guest =
                Guest.start(
                        module,
                        new byte[0],
                        settings ->
                                settings.withArguments("call", "liblarge.so", "large")
                                        .withDirectory(lib, "/lib"))) {
            guest.awaitEnd();
            assertThat(guest.stdout() + guest.stderr())
                    .isEqualTo("called: " + Integer.toUnsignedString(answer()) + "\n");
        }
    }

    /** With an export by which a program is known that has asyncify; nothing calls it. */
    private static byte[] leavable(byte[] wasm) {
        int section = 8;
        int[] contents = numberAt(wasm, section + 1);
        while (wasm[section] != EXPORTS) {
            section = contents[1] + contents[0];
            contents = numberAt(wasm, section + 1);
        }
        int end = contents[1] + contents[0];
        int[] count = numberAt(wasm, contents[1]);
        byte[] exports =
                section(
                        EXPORTS,
                        number(count[0] + 1),
                        part(wasm, count[1], end),
                        name("asyncify_start_unwind"),
                        bytes(0, 0));
        return join(part(wasm, 0, section), exports, part(wasm, end, wasm.length));
    }

    private static byte[] part(byte[] wasm, int from, int to) {
        return Arrays.copyOfRange(wasm, from, to);
    }

    /** A number, and where what is behind it begins. */
    private static int[] numberAt(byte[] wasm, int start) {
        int value = 0;
        int at = start;
        for (int shift = 0; ; shift += 7) {
            value |= (wasm[at] & 0x7f) << shift;
            if (wasm[at++] >= 0) {
                return new int[] {value, at};
            }
        }
    }
}
