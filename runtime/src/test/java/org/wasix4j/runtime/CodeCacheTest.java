package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.dylibso.chicory.wasm.WasmWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.testmodules.TestCase;
import org.wasix4j.testmodules.TestModule;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CodeCacheTest {

    /** A guest that starts the programs /bin/liar and /bin/self. */
    private static final String PARENT = "processes/hostile";

    @TempDir Path temp;
    private Path folder;

    @BeforeEach
    void chooseFolder() {
        folder = temp.resolve("caches/code");
    }

    private CodeCache cache() throws IOException {
        return CodeCache.open(folder);
    }

    private WasixModule load(String guest) throws IOException {
        return WasixModule.load(guest, Guests.bytes(guest), cache());
    }

    private static Guest start(WasixModule module) {
        return Guest.start(module, new byte[0], settings -> settings);
    }

    private static ExitStatus run(WasixModule module) throws InterruptedException {
        try (Guest guest = start(module)) {
            return guest.awaitEnd();
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** The entry of a guest that is the only one in the folder. */
    private Path entry(String guest) throws IOException {
        load(guest);
        assertThat(files()).hasSize(1);
        return files().get(0);
    }

    @Test
    void a_second_load_takes_the_code_from_the_cache() throws Exception {
        Path hello = entry("hello");
        // what the guest says stands in the head of an entry, which is run, and in the module
        byte[] entry = Files.readAllBytes(hello);
        String text = new String(entry, StandardCharsets.ISO_8859_1);
        int said = text.indexOf("hello\n");
        assertThat(said).isLessThan(text.lastIndexOf("hello\n"));
        entry[said] = 'J';
        Files.write(hello, withChecksum(entry));
        try (Guest guest = start(load("hello"))) {
            assertThat(guest.awaitEnd().shellCode()).isZero();
            assertThat(guest.stdout()).isEqualTo("Jello\n");
        }
    }

    @Test
    void the_entry_of_another_module_is_not_taken_whatever_its_name() throws Exception {
        Path hello = entry("hello");
        byte[] code = Files.readAllBytes(hello);
        Files.delete(hello);
        Path exit = entry("exit");
        Files.write(exit, code);
        assertThat(run(load("exit")).shellCode()).isEqualTo(7);
        assertThat(Files.readAllBytes(exit)).isNotEqualTo(code);
    }

    private static byte[] withChecksum(byte[] entry) {
        CRC32 crc = new CRC32();
        crc.update(entry, 12, entry.length - 12);
        ByteBuffer.wrap(entry).putInt(8, (int) crc.getValue());
        return entry;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "exit",
                "unreachable",
                "out-of-bounds",
                "recursion",
                "grow",
                "threads",
                "thread-trap",
                "passive"
            })
    void a_guest_from_the_cache_ends_as_one_that_was_just_compiled(String guest) throws Exception {
        ExitStatus without;
        String output;
        try (Guest run = start(Guests.compiled(guest))) {
            without = run.awaitEnd();
            output = run.stdout() + run.stderr();
        }
        for (int i = 0; i < 2; i++) {
            try (Guest run = start(load(guest))) {
                ExitStatus with = run.awaitEnd();
                assertThat(with.kind()).isEqualTo(without.kind());
                assertThat(with.shellCode()).isEqualTo(without.shellCode());
                assertThat(with.message()).isEqualTo(without.message());
                assertThat(run.stdout() + run.stderr()).isEqualTo(output);
            }
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void a_trap_of_cached_code_names_the_function() throws Exception {
        load("unreachable");
        assertThat(run(load("unreachable")).message()).endsWith("in function 0 (boom)");
    }

    @Test
    void guests_of_the_catalogue_do_what_is_expected_from_the_cache() throws Exception {
        int run = 0;
        for (TestModule module : TestModule.all()) {
            List<TestCase> cases = module.cases().stream().filter(test -> !test.server()).toList();
            if (cases.isEmpty() || run >= 8) {
                continue;
            }
            run++;
            WasixModule.load(module.name(), module.bytes(), cache());
            WasixModule cached = WasixModule.load(module.name(), module.bytes(), cache());
            TestCase test = cases.get(0);
            Path tree = Files.createDirectory(temp.resolve("tree" + run));
            test.layOut(tree);
            try (Guest guest = Guest.start(cached, test, tree)) {
                assertThat(guest.awaitEnd().shellCode())
                        .as(guest.toString())
                        .isEqualTo(test.exitCode());
                test.stdout().ifPresent(text -> assertThat(guest.stdout()).isEqualTo(text));
            }
        }
    }

    @Test
    void a_function_that_is_too_large_to_compile_is_still_there() throws Exception {
        byte[] wasm = withHugeFunction(40_000);
        WasixModule.load("huge", wasm, cache());
        ExitStatus status = run(WasixModule.load("huge", wasm, cache()));
        assertThat(status.kind()).as(status.toString()).isEqualTo(ExitStatus.Kind.EXITED);
    }

    /** A command that counts, an instruction a step, and traps when the sum is wrong. */
    private static byte[] withHugeFunction(int steps) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(new byte[] {0, 0x41, 0});
        for (int i = 0; i < steps; i++) {
            body.writeBytes(new byte[] {0x41, 1, 0x6a});
        }
        body.write(0x41);
        WasmWriter.writeVarUInt32(body, steps);
        body.writeBytes(new byte[] {0x47, 0x04, 0x40, 0, 0x0b, 0x0b});
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.write(1);
        WasmWriter.writeVarUInt32(code, body.size());
        code.writeBytes(body.toByteArray());
        WasmWriter writer = new WasmWriter();
        writer.writeSection(1, new byte[] {1, 0x60, 0, 0});
        writer.writeSection(3, new byte[] {1, 0});
        writer.writeSection(7, new byte[] {1, 6, '_', 's', 't', 'a', 'r', 't', 0, 0});
        writer.writeSection(10, code.toByteArray());
        return writer.bytes();
    }

    @Test
    void a_damaged_entry_is_compiled_anew() throws Exception {
        Path entry = entry("exit");
        byte[] good = Files.readAllBytes(entry);
        for (int at = 0; at < good.length; at += good.length / 37 + 1) {
            byte[] damaged = good.clone();
            damaged[at] ^= 0x10;
            Files.write(entry, damaged);
            assertThat(run(load("exit")).shellCode()).as("byte %d", at).isEqualTo(7);
            assertThat(Files.readAllBytes(entry)).hasSameSizeAs(good).isNotEqualTo(damaged);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11, 12, 40, -1})
    void an_entry_cut_short_is_compiled_anew(int length) throws Exception {
        Path entry = entry("exit");
        byte[] good = Files.readAllBytes(entry);
        Files.write(entry, Arrays.copyOf(good, length < 0 ? good.length + length : length));
        assertThat(run(load("exit")).shellCode()).isEqualTo(7);
        assertThat(Files.size(entry)).isEqualTo(good.length);
    }

    @Test
    void a_folder_that_vanishes_does_not_end_the_load() throws Exception {
        CodeCache cache = cache();
        Files.delete(folder);
        assertThat(run(WasixModule.load("exit", Guests.bytes("exit"), cache)).shellCode())
                .isEqualTo(7);
    }

    @Test
    void a_module_that_cannot_run_leaves_nothing() throws Exception {
        assertThatThrownBy(() -> load("memory64")).isInstanceOf(ModuleException.class);
        assertThat(files()).isEmpty();
    }

    @Test
    void folder_and_entries_are_for_their_owner_alone() throws Exception {
        Path entry = entry("hello");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entry)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-"})
    void a_folder_that_others_can_write_is_refused(String permissions) throws Exception {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        assertThatThrownBy(this::cache)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written by others");
    }

    @Test
    void a_folder_that_others_can_exchange_is_refused() throws Exception {
        cache();
        Files.setPosixFilePermissions(
                folder.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(this::cache)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written by any user");
    }

    @Test
    void a_folder_in_one_that_a_group_can_write_is_refused_unless_it_is_the_users_own()
            throws Exception {
        cache();
        Path parent = folder.getParent();
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxrwxr-x"));
        cache();
        assumeTrue(giveToGroup(parent, "daemon"), "only root can give a folder to a group");
        assertThatThrownBy(this::cache)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written by the group daemon");
        Files.setAttribute(parent, "unix:mode", 01775);
        cache();
    }

    private static boolean giveToGroup(Path folder, String group) {
        try {
            Files.getFileAttributeView(folder, PosixFileAttributeView.class)
                    .setGroup(
                            folder.getFileSystem()
                                    .getUserPrincipalLookupService()
                                    .lookupPrincipalByGroupName(group));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void a_folder_in_one_of_somebody_else_is_refused() throws Exception {
        cache();
        assumeTrue(giveAway(folder.getParent()), "only root can give a folder away");
        assertThatThrownBy(this::cache)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to nobody");
    }

    @Test
    @Timeout(60)
    void an_entry_that_is_a_fifo_is_no_entry_and_nobody_waits() throws Exception {
        Path entry = entry("hello");
        Files.delete(entry);
        Process made = new ProcessBuilder("mkfifo", entry.toString()).start();
        assumeTrue(made.waitFor() == 0);
        assertThat(run(load("hello")).shellCode()).isZero();
        assertThat(Files.isRegularFile(entry)).isTrue();
    }

    @Test
    void a_folder_of_somebody_else_is_refused() throws Exception {
        cache();
        assumeTrue(giveAway(folder), "only root can give a folder away");
        assertThatThrownBy(this::cache)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to nobody");
        assertThat(files()).isEmpty();
    }

    private static boolean giveAway(Path folder) {
        try {
            UserPrincipal nobody =
                    folder.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("nobody");
            // whoever runs as nobody may give to nobody what is nobody's
            boolean somebodyElses = !Files.getOwner(folder).equals(nobody);
            Files.setOwner(folder, nobody);
            return somebodyElses;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void a_file_is_refused_as_a_folder() throws Exception {
        Files.createDirectories(folder.getParent());
        Files.createFile(folder);
        assertThatThrownBy(this::cache).isInstanceOf(IOException.class);
    }

    @Test
    void what_was_used_longest_ago_goes_when_there_is_too_much() throws Exception {
        Path hello = entry("hello");
        long size = Files.size(hello);
        Path exit = addedBy(() -> load("exit"));
        used(hello, 3);
        used(exit, 2);
        load("hello");
        Path grow =
                addedBy(
                        () -> {
                            CodeCache forTwo = CodeCache.open(folder, Files.size(exit) + size + 1);
                            return WasixModule.load("grow", Guests.bytes("grow"), forTwo);
                        });
        assertThat(files()).contains(grow).doesNotContain(exit);
    }

    private static void used(Path entry, int hoursAgo) throws IOException {
        Files.setLastModifiedTime(
                entry, FileTime.from(Instant.now().minusSeconds(3600L * hoursAgo)));
    }

    private Path addedBy(Callable<?> action) throws Exception {
        List<Path> before = files();
        action.call();
        List<Path> added = new ArrayList<>(files());
        added.removeAll(before);
        assertThat(added).hasSize(1);
        return added.get(0);
    }

    @Test
    void an_entry_larger_than_everything_may_be_is_not_kept() throws Exception {
        CodeCache tiny = CodeCache.open(folder, 100);
        assertThat(run(WasixModule.load("exit", Guests.bytes("exit"), tiny)).shellCode())
                .isEqualTo(7);
        assertThat(files()).isEmpty();
    }

    @Test
    void what_a_process_that_died_left_behind_is_removed() throws Exception {
        cache();
        Path old = Files.createFile(folder.resolve("old.new"));
        Path recent = Files.createFile(folder.resolve("recent.new"));
        used(old, 2);
        load("hello");
        assertThat(files()).contains(recent).doesNotContain(old);
    }

    @Test
    void threads_that_load_the_same_module_at_once_all_get_it() throws Exception {
        int threads = 6;
        CyclicBarrier together = new CyclicBarrier(threads);
        CodeCache cache = cache();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> codes = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                codes.add(
                        pool.submit(
                                () -> {
                                    together.await();
                                    byte[] wasm = Guests.bytes("exit");
                                    return run(WasixModule.load("exit", wasm, cache)).shellCode();
                                }));
            }
            for (Future<Integer> code : codes) {
                assertThat(code.get()).isEqualTo(7);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void a_guest_that_could_write_its_own_code_is_not_started() throws Exception {
        WasixModule module = load("hello");
        Path inside = Files.createDirectory(folder.resolve("inside"));
        for (Path granted : List.of(folder, inside)) {
            assertThatThrownBy(
                            () ->
                                    WasixRuntime.builder()
                                            .withDirectory(granted, "/granted")
                                            .build()
                                            .start(module))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the cache of compiled code is " + folder.toRealPath());
        }
        // where it only lies in what is granted, the guest cannot enter it: KeptPlacesTest
        for (UnaryOperator<WasixRuntime.Builder> grant :
                List.<UnaryOperator<WasixRuntime.Builder>>of(
                        settings -> settings.withDirectory(folder.getParent(), "/granted"),
                        settings -> settings.withReadOnlyDirectory(folder, "/granted"))) {
            try (Guest guest = Guest.start(module, new byte[0], grant::apply)) {
                assertThat(guest.awaitEnd().shellCode()).isZero();
            }
        }
    }

    private static WasixModule loadParent(CodeCache cache) {
        return WasixModule.load(PARENT, TestModule.named(PARENT).bytes(), cache);
    }

    @Test
    void a_program_that_a_guest_starts_is_taken_from_the_cache() throws Exception {
        Path hello = entry("hello");
        byte[] entry = Files.readAllBytes(hello);
        entry[new String(entry, StandardCharsets.ISO_8859_1).indexOf("hello\n")] = 'J';
        Files.write(hello, withChecksum(entry));
        Path programs = Files.createDirectory(temp.resolve("programs"));
        Files.write(programs.resolve("liar"), Guests.bytes("hello"));
        try (Guest guest =
                Guest.start(
                        loadParent(cache()),
                        new byte[0],
                        settings ->
                                settings.withArguments("liar", "x")
                                        .withReadOnlyDirectory(programs, "/bin"))) {
            assertThat(guest.awaitEnd().shellCode()).isZero();
            assertThat(guest.stdout()).isEqualTo("Jello\nended with 0\n");
        }
    }

    @Test
    void a_program_that_a_guest_starts_again_and_again_is_compiled_once() throws Exception {
        WasixModule parent = loadParent(cache());
        Path entry = files().get(0);
        Files.delete(entry);
        Path programs = Files.createDirectory(temp.resolve("programs"));
        Files.write(programs.resolve("self"), TestModule.named(PARENT).bytes());
        try (Guest guest =
                Guest.start(
                        parent,
                        new byte[0],
                        settings ->
                                settings.withArguments("exec", "1000000")
                                        .withReadOnlyDirectory(programs, "/bin"))) {
            // written when the first start has compiled it, and by no later one
            await().atMost(Guest.SOON).until(() -> Files.exists(entry));
            Files.delete(entry);
            long calls = guest.process().metrics().syscalls();
            await().atMost(Guest.SOON)
                    .until(() -> guest.process().metrics().syscalls() > calls + 200);
            assertThat(entry).doesNotExist();
            guest.process().destroy();
            assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.KILLED);
        }
    }
}
