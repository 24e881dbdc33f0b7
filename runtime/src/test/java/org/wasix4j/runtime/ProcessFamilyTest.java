package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasix4j.policy.Limits;

/** A guest with several processes, seen from outside, and guests that mean harm with them. */
class ProcessFamilyTest {

    private static final String SELF = "/bin/self";

    private static Guest start(int processes, String... arguments) {
        WasixModule module = Guest.module("processes/hostile", Engine.COMPILER);
        return Guest.start(
                module,
                new byte[0],
                settings ->
                        settings.withArguments(arguments)
                                .withProgram(SELF, module)
                                .withLimits(Limits.defaults().withMaxProcesses(processes)));
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
                            });
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

    @Test
    void memory_is_limited_over_all_processes() throws Exception {
        WasixModule module = Guest.module("processes/hostile", Engine.COMPILER);
        Limits limits = Limits.defaults().withMaxMemory(8 << 20);
        try (Guest guest =
                Guest.start(
                        module,
                        new byte[0],
                        settings -> settings.withArguments("zombies").withLimits(limits))) {
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
