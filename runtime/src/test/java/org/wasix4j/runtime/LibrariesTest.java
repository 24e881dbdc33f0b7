package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.wasm.WasmWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    private static final int MEMORY_AND_TABLE = 1;
    private static final int NEEDED = 2;
    private static final int CUSTOM = 0;
    private static final int TYPES = 1;
    private static final int IMPORTS = 2;
    private static final int FUNCTIONS = 3;
    private static final int EXPORTS = 7;
    private static final int START = 8;
    private static final int ELEMENTS = 9;
    private static final int CODE = 10;
    private static final int DATA = 11;

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

    // ---- modules, by hand

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] number(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WasmWriter.writeVarUInt32(out, (int) value);
        return out.toByteArray();
    }

    private static byte[] name(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return join(number(text.length), text);
    }

    private static byte[] section(int id, byte[]... contents) {
        byte[] all = join(contents);
        return join(bytes(id), number(all.length), all);
    }

    private static byte[] module(byte[]... sections) {
        return join(bytes(0, 'a', 's', 'm', 1, 0, 0, 0), join(sections));
    }

    private static byte[] dylink(byte[]... parts) {
        return section(CUSTOM, name("dylink.0"), join(parts));
    }

    private static byte[] needs(long memory, long memoryPower, long table, long tablePower) {
        return section(
                MEMORY_AND_TABLE,
                number(memory),
                number(memoryPower),
                number(table),
                number(tablePower));
    }

    private static byte[] memoryImport() {
        return join(name("env"), name("memory"), bytes(2, 3, 0), number(65536));
    }

    private static byte[] tableImport() {
        return join(name("env"), name("__indirect_function_table"), bytes(1, 0x70, 0, 0));
    }

    // ---- the tests

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
                .contains("calls it as (I64) -> nil");
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
        byte[][] names = needed.stream().map(LibrariesTest::name).toArray(byte[][]::new);
        Files.write(
                lib.resolve(name),
                module(
                        dylink(
                                needs(16, 4, 0, 0),
                                section(NEEDED, number(needed.size()), join(names))),
                        section(CUSTOM, name("own"), name(name))));
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
