package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Limits;

/** A guest with several processes, seen from outside, and guests that mean harm with them. */
class ProcessFamilyTest {

    private static final String SELF = "/bin/self";

    private static Guest start(int processes, String... arguments) {
        return start(
                settings ->
                        settings.withArguments(arguments)
                                .withLimits(Limits.defaults().withMaxProcesses(processes)));
    }

    /** Starts the program that does what it should not, and can start itself. */
    private static Guest start(UnaryOperator<WasixRuntime.Builder> settings) {
        WasixModule module = Guest.module("processes/hostile", Engine.COMPILER);
        return Guest.start(
                module, new byte[0], builder -> settings.apply(builder.withProgram(SELF, module)));
    }

    @Test
    void the_processes_can_be_seen_and_end_together() throws Exception {
        try (Guest guest = start(10, "children")) {
            guest.awaitFirstLine();
            List<ProcessInfo> processes = guest.process().processes();
            assertThat(processes).hasSize(4);
            assertThat(processes.get(0).pid()).isEqualTo(1);
            assertThat(processes.get(0).parent()).isZero();
            assertThat(processes.subList(1, 4))
                    .allSatisfy(
                            child -> {
                                assertThat(child.parent()).isEqualTo(1);
                                assertThat(child.state()).isEqualTo(ProcessInfo.State.RUNNING);
                                assertThat(child.arguments())
                                        .containsExactly("processes/hostile", "children");
                            });
            assertThat(processes)
                    .allSatisfy(
                            each -> {
                                assertThat(each.threads()).isEqualTo(1);
                                assertThat(each.descriptors()).isEqualTo(4);
                                assertThat(each.memory()).isEqualTo(processes.get(0).memory());
                            });
            assertThat(processes.get(0).syscalls()).isGreaterThan(3);
            assertThat(processes.get(0).memory()).isPositive();
            assertThat(guest.process().metrics().descriptors()).isEqualTo(16);
            assertThat(guest.process().metrics().threads()).isEqualTo(4);
            guest.process().destroy(15);
            ExitStatus status = guest.awaitEnd();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertThat(status.signal()).isEqualTo(15);
            assertThat(guest.process().metrics().threads()).isZero();
            assertThat(guest.process().abandonedThreads()).isZero();
        }
    }

    @Test
    void the_end_of_the_first_is_the_end_of_all_with_one_notice() throws Exception {
        List<String> notices = new CopyOnWriteArrayList<>();
        ProcessListener listener =
                new ProcessListener() {
                    @Override
                    public void notice(String sentence) {
                        notices.add(sentence);
                    }
                };
        try (Guest guest =
                start(settings -> settings.withArguments("children").withListener(listener))) {
            guest.awaitFirstLine();
            guest.process().destroy();
            guest.awaitEnd();
            assertThat(notices)
                    .containsExactly("the first process has ended: 3 others are ended with it");
        }
    }

    @Test
    void threads_are_limited_over_all_processes() throws Exception {
        Limits limits = Limits.defaults().withMaxThreads(3);
        try (Guest guest =
                start(settings -> settings.withArguments("children").withLimits(limits))) {
            guest.awaitFirstLine();
            assertThat(guest.process().processes()).hasSize(3);
        }
    }

    /** The number of a line is that of the calling process, also in the child of a vfork. */
    @Test
    void each_line_of_a_trace_has_the_number_of_the_caller() throws Exception {
        Queue<String> calls = new ConcurrentLinkedQueue<>();
        try (Guest guest =
                start(
                        settings ->
                                settings.withArguments("closed")
                                        .withTracer(
                                                call ->
                                                        calls.add(
                                                                call.tid()
                                                                        + " "
                                                                        + call.spec().name())))) {
            assertThat(guest.awaitEnd().shellCode()).isZero();
        }
        assertThat(calls).contains("1 proc_spawn2", "1 proc_join").doesNotContain("2 proc_join");
        assertThat(calls).anyMatch(call -> call.startsWith("2 "));
    }

    @Test
    void a_gentle_end_ends_all_processes() throws Exception {
        try (Guest guest = start(10, "children")) {
            guest.awaitFirstLine();
            guest.process().stop(Duration.ofSeconds(5));
            assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertThat(guest.process().metrics().threads()).isZero();
        }
    }

    @Test
    void a_child_that_kills_the_first_process_ends_all() throws Exception {
        try (Guest guest = start(10, "first")) {
            ExitStatus status = guest.awaitEnd();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertThat(status.signal()).isEqualTo(9);
            assertThat(guest.process().metrics().threads()).isZero();
        }
    }

