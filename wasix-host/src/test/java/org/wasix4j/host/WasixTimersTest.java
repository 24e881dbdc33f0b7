package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.types.Errno;

/** setitimer in both types that are about. */
@Timeout(60)
class WasixTimersTest {

    private static final int ALRM = 14;

    private final HostHarness guest = HostHarness.create();

    @AfterEach
    void close() {
        guest.process().timers().close();
        guest.close();
    }

    private int timer(long periodSeconds, long periodMicros, long seconds, long micros) {
        int record = guest.alloc(32);
        guest.i64(record, periodSeconds).i64(record + 8, periodMicros);
        guest.i64(record + 16, seconds).i64(record + 24, micros);
        return record;
    }

    @Test
    void a_record_sets_the_first_time_and_the_period_and_tells_what_was_set() {
        int old = guest.alloc(32);
        guest.ok("proc_raise_interval2", ALRM, timer(7, 5, 100, 0), old);
        assertThat(guest.i64(old + 16)).isZero();
        guest.ok("proc_raise_interval2", ALRM, timer(0, 0, 0, 0), old);
        assertThat(guest.i64(old)).isEqualTo(7);
        assertThat(guest.i64(old + 8)).isEqualTo(5);
        assertThat(guest.i64(old + 16)).isBetween(90L, 100L);
        guest.ok("proc_raise_interval2", ALRM, timer(0, 0, 0, 0), 0);
        assertThat(guest.call("proc_raise_interval2", ALRM, timer(0, 0, 1, 1_000_000), old))
                .isEqualTo(Errno.INVAL);
        assertThat(guest.call("proc_raise_interval2", 0, timer(0, 0, 1, 0), old))
                .isEqualTo(Errno.INVAL);
    }

    @Test
    void a_time_that_is_up_raises_the_signal() {
        guest.ok("proc_raise_interval2", ALRM, 1_000_000, 0, 0);
        await().until(() -> guest.process().isEnding());
        assertThat(guest.process().exitReason()).isEqualTo(ExitReason.killed(ALRM));
    }
}
