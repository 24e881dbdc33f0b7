package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.wasix4j.runtime.LibraryBytes.CODE;
import static org.wasix4j.runtime.LibraryBytes.CUSTOM;
import static org.wasix4j.runtime.LibraryBytes.DATA;
import static org.wasix4j.runtime.LibraryBytes.EXPORTS;
import static org.wasix4j.runtime.LibraryBytes.FUNCTIONS;
import static org.wasix4j.runtime.LibraryBytes.IMPORTS;
import static org.wasix4j.runtime.LibraryBytes.TYPES;
import static org.wasix4j.runtime.LibraryBytes.body;
import static org.wasix4j.runtime.LibraryBytes.bytes;
import static org.wasix4j.runtime.LibraryBytes.dylink;
import static org.wasix4j.runtime.LibraryBytes.functionImport;
import static org.wasix4j.runtime.LibraryBytes.globalImport;
import static org.wasix4j.runtime.LibraryBytes.memoryImport;
import static org.wasix4j.runtime.LibraryBytes.module;
import static org.wasix4j.runtime.LibraryBytes.name;
import static org.wasix4j.runtime.LibraryBytes.needs;
import static org.wasix4j.runtime.LibraryBytes.section;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Limits;
import org.wasix4j.testmodules.TestModule;

/** Thousands of libraries, and libraries whose constructors open libraries, trap or never end. */
class LibraryAttacksTest {

    private static final int TEN_THOUSAND = 10_000;

    @TempDir Path lib;

    private Guest start(String program, Engine engine, Limits limits, String... arguments)
            throws Exception {
        return Guest.start(
                Guest.module("libraries/" + program, engine),
                new byte[0],
                settings ->
                        settings.withArguments(arguments)
                                .withLimits(limits)
                                .withDirectory(lib, "/lib"));
    }

    /** What a guest said until its end, and how that was when it is not the usual one. */
    private static String end(Guest guest) throws Exception {
        try (guest) {
            ExitStatus status = guest.awaitEnd();
            assertThat(guest.process().abandonedThreads()).isZero();
            assertThat(guest.hostErrors()).isEmpty();
            String all = guest.stdout() + guest.stderr();
            return status.shellCode() == 0 ? all : all + status;
        }
    }

    private void writeMany(int count, int size) throws Exception {
        byte[] own = new byte[size];
        for (int i = 0; i < count; i++) {
            Files.write(
                    lib.resolve("lib" + i + ".so"),
                    module(dylink(needs(16, 4, 0, 0)), section(CUSTOM, name("own" + i), own)));
        }
    }

    /** Those beyond the limit are not even compiled: the guest has to pay for none of them. */
    @Test
    void of_ten_thousand_libraries_those_beyond_the_limit_are_refused() throws Exception {
        writeMany(TEN_THOUSAND, 0);

        String said =
                end(
                        start(
                                "tries",
                                Engine.INTERPRETER,
                                Limits.defaults(),
                                "many",
                                "" + TEN_THOUSAND,
                                "lib7.so"));

        // the program is one of the 1024
        assertThat(said)
                .isEqualTo(
                        "opened 1023 of 10000, the last: there are 1024 libraries already\n"
                                + "opened lib7.so\n");
    }

    @Test
    void many_libraries_count_against_the_memory_limit() throws Exception {
        writeMany(300, 60_000);

        String said =
                end(
                        start(
                                "tries",
                                Engine.INTERPRETER,
                                Limits.defaults().withMaxMemory(8 << 20),
                                "many",
                                "300",
                                "lib7.so"));

        assertThat(said)
                .matches(
                        "opened \\d+ of 300, the last: /lib/lib299.so: the memory that the guest"
                                + " may use is used up\nopened lib7.so\n");
    }

