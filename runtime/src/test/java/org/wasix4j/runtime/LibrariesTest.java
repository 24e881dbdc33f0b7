package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasix4j.runtime.LibraryBytes.CODE;
import static org.wasix4j.runtime.LibraryBytes.CUSTOM;
import static org.wasix4j.runtime.LibraryBytes.DATA;
import static org.wasix4j.runtime.LibraryBytes.ELEMENTS;
import static org.wasix4j.runtime.LibraryBytes.EXPORTS;
import static org.wasix4j.runtime.LibraryBytes.FUNCTIONS;
import static org.wasix4j.runtime.LibraryBytes.IMPORTS;
import static org.wasix4j.runtime.LibraryBytes.MEMORY_AND_TABLE;
import static org.wasix4j.runtime.LibraryBytes.NEEDED;
import static org.wasix4j.runtime.LibraryBytes.START;
import static org.wasix4j.runtime.LibraryBytes.TYPES;
import static org.wasix4j.runtime.LibraryBytes.body;
import static org.wasix4j.runtime.LibraryBytes.bytes;
import static org.wasix4j.runtime.LibraryBytes.dylink;
import static org.wasix4j.runtime.LibraryBytes.join;
import static org.wasix4j.runtime.LibraryBytes.memoryImport;
import static org.wasix4j.runtime.LibraryBytes.module;
import static org.wasix4j.runtime.LibraryBytes.name;
import static org.wasix4j.runtime.LibraryBytes.neededPart;
import static org.wasix4j.runtime.LibraryBytes.needs;
import static org.wasix4j.runtime.LibraryBytes.number;
import static org.wasix4j.runtime.LibraryBytes.runtimePathPart;
import static org.wasix4j.runtime.LibraryBytes.section;
import static org.wasix4j.runtime.LibraryBytes.tableImport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Limits;
import org.wasix4j.testmodules.TestModule;

/** Shared libraries that are damaged, too large, too many or not what they seem to be. */
class LibrariesTest {

    @TempDir Path lib;

    @BeforeEach
    void lay_out_the_libraries() throws Exception {
        for (String name : List.of("libfirst.so", "libsecond.so")) {
            Files.write(lib.resolve(name), TestModule.resource("libraries/" + name));
        }
    }

    private String run(Engine engine, Limits limits, String... arguments) throws Exception {
        WasixModule module = Guest.module("libraries/tries", engine);
        try (Guest guest =
                Guest.start(
                        module,
                        new byte[0],
                        settings ->
                                settings.withArguments(arguments)
                                        .withLimits(limits)
                                        .withDirectory(lib, "/lib"))) {
            ExitStatus status = guest.awaitEnd();
            String all = guest.stdout() + guest.stderr();
            assertThat(guest.process().abandonedThreads()).isZero();
            return status.shellCode() == 0 ? all : all + status;
        }
    }

    private String tries(String... arguments) throws Exception {
        return run(Engine.COMPILER, Limits.defaults(), arguments);
    }

    /** A library is tried, and then a good one: what was wrong with the first harms nobody. */
    private String tries(byte[] library) throws Exception {
        Files.write(lib.resolve("libx.so"), library);
        String said = tries("libx.so", "libfirst.so");
        assertThat(said).endsWith("\nopened libfirst.so\n");
        return said.lines().findFirst().orElseThrow();
    }

