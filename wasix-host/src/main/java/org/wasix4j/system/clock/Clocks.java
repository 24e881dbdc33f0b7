package org.wasix4j.system.clock;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import org.wasix4j.system.thread.FreshStack;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.Nullable;

/** The clocks of a guest, in nanoseconds; compare clock_gettime(2). */
public final class Clocks {

    /** Before any guest looks, the monotonic clock stands here, so that it is never 0 or less. */
    private static final long MONOTONIC_START = 1_000_000_000L;

    private final long origin = System.nanoTime() - MONOTONIC_START;

    /** The present time of a clock. */
    public long now(ClockId clock) {
        return switch (clock) {
            case REALTIME -> realtime();
            case MONOTONIC -> System.nanoTime() - origin;
            case PROCESS_CPUTIME -> processCpuTime();
            case THREAD_CPUTIME -> threadCpuTime();
        };
    }

    /** The resolution of a clock. */
    public long resolution(ClockId clock) {
        return switch (clock) {
            case REALTIME -> 1_000;
            case MONOTONIC, PROCESS_CPUTIME, THREAD_CPUTIME -> 1;
        };
    }

    /**
     * The {@link System#nanoTime} at which an absolute time of a clock comes; in the past when it
     * has come. Unsigned nanoseconds; what is further away than 292 years is {@link
     * GuestThread#FOREVER}.
     */
    public long deadlineAt(ClockId clock, long time) {
        if (time < 0) {
            return GuestThread.FOREVER;
        }
        long left = time - now(clock);
        return left <= 0 ? System.nanoTime() : deadlineIn(left);
    }

    /** The {@link System#nanoTime} after a relative time, unsigned nanoseconds, saturated. */
    public static long deadlineIn(long nanos) {
        if (nanos < 0) {
            return GuestThread.FOREVER;
        }
        long now = System.nanoTime();
        // nanoTime may be negative; only a sum that wraps around is out of reach
        return nanos > Long.MAX_VALUE / 2 ? GuestThread.FOREVER : now + nanos;
    }

    private static long realtime() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private static long threadCpuTime() {
        long time = Beans.get().threads().getCurrentThreadCpuTime();
        return Thread.currentThread() instanceof ReusedThread thread
                ? time - thread.timeBefore()
                : time;
    }

    /**
     * The CPU time of the calling thread of the system, in nanoseconds; 0 when no guest of this JVM
     * has asked for CPU time before, because to find out would take longer than most threads run.
     */
    public static long threadTimeSoFar() {
        Beans beans = Beans.made;
        return beans == null ? 0 : beans.threads().getCurrentThreadCpuTime();
    }

    private static long processCpuTime() {
        return Beans.get().system() instanceof com.sun.management.OperatingSystemMXBean bean
                ? bean.getProcessCpuTime()
                : System.nanoTime();
    }

    /**
     * What the JVM knows of time that was computed. It takes many classes, and few guests ask: so
     * it is made when one does, on a thread with enough stack for all of them.
     */
    private record Beans(ThreadMXBean threads, OperatingSystemMXBean system) {

        private static volatile @Nullable Beans made;

        static Beans get() {
            Beans beans = made;
            if (beans == null) {
                beans = FreshStack.call(Beans::make);
                made = beans;
            }
            return beans;
        }

        private static Beans make() {
            Beans beans =
                    new Beans(
                            ManagementFactory.getThreadMXBean(),
                            ManagementFactory.getOperatingSystemMXBean());
            // all that they initialise, they initialise now
            beans.threads.getCurrentThreadCpuTime();
            if (beans.system instanceof com.sun.management.OperatingSystemMXBean bean) {
                bean.getProcessCpuTime();
            }
            return beans;
        }
    }
}
