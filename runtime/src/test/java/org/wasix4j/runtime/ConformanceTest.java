package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.Ipv6;
import org.wasix4j.testmodules.TestCase;
import org.wasix4j.testmodules.TestModule;

/**
 * Every guest of the catalogue does what its json says, compiled, interpreted, and first this, then
 * that.
 */
class ConformanceTest {

    /** What the interpreter would take too long for. */
    private static final Set<String> LONG = Set.of();

    /** Guests with threads, processes, signals, waits and exceptions. */
    private static final List<String> BEGINNING =
            List.of(
                    "echo-server",
                    "files/file-scenarios",
                    "first-generation/threads/lifecycle",
                    "libraries/exceptions",
                    "libraries/forks",
                    "processes/contexts",
                    "processes/forks",
                    "processes/programs",
                    "processes/races",
                    "sockets/unix",
                    "system/exceptions",
                    "system/full-stack",
                    "system/instructions",
                    "system/short-loops",
                    "system/signals",
                    "system/tail-calls",
                    "system/trap",
                    "threads/alarm",
                    "threads/cancel",
                    "threads/ends",
                    "threads/lifecycle",
                    "waiting/epolls",
                    "waiting/polls");

    @TempDir Path temp;
    private int folders;

    @TestFactory
    Stream<DynamicNode> every_guest_does_what_is_expected_when_compiled() {
        return TestModule.all().stream().map(module -> container(module, Engine.COMPILER));
    }

    @TestFactory
    Stream<DynamicNode> every_guest_does_what_is_expected_when_interpreted() {
        return TestModule.all().stream()
                .filter(module -> !LONG.contains(module.name()))
                .map(module -> container(module, Engine.INTERPRETER));
    }

    @TestFactory
    Stream<DynamicNode> guests_do_what_is_expected_when_they_begin_interpreted() {
        return BEGINNING.stream()
                .map(TestModule::named)
                .map(module -> container(module, () -> beginning(module)));
    }

    /** Each case has a module of its own, none of which is compiled. */
    private static WasixModule beginning(TestModule module) {
        return WasixModule.loader().withLazyCompilation(true).load(module.name(), module.bytes());
    }

    private DynamicContainer container(TestModule module, Engine engine) {
        return container(module, () -> Guest.module(module.name(), engine));
    }

    private DynamicContainer container(TestModule module, Supplier<WasixModule> loaded) {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestCase test : module.cases()) {
            tests.add(DynamicTest.dynamicTest(test.name(), () -> check(loaded, test)));
        }
        return DynamicContainer.dynamicContainer(module.name(), tests);
    }

    private void check(Supplier<WasixModule> loaded, TestCase test) throws Exception {
        assumeTrue(Ipv6.isAvailable() || !test.ipv6(), "this machine has no IPv6");
        WasixModule module = loaded.get();
        Path folder = folder(test);
        try (Guest guest = Guest.start(module, test, folder);
                ScriptedPeer peer =
                        new ScriptedPeer(guest, test.ipv6() ? "::1" : "127.0.0.1", folder)) {
            peer.play(test.operations());
            if (test.server()) {
                checkServer(guest);
            } else {
                checkProgram(guest, test);
            }
        }
    }

    /** It says that it listens or waits, goes on until it is asked to end, and then ends. */
    private static void checkServer(Guest guest) throws Exception {
        guest.awaitFirstLine();
        assertThat(guest.process().isAlive()).as(guest.toString()).isTrue();
        assertThat(guest.stdout()).matches("((listening|udp) on \\S+:\\d+|waiting in \\w+)\n");
        guest.process().destroy();
        assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.KILLED);
        assertThat(guest.stderr()).isEmpty();
    }

    private static void checkProgram(Guest guest, TestCase test) throws Exception {
        ExitStatus status = guest.awaitEnd();
        test.stdout()
                .ifPresent(text -> assertThat(guest.stdout()).as(guest.toString()).isEqualTo(text));
        test.stderr()
                .ifPresent(text -> assertThat(guest.stderr()).as(guest.toString()).isEqualTo(text));
        assertThat(status.kind())
                .as("%s, %s", status, guest)
                .isEqualTo(test.trap() ? ExitStatus.Kind.TRAPPED : ExitStatus.Kind.EXITED);
        assertThat(status.shellCode()).as(status.toString()).isEqualTo(test.exitCode());
    }

    private Path folder(TestCase test) throws IOException {
        Path folder = temp.resolve(Integer.toString(folders++));
        Files.createDirectory(folder);
        test.layOut(folder);
        return folder;
    }
}
