package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.TestModule;

/** Real signals to the real command, in a process of its own. */
@Timeout(120)
class InterruptsTest {

    @TempDir Path folder;

    @BeforeEach
    void there_is_a_kill() {
        assumeTrue(Path.of("/bin/kill").toFile().canExecute());
    }

    private Process start(String module, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("-Xshare:auto", WasixRun.class.getName(), "--no-cache"));
        command.add(TestModule.named(module).copyTo(folder).toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    private static void kill(Process process, String signal) throws Exception {
        Process kill =
                new ProcessBuilder("/bin/kill", "-" + signal, Long.toString(process.pid()))
                        .inheritIO()
                        .start();
        assertThat(kill.waitFor()).isZero();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** What the command said; the JVM has warnings of its own without the launcher's options. */
    private static List<String> told(Process process) {
        return process.errorReader()
                .lines()
                .filter(line -> line.startsWith("wasix-run: "))
                .toList();
    }

    @Test
    void the_first_signal_goes_to_the_guest_and_the_second_ends_the_command() throws Exception {
        Process command = start("system/signals");
        try (BufferedReader out = command.inputReader()) {
            assertThat(out.readLine()).isEqualTo("waiting in sleep");
            kill(command, "INT");
            assertThat(out.readLine()).isEqualTo("signal 2");
            kill(command, "TERM");
            assertThat(exitCode(command)).isEqualTo(143);
        } finally {
            command.destroyForcibly();
        }
    }

    @Test
    void hangup_and_user_signals_go_to_the_guest_which_goes_on() throws Exception {
        Process command = start("system/signals");
        try (BufferedReader out = command.inputReader()) {
            assertThat(out.readLine()).isEqualTo("waiting in sleep");
            for (int i = 0; i < 2; i++) {
                kill(command, "USR1");
                assertThat(out.readLine()).isEqualTo("signal 10");
                kill(command, "HUP");
                assertThat(out.readLine()).isEqualTo("signal 1");
            }
            assertThat(command.isAlive()).isTrue();
        } finally {
            command.destroyForcibly();
        }
    }

    @Test
    void a_guest_without_a_handler_is_ended_by_a_hangup() throws Exception {
        Process command = start("system/block", "sleep");
        try (BufferedReader out = command.inputReader()) {
            assertThat(out.readLine()).isEqualTo("waiting in sleep");
            kill(command, "HUP");
            assertThat(exitCode(command)).isEqualTo(129);
            assertThat(told(command)).containsExactly("wasix-run: ended by signal 1");
        } finally {
            command.destroyForcibly();
        }
    }

    @Test
    void a_guest_that_ends_on_a_signal_ends_the_command_with_its_own_code() throws Exception {
        Process command = start("system/signals", "9");
        try (BufferedReader out = command.inputReader()) {
            assertThat(out.readLine()).isEqualTo("waiting in sleep");
            kill(command, "TERM");
            assertThat(out.readLine()).isEqualTo("signal 15");
            assertThat(exitCode(command)).isEqualTo(9);
            assertThat(told(command)).isEmpty();
        } finally {
            command.destroyForcibly();
        }
    }

    @Test
    void a_guest_without_a_handler_is_ended_by_the_first_signal() throws Exception {
        Process command = start("system/block", "sleep");
        try (BufferedReader out = command.inputReader()) {
            assertThat(out.readLine()).isEqualTo("waiting in sleep");
            kill(command, "INT");
            assertThat(exitCode(command)).isEqualTo(130);
            assertThat(told(command)).containsExactly("wasix-run: ended by signal 2");
        } finally {
            command.destroyForcibly();
        }
    }

    @Test
    void a_guest_that_cannot_handle_its_signal_ends_by_it_and_says_why() throws Exception {
        Process command = start("system/no-handler", "empty");
        try (BufferedReader out = command.inputReader()) {
            assertThat(out.readLine()).isEqualTo("waiting in sleep");
            kill(command, "TERM");
            assertThat(exitCode(command)).isEqualTo(143);
            assertThat(told(command))
                    .containsExactly(
                            "wasix-run: the guest could not handle signal 15 (uninitialized"
                                    + " element 0, in __wasm_signal): it ends by it",
                            "wasix-run: ended by signal 15");
        } finally {
            command.destroyForcibly();
        }
    }
}
