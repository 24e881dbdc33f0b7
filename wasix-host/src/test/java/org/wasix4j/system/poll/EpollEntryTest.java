package org.wasix4j.system.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.system.wait.Readiness.ERROR;
import static org.wasix4j.system.wait.Readiness.HANGUP;
import static org.wasix4j.system.wait.Readiness.READ;
import static org.wasix4j.system.wait.Readiness.READ_HANGUP;
import static org.wasix4j.system.wait.Readiness.WRITE;
import static org.wasix4j.types.EpollFlags.ERR;
import static org.wasix4j.types.EpollFlags.ET;
import static org.wasix4j.types.EpollFlags.HUP;
import static org.wasix4j.types.EpollFlags.IN;
import static org.wasix4j.types.EpollFlags.ONESHOT;
import static org.wasix4j.types.EpollFlags.OUT;
import static org.wasix4j.types.EpollFlags.RDHUP;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one descriptor in a set reports, by epoll(7). */
class EpollEntryTest {

    private static final int ALL = READ | WRITE | HANGUP | ERROR | READ_HANGUP;

    private final EpollEntry entry = new EpollEntry(5);
    private final EpollReport report = new EpollReport();

    private EpollEntry asking(int events) {
        entry.set(events, 1, 2, 3);
        return entry;
    }

    /** The events of a report, or -1 when nothing was reported. */
    private int reported(int holding) {
        report.begin(1);
        assertThat(entry.report(holding, report)).isTrue();
        return report.count() == 0 ? -1 : report.events(0);
    }

    @Test
    void what_was_asked_for_is_reported_and_errors_and_hangups_unasked() {
        assertThat(asking(IN).reportable(ALL, 0)).isEqualTo(IN | ERR | HUP);
        assertThat(asking(OUT).reportable(ALL, 0)).isEqualTo(OUT | ERR | HUP);
        assertThat(asking(RDHUP).reportable(ALL, 0)).isEqualTo(RDHUP | ERR | HUP);
        assertThat(asking(0).reportable(ALL, 0)).isEqualTo(ERR | HUP);
        assertThat(asking(IN | OUT).reportable(READ | READ_HANGUP, 0)).isEqualTo(IN);
        assertThat(asking(IN).reportable(WRITE, 0)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,2", "3,3", "4,1", "6,3", "0,1", "64,1", "66,2"})
    void who_asks_for_nothing_still_listens_for_the_end(int events, int interest) {
        assertThat(asking(events).interest()).isEqualTo(interest);
    }

    @Test
    void the_data_come_back_with_the_event() {
        asking(IN);
        assertThat(reported(READ)).isEqualTo(IN);
        assertThat(report.data(0, 0)).isEqualTo(1);
        assertThat(report.data(0, 1)).isEqualTo(2);
        assertThat(report.data(0, 2)).isEqualTo(3);
    }

    @Test
    void a_level_is_reported_as_long_as_it_holds() {
        asking(IN);
        assertThat(reported(READ)).isEqualTo(IN);
        assertThat(entry.staysReady(READ)).isTrue();
        assertThat(reported(READ)).isEqualTo(IN);
        assertThat(reported(WRITE)).isEqualTo(-1);
        assertThat(entry.staysReady(WRITE)).isFalse();
        assertThat(entry.delivered()).isZero();
    }

    @Test
    void an_edge_is_reported_once_until_it_begins_anew() {
        asking(IN | OUT | ET);
        assertThat(reported(READ)).isEqualTo(IN);
        assertThat(entry.delivered()).isEqualTo(READ);
        assertThat(reported(READ)).isEqualTo(-1);
        assertThat(entry.staysReady(READ)).isFalse();
        assertThat(reported(READ | WRITE)).isEqualTo(IN | OUT);
        assertThat(reported(READ | WRITE)).isEqualTo(-1);
        entry.rearm(READ);
        assertThat(entry.delivered()).isEqualTo(WRITE);
        assertThat(reported(READ)).as("with the room that is still there").isEqualTo(IN | OUT);
        assertThat(entry.reportable(READ, READ))
                .as("reported before, and news")
                .isEqualTo(IN | OUT);
        assertThat(entry.reportable(READ, WRITE)).isZero();
    }

    @Test
    void data_for_who_asks_for_their_end_only_are_not_heard_of_again() {
        asking(RDHUP | ET);
        assertThat(reported(READ)).isEqualTo(-1);
        assertThat(entry.delivered()).isEqualTo(READ);
        assertThat(reported(READ | READ_HANGUP)).isEqualTo(RDHUP);
        asking(IN | ET);
        assertThat(reported(WRITE)).isEqualTo(-1);
        assertThat(entry.delivered()).isZero();
    }

    @Test
    void a_oneshot_is_over_until_it_is_changed() {
        asking(IN | ONESHOT);
        assertThat(reported(READ)).isEqualTo(IN);
        assertThat(entry.interest()).isZero();
        assertThat(entry.reportable(ALL, ALL)).isZero();
        assertThat(reported(ALL)).isEqualTo(-1);
        asking(IN | ONESHOT);
        assertThat(entry.interest()).isEqualTo(READ);
        assertThat(reported(READ)).isEqualTo(IN);
    }

    @Test
    void a_change_makes_everything_news() {
        asking(IN | ET);
        assertThat(reported(READ)).isEqualTo(IN);
        asking(IN | ET);
        assertThat(entry.delivered()).isZero();
        assertThat(reported(READ)).isEqualTo(IN);
    }

    @Test
    void without_room_in_the_report_nothing_is_reported_yet() {
        asking(IN | ET | ONESHOT);
        report.begin(0);
        assertThat(entry.report(READ, report)).isFalse();
        assertThat(entry.report(WRITE, report)).as("nothing to report").isTrue();
        assertThat(reported(READ)).isEqualTo(IN);
    }
}
