package org.wasix4j.system.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.types.Errno;

/** Whom a signal reaches; the rest is tested with whole guests. */
class ProcessTableTest {

    private static final int USR1 = 10;

    private final ProcessTable table = new ProcessTable(FamilyLimits.defaults(), 1);
    private final List<Integer> hit = new ArrayList<>();

    private int process(int pid) {
        table.bind(
                pid,
                new ProcessMember() {
                    @Override
                    public void signal(int signal) {
                        assertThat(signal).isEqualTo(USR1);
                        hit.add(pid);
                    }

                    @Override
                    public void kill(ExitReason reason) {
                        throw new AssertionError(reason);
                    }

                    @Override
                    public List<String> arguments() {
                        return List.of();
                    }
                });
        return pid;
    }

    @Test
    void a_signal_to_everybody_leaves_out_the_sender_and_the_first_process() {
        int first = process(1);
        int second = process(table.add(first));
        int third = process(table.add(second));

        table.signal(second, -1, USR1);
        assertThat(hit).containsExactly(third);

        hit.clear();
        table.signal(first, -1, USR1);
        assertThat(hit).containsExactlyInAnyOrder(second, third);
    }

    @Test
    void a_signal_to_everybody_finds_nobody_where_there_is_only_the_sender() {
        int first = process(1);
        assertThatThrownBy(() -> table.signal(first, -1, 0)).isSameAs(Errno.SRCH.exception());
    }
}
