package org.wasix4j.system.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.system.thread.GuestThread;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CurrentThreadTest {

    private static final class Owner implements GuestThread.Owner {
        @Override
        public boolean isEnding() {
            return false;
        }

        @Override
        public boolean deliverable(GuestThread thread) {
            return false;
        }

        @Override
        public void beforePark() {}
    }

    private final ProcessTable table = new ProcessTable(new FamilyLimits(10, 10), 1);
    private final GuestThreads threads = new GuestThreads(new Owner(), 1, table);

    @Test
    void a_java_thread_runs_what_it_has_entered_last() {
        GuestThread first = threads.create();
        GuestThread second = threads.create();
        threads.enter(first);
        assertThat(threads.current()).isSameAs(first);
        assertThat(threads.current()).isSameAs(first);
        threads.enter(second);
        assertThat(threads.current()).isSameAs(second);
        threads.enter(first);
        assertThat(threads.current()).isSameAs(first);
        threads.exit();
        assertThat(threads.currentOrNull()).isNull();
        assertThat(threads.current()).isNotSameAs(first).isNotSameAs(second);
    }

    @Test
    void each_java_thread_has_its_own() throws Exception {
        GuestThread here = threads.create();
        GuestThread there = threads.create();
        threads.enter(here);
        assertThat(threads.current()).isSameAs(here);
        CompletableFuture<GuestThread> seen = new CompletableFuture<>();
        Thread other =
                new Thread(
                        () -> {
                            threads.enter(there);
                            threads.current();
                            seen.complete(threads.current());
                            threads.exit();
                        });
        other.start();
        other.join();
        assertThat(seen.get()).isSameAs(there);
        assertThat(threads.current()).isSameAs(here);
    }

    @Test
    void a_guest_thread_that_moves_to_another_java_thread_is_found_there() throws Exception {
        GuestThread moving = threads.create();
        GuestThread next = threads.create();
        threads.enter(moving);
        assertThat(threads.current()).isSameAs(moving);
        CompletableFuture<GuestThread> seen = new CompletableFuture<>();
        Thread other =
                new Thread(
                        () -> {
                            threads.enter(moving);
                            seen.complete(threads.current());
                        });
        other.start();
        other.join();
        assertThat(seen.get()).isSameAs(moving);
        threads.enter(next);
        assertThat(threads.current()).isSameAs(next);
    }
}
