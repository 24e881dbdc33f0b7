package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.ChildProcess;
import org.wasix4j.testmodules.DefaultSignals;
import org.wasix4j.testmodules.TestModule;

/** Real signals to the real command, in a process of its own. */
@Timeout(120)
class InterruptsTest {

    @TempDir Path folder;

    @BeforeEach
    void there_is_a_kill() {
        assumeTrue(Path.of("/bin/kill").toFile().canExecute());
    }

    private ChildProcess start(String module, String... arguments) throws Exception {
        return start("-Xshare:auto", module, List.of(arguments));
    }

    private ChildProcess start(String jvmOption, String module, List<String> arguments)
            throws Exception {
        Optional<List<String>> prefix = DefaultSignals.prefix();
        assumeTrue(
                prefix.isPresent(),
                "signals are ignored here, and neither env nor perl can undo that");
        List<String> command = new ArrayList<>(prefix.get());
        command.addAll(ChildProcess.java());
        command.addAll(List.of("-cp", ChildProcess.classPath()));
        command.addAll(List.of(jvmOption, WasixRun.class.getName(), "--no-cache"));
        command.add(TestModule.named(module).copyTo(folder).toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("_JAVA_SR_SIGNUM");
        return ChildProcess.start(builder);
    }

    private static void kill(ChildProcess child, String signal) throws Exception {
        String pid = Long.toString(child.process().pid());
        assertThat(ChildProcess.run("/bin/kill", "-" + signal, pid)).isZero();
    }

    /** What the command said; the JVM has warnings of its own without the launcher's options. */
    private static List<String> messages(ChildProcess child) {
        return child.err().lines().filter(line -> line.startsWith("wasix-run: ")).toList();
    }

    @Test
    void the_first_signal_goes_to_the_guest_and_the_second_ends_the_command() throws Exception {
        try (ChildProcess command = start("system/signals")) {
            assertThat(command.line()).isEqualTo("waiting in sleep");
            kill(command, "INT");
            assertThat(command.line()).isEqualTo("signal 2");
            kill(command, "TERM");
            assertThat(command.awaitExit()).isEqualTo(143);
        }
    }

    @Test
    void hangup_and_user_signals_go_to_the_guest_which_goes_on() throws Exception {
        try (ChildProcess command = start("system/signals")) {
            assertThat(command.line()).isEqualTo("waiting in sleep");
            for (int i = 0; i < 2; i++) {
                kill(command, "USR1");
                assertThat(command.line()).isEqualTo("signal 10");
                kill(command, "HUP");
                assertThat(command.line()).isEqualTo("signal 1");
            }
            assertThat(command.process().isAlive()).isTrue();
        }
    }

    @Test
    void the_flight_recorder_suspends_threads_and_the_guest_gets_no_signal() throws Exception {
        String recording =
                "-XX:StartFlightRecording=settings=profile,filename="
                        + folder.resolve("recording.jfr");
        try (ChildProcess command = start(recording, "system/signals", List.of())) {
            String line = command.line();
            while (line != null && line.startsWith("[")) {
                line = command.line(); // the JVM's, about the recording
            }
            assertThat(line).as(command.toString()).isEqualTo("waiting in sleep");
            kill(command, "USR1");
            assertThat(command.line()).isEqualTo("signal 10");
        }
    }

    @Test
    void a_guest_without_a_handler_is_ended_by_a_hangup() throws Exception {
        try (ChildProcess command = start("system/block", "sleep")) {
            assertThat(command.line()).isEqualTo("waiting in sleep");
            kill(command, "HUP");
            assertThat(command.awaitExit()).isEqualTo(129);
            assertThat(messages(command)).containsExactly("wasix-run: ended by signal 1");
        }
    }

    @Test
    void a_guest_that_ends_on_a_signal_ends_the_command_with_its_own_code() throws Exception {
        try (ChildProcess command = start("system/signals", "9")) {
            assertThat(command.line()).isEqualTo("waiting in sleep");
            kill(command, "TERM");
            assertThat(command.line()).isEqualTo("signal 15");
            assertThat(command.awaitExit()).isEqualTo(9);
            assertThat(messages(command)).isEmpty();
        }
    }

    @Test
    void a_guest_without_a_handler_is_ended_by_the_first_signal() throws Exception {
        try (ChildProcess command = start("system/block", "sleep")) {
            assertThat(command.line()).isEqualTo("waiting in sleep");
            kill(command, "INT");
            assertThat(command.awaitExit()).isEqualTo(130);
            assertThat(messages(command)).containsExactly("wasix-run: ended by signal 2");
        }
    }

    /** As wasix-libc has it for a program that has set no handler: an ordinary end. */
    @Test
    void a_guest_whose_handler_is_null_is_ended_by_the_signal() throws Exception {
        try (ChildProcess command = start("system/no-handler", "empty")) {
            assertThat(command.line()).isEqualTo("waiting in sleep");
            kill(command, "TERM");
            assertThat(command.awaitExit()).isEqualTo(143);
            assertThat(messages(command)).containsExactly("wasix-run: ended by signal 15");
        }
    }

    @Test
    void a_guest_that_cannot_handle_its_signal_ends_by_it_and_says_why() throws Exception {
        try (ChildProcess command = start("system/no-handler", "type")) {
            assertThat(command.line()).isEqualTo("waiting in sleep");
            kill(command, "TERM");
            assertThat(command.awaitExit()).isEqualTo(143);
            assertThat(messages(command))
                    .containsExactly(
                            "wasix-run: the guest could not handle signal 15 (indirect call type"
                                    + " mismatch, in __wasm_signal): it is ended by it",
                            "wasix-run: ended by signal 15");
        }
    }
}