    /** A library whose constructor opens another one. */
    private static byte[] opensInConstructor(String next) {
        byte[] text = (next + '\0').getBytes(StandardCharsets.UTF_8);
        return module(
                dylink(needs(64, 0, 0, 0)),
                section(TYPES, bytes(2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7f)),
                section(
                        IMPORTS,
                        bytes(3),
                        memoryImport(),
                        globalImport("env", "__memory_base", false),
                        functionImport("dl_open", 1)),
                section(FUNCTIONS, bytes(1, 0)),
                section(EXPORTS, bytes(1), name("__wasm_call_ctors"), bytes(0, 1)),
                // dl_open(name, RTLD_NOW)
                section(CODE, bytes(1), body(bytes(0x23, 0, 0x41, 2, 0x10, 0, 0x1a))),
                section(DATA, bytes(1, 0, 0x23, 0, 0x0b, text.length), text));
    }

    /** Each is opened while the constructors of all before it run. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void constructors_that_open_each_other_endlessly_end_or_exhaust_the_stack(Engine engine)
            throws Exception {
        int count = engine == Engine.COMPILER ? 60 : 300;
        for (int i = 0; i < count; i++) {
            Files.write(
                    lib.resolve("lib" + i + ".so"), opensInConstructor("lib" + (i + 1) + ".so"));
        }
        // the last one opens the first: it is there already
        Files.write(lib.resolve("lib" + count + ".so"), opensInConstructor("lib0.so"));

        String said = end(start("tries", engine, Limits.defaults(), "lib0.so", "lib1.so"));

        if (engine == Engine.COMPILER) {
            assertThat(said).isEqualTo("opened lib0.so\nopened lib1.so\n");
        } else {
            assertThat(said)
                    .matches("(?s)opened lib0.so\nopened lib1.so\n|.*call stack exhausted.*");
        }
    }

    /**
     * A library for the program that has four threads which open libraries: its constructor waits
     * until they are about to, says so, and then goes on with some instructions.
     */
    private static byte[] slow(int... then) {
        byte[] text = "all wait\0".getBytes(StandardCharsets.UTF_8);
        return module(
                dylink(needs(16, 0, 0, 0)),
                section(TYPES, bytes(2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7f, 0)),
                section(
                        IMPORTS,
                        bytes(7),
                        memoryImport(),
                        globalImport("env", "__memory_base", false),
                        globalImport("GOT.mem", "program_inside", true),
                        globalImport("GOT.mem", "program_waiting", true),
                        functionImport("word_add", 1),
                        functionImport("word_await", 1),
                        functionImport("say", 1)),
                section(FUNCTIONS, bytes(1, 0)),
                section(EXPORTS, bytes(1), name("__wasm_call_ctors"), bytes(0, 3)),
                section(
                        CODE,
                        bytes(1),
                        body(
                                // word_add(&program_inside, 1); word_await(&program_waiting, 4)
                                bytes(0x23, 1, 0x41, 1, 0x10, 0, 0x23, 2, 0x41, 4, 0x10, 1),
                                // say(text, 0)
                                bytes(0x23, 0, 0x41, 0, 0x10, 2),
                                bytes(then))),
                section(DATA, bytes(1, 0, 0x23, 0, 0x0b, text.length), text));
    }

    private void writeForTogether(byte[] slow) throws Exception {
        for (String name : new String[] {"again", "inner", "lonely", "busy"}) {
            Files.write(
                    lib.resolve("lib" + name + ".so"),
                    TestModule.resource("libraries/lib" + name + ".so"));
        }
        Files.write(lib.resolve("libslow.so"), slow);
    }

    @ParameterizedTest
    @ValueSource(strings = {"together", "together-pie"})
    void a_trap_in_a_constructor_ends_the_threads_that_wait_to_open_libraries(String program)
            throws Exception {
        writeForTogether(slow(0x00));

        String said = end(start(program, Engine.COMPILER, Limits.defaults()));

        assertThat(said).contains("all wait\n").contains("unreachable").doesNotContain("ready for");
    }

    @Test
    void a_constructor_that_never_ends_ends_with_its_process() throws Exception {
        // an endless loop
        writeForTogether(slow(0x03, 0x40, 0x0c, 0, 0x0b));
        try (Guest guest = start("together", Engine.COMPILER, Limits.defaults())) {
            await().atMost(Guest.SOON).until(() -> guest.stdout().contains("all wait\n"));
            guest.process().destroy();
            guest.awaitEnd();
            assertThat(guest.process().abandonedThreads()).isZero();
        }
    }
}
