package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;

/** The time of a guest is up while there is no heap left: it ends in time all the same. */
class FullHeapTest {

    /** Long enough for the heap to be full before it is over, also on a busy machine. */
    private static final Duration TIME = Duration.ofSeconds(8);

    @TempDir Path temp;

    @Test
    @Timeout(120)
    void guests_end_in_time_while_the_heap_is_full() throws Exception {
        try (ForkedJvm jvm =
                ForkedJvm.start(
                        temp,
                        "exec",
                        List.of("-Xmx40m", "-XX:+UseSerialGC"),
                        Child.class.getName())) {
            assertThat(jvm.awaitExit()).as(jvm.toString()).isZero();
            assertThat(jvm.out().lines())
                    .as(jvm.toString())
                    .containsExactly(
                            "loop: in time",
                            "calls: in time",
                            "accept: in time",
                            "sleep: in time",
                            "poll: in time",
                            "futex: in time");
        }
    }

    /** In the JVM with little heap. */
    static final class Child {

        /** What the guest's libc exits with when it gets no arguments. */
        private static final int EX_OSERR = 71;

        private static final List<String> WAYS =
                List.of("loop", "calls", "accept", "sleep", "poll", "futex");

        private Child() {}

        public static void main(String[] args) throws Exception {
            WasixModule module = Guest.module("system/block", Engine.COMPILER);
            List<WasixProcess> guests = new ArrayList<>();
            long start = System.nanoTime();
            for (String way : WAYS) {
                guests.add(
                        WasixRuntime.builder()
                                .withArguments(way)
                                .withNetworkPolicy(NetworkPolicy.allowAll())
                                .withStdout(OutputStream.nullOutputStream())
                                .withLimits(Limits.defaults().withTimeout(TIME))
                                .build()
                                .start(module));
            }
            long[] ended = new long[guests.size()];
            boolean began = guests.stream().allMatch(WasixProcess::isAlive);
            Object kept = fill();
            long filled = System.nanoTime();
            // the guests have 2 s to leave; nothing here takes heap
            long due = Math.max(filled, start + TIME.toNanos());
            long until = due + 30_000_000_000L;
            boolean alive = true;
            while (alive && System.nanoTime() < until) {
                alive = false;
                for (int i = 0; i < ended.length; i++) {
                    if (ended[i] == 0 && !guests.get(i).isAlive()) {
                        ended[i] = System.nanoTime();
                    }
                    alive |= ended[i] == 0;
                }
                LockSupport.parkNanos(1_000_000);
            }
            kept = kept == null ? "" : null;
            if (!began) {
                System.out.println("a guest ended before the heap was filled");
            }
            for (int i = 0; i < ended.length; i++) {
                long late = ended[i] - due;
                System.out.println(
                        WAYS.get(i)
                                + ": "
                                + (ended[i] == 0
                                        ? "has not ended"
                                        : isExpected(guests.get(i).waitFor())
                                                ? late < 10_000_000_000L
                                                        ? "in time"
                                                        : "late by " + late / 1_000_000 + " ms"
                                                : guests.get(i).waitFor()));
            }
            System.exit(kept == null ? 0 : 1);
        }

        /**
         * By its time, or before by want of heap for a call that it made: a trap, or an errno, with
         * which this guest ends by itself, or its libc with the code for a start that fails. On a
         * busy machine it may not have come to its wait.
         */
        private static boolean isExpected(ExitStatus status) {
            return status.kind() == ExitStatus.Kind.TIMED_OUT
                    || status.kind() == ExitStatus.Kind.TRAPPED
                    || status.kind() == ExitStatus.Kind.EXITED
                            && (status.code() == 1 || status.code() == EX_OSERR);
        }

        /** Takes the whole heap, down to what an object takes; answers what holds it. */
        private static Object fill() {
            Object[] last = null;
            for (int size = 1 << 16; size >= 2; size /= 32) {
                try {
                    for (; ; ) {
                        Object[] more = new Object[size];
                        more[0] = last;
                        last = more;
                    }
                } catch (OutOfMemoryError e) {
                    // the next smaller size
                }
            }
            return last;
        }
    }
}
