package org.wasix4j.system.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.EpollFlags;

/** What an epoll set keeps of descriptors that are gone. */
final class EpollQueueTest {

    private static final int COUNT = 5_000;

    /** A set that keeps them all would let a guest fill the heap of the host. */
    @Test
    void a_set_for_which_nobody_waits_keeps_little_of_what_comes_and_goes() {
        Epoll set = new Epoll(MemoryBudget.unlimited());
        List<WeakReference<EventFd>> gone = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            EventFd event = new EventFd(1, false);
            set.put(Epoll.Change.ADD, 7, event, EpollFlags.IN, 0, 0, 0);
            FdTable.discard(event);
            gone.add(new WeakReference<>(event));
        }

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> {
                            System.gc();
                            assertThat(gone.stream().filter(each -> each.get() != null).count())
                                    .isLessThan(COUNT / 10);
                        });
        assertThat(set.size()).isZero();
        FdTable.discard(set);
    }

    @Test
    void those_that_stay_are_still_reported_after_many_have_gone() {
        Epoll set = new Epoll(MemoryBudget.unlimited());
        EventFd stays = new EventFd(1, false);
        set.put(Epoll.Change.ADD, 3, stays, EpollFlags.IN, 0, 0, 0);
        for (int i = 0; i < COUNT; i++) {
            EventFd event = new EventFd(1, false);
            set.put(Epoll.Change.ADD, 7, event, EpollFlags.IN, 0, 0, 0);
            FdTable.discard(event);
        }

        assertThat(set.readiness(Readiness.READ)).isEqualTo(Readiness.READ);
        assertThat(set.size()).isEqualTo(1);
        FdTable.discard(stays);
        FdTable.discard(set);
    }
}