    @Test
    void a_damaged_section_is_reported_with_its_place() throws Exception {
        assertThat(tries(module(dylink(bytes(1, 100)))))
                .isEqualTo("/lib/libx.so: its section dylink.0 is damaged at byte 2");
        assertThat(tries(module(dylink(section(MEMORY_AND_TABLE, bytes(1))))))
                .contains("its section dylink.0 is damaged");
        assertThat(tries(module(dylink(section(NEEDED, bytes(1, 50, 'a'))))))
                .contains("its section dylink.0 is damaged");
        assertThat(tries(module(dylink(section(NEEDED, bytes(0xff, 0xff, 0xff, 0xff, 0x0f))))))
                .contains("its section dylink.0 is damaged");
        assertThat(tries(module(dylink(bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)))))
                .contains("its section dylink.0 is damaged");
        assertThat(tries(module(dylink(needs(0, 40, 0, 0)))))
                .contains("its section dylink.0 is damaged");
    }

    @Test
    void what_is_no_module_is_refused() throws Exception {
        assertThat(tries(bytes(1, 2, 3))).startsWith("/lib/libx.so: ");
        assertThat(tries(module())).contains("it is no shared library");
        Files.createDirectory(lib.resolve("libd.so"));
        assertThat(tries("libd.so", "/lib/libd.so")).contains("/lib/libd.so");
    }

    @Test
    void memory_and_tables_that_are_too_large_are_refused() throws Exception {
        assertThat(tries(module(dylink(needs(0xffffffffL, 0, 0, 0)))))
                .isEqualTo("/lib/libx.so: no memory for its 4294967295 bytes of data");
        assertThat(tries(module(dylink(needs(0, 0, 1_000_000_000, 0)))))
                .isEqualTo(
                        "/lib/libx.so: no room for its 1000000000 entries of the function table");
        assertThat(tries(module(dylink(needs(16, 16, 16, 16))))).isEqualTo("opened libx.so");
    }

    @Test
    void data_of_libraries_count_against_the_memory_limit() throws Exception {
        Files.write(lib.resolve("libx.so"), module(dylink(needs(100 << 20, 4, 0, 0))));
        String said =
                run(
                        Engine.COMPILER,
                        Limits.defaults().withMaxMemory(32 << 20),
                        "libx.so",
                        "libfirst.so");
        assertThat(said)
                .startsWith("/lib/libx.so: no memory for its 104857600 bytes of data\n")
                .endsWith("opened libfirst.so\n");
        assertThat(tries("libx.so")).isEqualTo("opened libx.so\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"libraries/tries", "libraries/tries-pie"})
    void a_program_is_no_library(String name) throws Exception {
        assertThat(tries(TestModule.named(name).bytes()))
                .matches("/lib/libx.so: it is (no shared library, .*|a program and no library)");
    }

    @Test
    void a_library_has_no_memory_and_no_table_of_its_own() throws Exception {
        assertThat(tries(module(dylink(needs(0, 0, 0, 0)), section(5, bytes(1, 0, 1)))))
                .contains("it has a memory of its own");
        assertThat(tries(module(dylink(needs(0, 0, 0, 0)), section(4, bytes(1, 0x70, 0, 100)))))
                .contains("it has a table of its own");
    }

    @Test
    void data_and_elements_outside_their_room_are_refused() throws Exception {
        byte[] data = section(DATA, bytes(1, 0, 0x41), bytes(0x7f), bytes(0x0b, 4, 1, 2, 3, 4));
        assertThat(
                        tries(
                                module(
                                        dylink(needs(0, 0, 0, 0)),
                                        section(IMPORTS, bytes(1), memoryImport()),
                                        data)))
                .startsWith("/lib/libx.so: ")
                .contains("out of bounds");
        assertThat(
                        tries(
                                module(
                                        dylink(needs(0, 0, 0, 0)),
                                        section(TYPES, bytes(1, 0x60, 0, 0)),
                                        section(IMPORTS, bytes(1), tableImport()),
                                        section(FUNCTIONS, bytes(1, 0)),
                                        section(
                                                ELEMENTS,
                                                bytes(1, 0, 0x41),
                                                bytes(0x7f),
                                                bytes(0x0b, 1, 0)),
                                        section(CODE, bytes(1, 2, 0, 0x0b)))))
                .startsWith("/lib/libx.so: ")
                .contains("out of bounds");
    }

    @Test
    void a_trap_in_a_constructor_ends_the_process_and_nothing_else() throws Exception {
        byte[] library =
                module(
                        dylink(needs(0, 0, 0, 0)),
                        section(TYPES, bytes(1, 0x60, 0, 0)),
                        section(FUNCTIONS, bytes(1, 0)),
                        section(EXPORTS, bytes(1), name("__wasm_call_ctors"), bytes(0, 0)),
                        section(CODE, bytes(1, 3, 0, 0, 0x0b)));
        Files.write(lib.resolve("libx.so"), library);
        assertThat(tries("libx.so")).contains("unreachable");
    }

    @Test
    void functions_of_the_linker_with_another_type_are_not_called() throws Exception {
        byte[] library =
                module(
                        dylink(needs(0, 0, 0, 0)),
                        section(TYPES, bytes(1, 0x60, 2, 0x7f, 0x7e, 0)),
                        section(FUNCTIONS, bytes(1, 0)),
                        section(
                                EXPORTS,
                                bytes(3),
                                name("__wasm_call_ctors"),
                                bytes(0, 0),
                                name("__wasm_apply_data_relocs"),
                                bytes(0, 0),
                                name("__wasix_init_tls"),
                                bytes(0, 0)),
                        section(CODE, bytes(1, 3, 0, 0, 0x0b)));
        assertThat(tries(library)).isEqualTo("opened libx.so");
    }

    @Test
    void a_function_of_another_type_is_reported_with_both_types() throws Exception {
        byte[] library =
                module(
                        dylink(needs(0, 0, 0, 0)),
                        section(TYPES, bytes(1, 0x60, 1, 0x7e, 0)),
                        section(IMPORTS, bytes(1), name("env"), name("program_add"), bytes(0, 0)));
        assertThat(tries(library))
                .startsWith("/lib/libx.so: function program_add has the type (I32,I32) -> (I32)")
                .endsWith(", not (I64) -> nil");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_missing_function_is_reported_at_once_or_when_it_is_called(Engine engine)
            throws Exception {
        Files.write(lib.resolve("liblonely.so"), TestModule.resource("libraries/liblonely.so"));
        String problem = "undefined function lonely_missing";
        assertThat(run(engine, Limits.defaults(), "liblonely.so"))
                .isEqualTo("/lib/liblonely.so: " + problem + "\n");
        assertThat(run(engine, Limits.defaults(), "call", "liblonely.so", "lonely_works"))
                .isEqualTo("called: 3\n");
        assertThat(run(engine, Limits.defaults(), "call", "liblonely.so", "lonely_fails"))
                .contains(problem + ", which /lib/liblonely.so needs");
    }

    @Test
    void imports_that_nobody_could_have_are_reported() throws Exception {
        byte[] global =
                section(
                        IMPORTS,
                        bytes(2),
                        name("env"),
                        name("strange"),
                        bytes(3, 0x7f, 0),
                        name("GOT.mem"),
                        name("nowhere"),
                        bytes(3, 0x7f, 1));
        assertThat(tries(module(dylink(needs(0, 0, 0, 0)), global)))
                .isEqualTo(
                        "/lib/libx.so: it imports env.strange, which is nothing that can be linked;"
                                + " undefined symbol nowhere");
    }

    @Test
    void a_start_function_that_calls_the_library_itself_runs() throws Exception {
        byte[] library =
                module(
                        dylink(needs(0, 0, 0, 0)),
                        section(TYPES, bytes(1, 0x60, 0, 0)),
                        section(IMPORTS, bytes(1), name("env"), name("again"), bytes(0, 0)),
                        section(FUNCTIONS, bytes(2, 0, 0)),
                        section(EXPORTS, bytes(1), name("again"), bytes(0, 2)),
                        section(START, bytes(1)),
                        section(CODE, bytes(2, 4, 0, 0x10, 0, 0x0b, 2, 0, 0x0b)));
        assertThat(tries(library)).isEqualTo("opened libx.so");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_function_of_another_module_is_not_read_from_the_table(Engine engine) throws Exception {
        byte[] library =
                module(
                        dylink(needs(0, 0, 0, 0)),
                        section(TYPES, bytes(1, 0x60, 0, 1, 0x7f)),
                        section(
                                IMPORTS,
                                bytes(2),
                                tableImport(),
                                name("GOT.func"),
                                name("_start"),
                                bytes(3, 0x7f, 1)),
                        section(FUNCTIONS, bytes(1, 0)),
                        section(EXPORTS, bytes(1), name("a"), bytes(0, 0)),
                        // table.get of the address of the program's function; drop; 7
                        section(CODE, bytes(1, 9, 0, 0x23, 0, 0x25, 0, 0x1a, 0x41, 7, 0x0b)));
        Files.write(lib.resolve("liba.so"), library);
        assertThat(run(engine, Limits.defaults(), "call", "liba.so", "a"))
                .contains("table.get reads a function of another module");
    }

    @Test
    void endless_recursion_through_two_libraries_is_a_trap() throws Exception {
        // each calls the other by an import
        Files.write(lib.resolve("liba.so"), recursive("b", "a", "libb.so"));
        Files.write(lib.resolve("libb.so"), recursive("a", "b", "liba.so"));
        assertThat(tries("call", "liba.so", "a")).contains("call stack exhausted");
    }

    private static byte[] recursive(String calls, String has, String needs) {
        return module(
                dylink(needs(0, 0, 0, 0), section(NEEDED, bytes(1), name(needs))),
                section(TYPES, bytes(1, 0x60, 0, 1, 0x7f)),
                section(IMPORTS, bytes(1), name("env"), name(calls), bytes(0, 0)),
                section(FUNCTIONS, bytes(1, 0)),
                section(EXPORTS, bytes(1), name(has), bytes(0, 1)),
                section(CODE, bytes(1, 4, 0, 0x10, 0, 0x0b)));
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_chain_of_needs_works_and_too_many_libraries_are_refused(Engine engine) throws Exception {
        int chain = engine == Engine.COMPILER ? 40 : 1010;
        for (int i = 0; i <= chain; i++) {
            write("libc" + i + ".so", i == chain ? List.of() : List.of("libc" + (i + 1) + ".so"));
        }
        assertThat(run(engine, Limits.defaults(), "libc0.so")).isEqualTo("opened libc0.so\n");
        if (engine == Engine.INTERPRETER) {
            write(
                    "libmany.so",
                    java.util.stream.IntStream.range(0, 30)
                            .mapToObj(i -> "libd" + i + ".so")
                            .toList());
            for (int i = 0; i < 30; i++) {
                write("libd" + i + ".so", List.of());
            }
            assertThat(run(engine, Limits.defaults(), "libc0.so", "libmany.so", "libd0.so"))
                    .isEqualTo(
                            "opened libc0.so\nthere are 1024 libraries already\nopened libd0.so\n");
        }
    }

    /** A library with a content of its own: the name is in it. */
    private void write(String name, List<String> needed) throws IOException {
        byte[][] names = needed.stream().map(LibraryBytes::name).toArray(byte[][]::new);
        Files.write(
                lib.resolve(name),
                module(
                        dylink(
                                needs(16, 4, 0, 0),
                                section(NEEDED, number(needed.size()), join(names))),
                        section(CUSTOM, name("own"), name(name))));
    }

    /** A library with a function that answers a number. */
    private static byte[] answers(int number, byte[]... parts) {
        return module(
                dylink(join(needs(0, 0, 0, 0), join(parts))),
                section(TYPES, bytes(1, 0x60, 0, 1, 0x7f)),
                section(FUNCTIONS, bytes(1, 0)),
                section(EXPORTS, bytes(1), name("y"), bytes(0, 0)),
                section(CODE, bytes(1), body(bytes(0x41, number))));
    }

    private String from(String folders, String name) throws Exception {
        try (Guest guest =
                Guest.start(
                        Guest.module("libraries/tries", Engine.INTERPRETER),
                        new byte[0],
                        settings ->
                                settings.withArguments("from", folders, name, "y")
                                        .withDirectory(lib, "/"))) {
            guest.awaitEnd();
            return guest.stdout() + guest.stderr();
        }
    }

    /** As ld.so(8) says: the place of each library is taken away, and the next one is found. */
    @Test
    void folders_are_searched_in_the_order_of_Linux() throws Exception {
        // what the program opens, and needs the one that is looked for
        Path needing = Files.createDirectory(lib.resolve("needing"));
        Files.write(
                needing.resolve("libx.so"),
                module(
                        dylink(
                                needs(0, 0, 0, 0),
                                neededPart("liby.so"),
                                runtimePathPart("/opt/run:$ORIGIN/near", "/last"))));
        List<String> folders =
                List.of(
                        "path/one",
                        "path/two",
                        "opt/run",
                        "needing/near",
                        "last",
                        "lib",
                        "usr/lib",
                        "usr/local/lib");
        for (int i = 0; i < folders.size(); i++) {
            Path folder = Files.createDirectories(lib.resolve(folders.get(i)));
            Files.write(folder.resolve("liby.so"), answers(i + 1));
        }
        for (int i = 0; i < folders.size(); i++) {
            assertThat(from("/path/one:/path/two", "/needing/libx.so"))
                    .as(folders.get(i))
                    .isEqualTo("called: " + (i + 1) + "\n");
            Files.delete(lib.resolve(folders.get(i)).resolve("liby.so"));
        }
        assertThat(from("/path/one:/path/two", "/needing/libx.so"))
                .isEqualTo(
                        "no library liby.so in /path/one, /path/two, /opt/run, /needing/near, /last,"
                                + " /lib, /usr/lib, /usr/local/lib, which /needing/libx.so needs\n");
    }

    @Test
    void a_name_with_a_slash_is_a_path_and_is_not_searched_for() throws Exception {
        Files.createDirectories(lib.resolve("lib/sub"));
        Files.createDirectories(lib.resolve("path"));
        Files.write(lib.resolve("lib/sub/liby.so"), answers(1));
        Files.write(lib.resolve("path/libz.so"), answers(2));
        assertThat(from("/lib", "/lib/sub/liby.so")).isEqualTo("called: 1\n");
        assertThat(from("/lib", "lib/sub/liby.so")).isEqualTo("called: 1\n");
        assertThat(from("/lib", "sub/liby.so")).isEqualTo("no library sub/liby.so\n");
        assertThat(from("/path", "./libz.so")).isEqualTo("no library ./libz.so\n");
        assertThat(from("/path", "libz.so")).isEqualTo("called: 2\n");
    }

    /** Neither by what the program says nor by what a library says. */
    @Test
    void no_search_path_leads_out_of_the_tree() throws Exception {
        Path outside = Files.createTempDirectory("outside");
        try {
            Files.write(outside.resolve("liby.so"), answers(1));
            String up = "/../../../../../../../.." + outside;
            assertThat(from(outside + ":" + up, "liby.so")).startsWith("no library liby.so in ");
            assertThat(from("", up + "/liby.so")).startsWith("no library ");
            Files.write(
                    lib.resolve("libx.so"),
                    module(
                            dylink(
                                    needs(0, 0, 0, 0),
                                    neededPart("liby.so"),
                                    runtimePathPart(outside.toString(), "$ORIGIN" + up))));
            assertThat(from("", "/libx.so")).startsWith("no library liby.so in ");
        } finally {
            Files.delete(outside.resolve("liby.so"));
            Files.delete(outside);
        }
    }

    @Test
    void a_library_outside_the_tree_is_not_found() throws Exception {
        Path outside = Files.createTempFile("lib", ".so");
        try {
            Files.write(outside, TestModule.resource("libraries/libsecond.so"));
            Files.createSymbolicLink(lib.resolve("libx.so"), outside);
            assertThat(tries("libx.so")).startsWith("no library libx.so in /lib");
            assertThat(tries("/lib/../.." + outside)).startsWith("no library");
        } finally {
            Files.delete(outside);
        }
    }

    /** Also for a program, which has nobody to report an errno to. */
    @ParameterizedTest
    @CsvSource({"true, nametoolong", "false, /etc/passwd: it is not WebAssembly"})
    void needed_names_that_lead_to_no_module_are_reported(boolean tooLong, String problem)
            throws Exception {
        String needed = tooLong ? "x".repeat(5000) : "../../../etc/passwd";
        byte[] section = dylink(needs(0, 0, 0, 0), section(NEEDED, bytes(1), name(needed)));
        // the guest has room for the beginning of a message only
        assertThat(tries(module(section))).contains(tooLong ? "/lib/xxx" : problem);
        byte[] program =
                module(
                        section,
                        section(1, bytes(1, 0x60, 0, 0)),
                        section(2, bytes(1), memoryImport()),
                        section(3, bytes(1, 0)),
                        section(7, bytes(1), name("_start"), bytes(0, 0)),
                        section(10, bytes(1, 2, 0, 0x0b)));
        assertThatThrownBy(
                        () ->
                                Guest.start(
                                        WasixModule.load("program", program),
                                        new byte[0],
                                        settings -> settings))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining(problem);
    }
}
