package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.CodeCache;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.Guest;
import org.wasix4j.runtime.HttpClientSocket;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.testmodules.TestModule;

/** Programs that begin interpreted: what the cache gets of them, and when. */
@Timeout(120)
class InterpretedStartCacheTest {

    private static final int ATTEMPTS = 20;
    private static final String SHORT = "system/exit-return";
    private static final String WAITING = "system/block";

    private final ExitStatus expected = expected();

    @TempDir Path temp;
    private Path folder;
    private CodeCache cache;
    private int folders;

    @BeforeEach
    void openCache() throws IOException {
        folder = temp.resolve("cache" + folders++);
        cache = CodeCache.open(folder);
    }

    /** As the command loads a module. */
    private WasixModule load(String name) {
        byte[] wasm = TestModule.named(name).bytes();
        return WasixModule.loader().withCache(cache).withLazyCompilation(true).load(name, wasm);
    }

    private void assertRuns(WasixModule module) throws InterruptedException {
        try (Guest guest = Guest.start(module, new byte[0], settings -> settings)) {
            assertThat(guest.awaitEnd())
                    .isEqualTo(expected)
                    .satisfies(status -> assertThat(guest.stderr()).isEmpty());
        }
    }

    private static ExitStatus expected() {
        try (Guest guest =
                Guest.start(
                        Guest.module(SHORT, Engine.COMPILER), new byte[0], settings -> settings)) {
            return guest.awaitEnd();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** Runs a program that is over before the compiler begins; on a slow machine it is tried. */
    private Path runForMark() throws Exception {
        for (int i = 0; i < ATTEMPTS; i++) {
            assertRuns(load(SHORT));
            cache.flush();
            List<Path> files = files();
            if (files.size() == 1 && Files.size(files.get(0)) == 1) {
                return files.get(0);
            }
            openCache();
        }
        throw new AssertionError("no mark, but " + files());
    }

    private static String key(String name) {
        return ModuleImage.key(TestModule.named(name).bytes(), ModuleImage.versions());
    }

    /** Whether the cache has all classes of a module. */
    private boolean isComplete(String name) throws IOException {
        CodeFolder reader = CodeFolder.open(folder, Long.MAX_VALUE);
        try (EntryBytes entry = reader.open(key(name))) {
            if (entry == null) {
                return false;
            }
            ModuleImage.Entry read = ModuleImage.read(entry, ModuleImage.versions());
            return read != null && read.image().perClass() == 0;
        }
    }

    @Test
    void a_short_run_leaves_a_mark_the_second_an_entry_and_the_third_begins_with_it()
            throws Exception {
        Path mark = runForMark();
        Path entry = folder.resolve(key(SHORT) + ".code");
        assertThat(mark).hasFileName(key(SHORT) + "-ran.code");

        assertRuns(load(SHORT));
        cache.flush();
        assertThat(files()).contains(entry).isSubsetOf(mark, entry);
        assertThat(Files.size(entry)).isGreaterThan(TestModule.named(SHORT).bytes().length);
        await().atMost(Guest.SOON).until(() -> isComplete(SHORT));

        byte[] bytes = Files.readAllBytes(entry);
        FileTime longAgo = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(entry, longAgo);
        assertRuns(load(SHORT));
        cache.flush();
        assertThat(Files.getLastModifiedTime(entry)).isGreaterThan(longAgo);
        assertThat(entry).hasBinaryContent(bytes);
        assertThat(files()).contains(entry).isSubsetOf(mark, entry);
    }

    @Test
    void two_runs_at_once_leave_what_one_leaves() throws Exception {
        WasixModule first = load(SHORT);
        WasixModule second = load(SHORT);
        assertRuns(first);
        assertRuns(second);
        cache.flush();
        assertRuns(load(SHORT));
        cache.flush();
        await().atMost(Guest.SOON).until(() -> isComplete(SHORT));
        assertRuns(load(SHORT));
    }

    @Test
    void a_cache_that_is_gone_and_none_do_no_harm() throws Exception {
        Files.delete(folder);
        assertRuns(load(SHORT));
        cache.flush();
        assertThat(folder).doesNotExist();
        cache = null;
        assertRuns(load(SHORT));
    }

    @Test
    void an_entry_is_written_while_the_program_waits_for_its_input() throws Exception {
        WasixModule module = load(WAITING);
        try (PipedOutputStream out = new PipedOutputStream();
                Guest guest =
                        Guest.start(
                                module,
                                new PipedInputStream(out),
                                settings -> settings.withArguments("stdin"))) {
            guest.awaitFirstLine();
            await().atMost(Guest.SOON).until(() -> isComplete(WAITING));
            assertThat(guest.process().isAlive()).isTrue();

            out.write(new byte[100]);
            out.close();

            assertThat(guest.awaitEnd().shellCode()).as(guest.toString()).isZero();
        }
        assertThat(files()).hasSize(1);
        cache.flush();
        assertThat(files()).hasSize(1);
    }

    @Test
    void a_server_answers_before_while_and_when_it_is_compiled() throws Exception {
        String name = "http-hello";
        byte[] wasm = TestModule.named(name).bytes();
        WasixModule module =
                WasixModule.loader().withCache(cache).withLazyCompilation(true).load(name, wasm);
        try (Guest server =
                        Guest.start(
                                module,
                                new byte[0],
                                settings ->
                                        settings.withArguments("0", "127.0.0.1")
                                                .withNetworkPolicy(NetworkPolicy.allowAll()));
                HttpClientSocket client = new HttpClientSocket(server.port())) {
            int answers = 0;
            // what is compiled is seen between the requests; some more are made then
            for (int left = 50; left > 0; left -= isComplete(name) ? 1 : 0) {
                assertThat(client.get("/" + answers++).answer().status()).isEqualTo(200);
                try (HttpClientSocket other = new HttpClientSocket(server.port())) {
                    assertThat(other.get("/").answer().body()).contains("Hello from WASIX");
                }
            }
            assertThat(answers).isGreaterThan(50);
        }
    }
}