    @Test
    void a_bomb_of_forks_is_bounded() throws Exception {
        try (Guest guest = start(8, "forks")) {
            assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.EXITED);
            assertThat(guest.stdout()).isEqualTo("refused 1\n");
            assertThat(guest.process().metrics().threads()).isZero();
        }
    }

    @Test
    void a_bomb_of_spawns_is_bounded_and_ends_with_the_first_process() throws Exception {
        try (Guest guest = start(12, "spawns")) {
            assertThat(guest.awaitEnd().shellCode()).isZero();
            assertThat(guest.stdout()).isEqualTo("spawned 11\n");
            assertThat(guest.process().metrics().threads()).isZero();
        }
    }

    /** Not what asyncify would do; what is said of it, and the signal that its parent sees. */
    @ParameterizedTest
    @CsvSource({
        "c, 11, sched_yield in the middle of a fork or jump",
        "d, 11, the saved frames are damaged",
        "g, 11, the guest did not go on where it was",
        "t, 6, unreachable",
        "u, 11, proc_fork in the middle of a fork or jump",
        "v, 11, proc_fork in the middle of a fork or jump",
        "r, 11, proc_fork in the middle of a fork or jump",
        "s, 11, proc_fork in the middle of a fork or jump",
        "j, 11, stack_restore in the middle of a fork or jump"
    })
    void a_program_whose_asyncify_is_a_lie_ends_alone(String how, int signal, String message)
            throws Exception {
        WasixModule module = Guest.module("processes/hostile", Engine.COMPILER);
        WasixModule liar = Guest.module("processes/liar", Engine.COMPILER);
        try (Guest guest =
                Guest.start(
                        module,
                        new byte[0],
                        settings ->
                                settings.withArguments("liar", how)
                                        .withProgram("/bin/liar", liar))) {
            assertThat(guest.awaitEnd().shellCode()).isZero();
            assertThat(guest.stdout()).isEqualTo("ended by " + signal + "\n");
            assertThat(guest.process().metrics().threads()).isZero();
            assertThat(guest.hostErrors()).isEmpty();
        }
        try (Guest guest = Guest.start("processes/liar", how)) {
            assertThat(guest.awaitEnd().message()).contains(message);
            assertThat(guest.hostErrors()).isEmpty();
        }
    }

    /** The second has no network here, and ends with 1 by itself. */
    @ParameterizedTest
    @CsvSource({
        "first-generation/unstable-hello, 'hello from wasi_unstable\npolled\n', 0",
        "wasip1/echo-server, '', 1"
    })
    void a_program_of_another_generation_is_a_child_as_any(String program, String said, int code)
            throws Exception {
        WasixModule child = Guest.module(program, Engine.COMPILER);
        try (Guest guest =
                start(
                        settings ->
                                settings.withArguments("liar", "0")
                                        .withProgram("/bin/liar", child))) {
            assertThat(guest.awaitEnd().shellCode()).isZero();
            assertThat(guest.stdout()).isEqualTo(said + "ended with " + code + "\n");
            assertThat(guest.hostErrors()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "processes/no-asyncify, '', longjmp needs a module that was built with asyncify",
        "processes/shared, handler, longjmp to a setjmp in a signal handler"
    })
    void a_jump_that_cannot_be_ends_the_guest_with_the_reason(
            String module, String word, String message) throws Exception {
        try (Guest guest = Guest.start(module, word)) {
            ExitStatus status = guest.awaitEnd();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
            assertThat(status.message()).contains(message);
        }
    }

    /** Each ends in one of the ways that it can; none of them hangs or loses a process. */
    @ParameterizedTest
    @ValueSource(strings = {"forks", "execs", "exits"})
    void threads_that_fork_exec_and_exit_at_the_same_time_leave_nothing(String how)
            throws Exception {
        WasixModule module = Guest.module("processes/races", Engine.COMPILER);
        for (int i = 0; i < 4; i++) {
            try (Guest guest =
                    Guest.start(
                            module,
                            new byte[0],
                            settings -> settings.withArguments(how).withProgram(SELF, module))) {
                ExitStatus status = guest.awaitEnd();
                assertThat(status.kind()).isEqualTo(ExitStatus.Kind.EXITED);
                assertThat(status.shellCode()).isEqualTo(how.equals("exits") ? 7 : 0);
                assertThat(guest.stdout()).isEqualTo(how.equals("exits") ? "" : "after\n");
                assertThat(guest.process().metrics().threads()).isZero();
                assertThat(guest.process().abandonedThreads()).isZero();
                assertThat(guest.hostErrors()).isEmpty();
            }
        }
    }

    @Test
    void a_guest_that_is_destroyed_while_it_starts_programs_ends() throws Exception {
        for (int i = 0; i < 8; i++) {
            try (Guest guest = start(settings -> settings.withArguments("exec", "100000"))) {
                int calls = 60 * i;
                await().atMost(Guest.SOON)
                        .until(() -> guest.process().metrics().syscalls() >= calls);
                guest.process().destroy();
                assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.KILLED);
                assertThat(guest.process().metrics().threads()).isZero();
            }
        }
    }

    @Test
    void memory_is_limited_over_all_processes() throws Exception {
        Limits limits = Limits.defaults().withMaxMemory(8 << 20);
        try (Guest guest =
                start(settings -> settings.withArguments("zombies").withLimits(limits))) {
            // children that end give back what they had; all of them at once do not fit
            guest.awaitEnd();
            assertThat(guest.process().metrics().threads()).isZero();
        }
    }

    @Test
    void a_program_needs_an_absolute_path() {
        WasixModule module = Guest.module("processes/hostile", Engine.COMPILER);
        assertThatThrownBy(() -> WasixRuntime.builder().withProgram("bin/sh", module))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bin/sh");
    }
}
