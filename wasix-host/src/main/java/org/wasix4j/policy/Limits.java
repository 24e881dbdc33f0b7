package org.wasix4j.policy;

import java.time.Duration;
import org.wasix4j.types.Nullable;

/**
 * Limits of a guest, for all its processes together. Immutable; start from {@link #defaults}.
 *
 * @param maxMemory bytes of linear memory, tables, files in memory, open directory listings, pipes,
 *     socket pairs and what else a guest makes large on the heap together, or 0 for the module's
 *     own maximum; growing beyond it fails as the guest expects it. What is on the heap takes a
 *     quarter of it at most, and its first 64 KiB are free
 * @param maxDescriptors open descriptors, beyond which calls answer {@code mfile}
 * @param maxSockets open sockets, beyond which calls answer {@code mfile} too
 * @param maxThreads guest threads, beyond which creating one answers {@code again}
 * @param maxProcesses processes of the guest, those that have ended and were not waited for among
 *     them, beyond which starting one answers {@code again}
 * @param maxStack bytes of Java stack that the first thread of each process has, at least 1 MiB;
 *     the other threads have an eighth, at least 2 MiB. The calls of a guest take room there,
 *     beside what its compiler put into linear memory, and when it is full the guest traps with
 *     {@code call stack exhausted}
 * @param timeout how long the guest may run by the wall clock, or null for no limit
 */
public record Limits(
        long maxMemory,
        int maxDescriptors,
        int maxSockets,
        int maxThreads,
        int maxProcesses,
        long maxStack,
        @Nullable Duration timeout) {

    private static final long LEAST_STACK = 1L << 20;

    /**
     * {@return the module's own memory limit, 65536 descriptors, which can all be sockets, 4096
     * threads, 64 processes, a stack of 16 MiB, no timeout}
     */
    public static Limits defaults() {
        return new Limits(0, 65536, 65536, 4096, 64, 16L << 20, null);
    }

    /**
     * Checks the limits.
     *
     * @param maxMemory bytes of linear memory, tables, files in memory, open directory listings,
     *     pipes and socket pairs together, or 0 for the module's own maximum; growing beyond it
     *     fails as the guest expects it. What is on the heap takes a quarter of it at most, and its
     *     first 64 KiB are free
     * @param maxDescriptors open descriptors, beyond which calls answer {@code mfile}
     * @param maxSockets open sockets, beyond which calls answer {@code mfile} too
     * @param maxThreads guest threads, beyond which creating one answers {@code again}
     * @param maxProcesses processes of the guest, those that have ended and were not waited for
     *     among them, beyond which starting one answers {@code again}
     * @param maxStack bytes of Java stack that the first thread of each process has, at least 1
     *     MiB; the other threads have an eighth, at least 2 MiB
     * @param timeout how long the guest may run by the wall clock, or null for no limit
     */
    public Limits {
        require("memory", maxMemory, 0);
        require("descriptors", maxDescriptors, 1);
        require("sockets", maxSockets, 0);
        require("threads", maxThreads, 1);
        require("processes", maxProcesses, 1);
        require("stack", maxStack, LEAST_STACK);
        if (timeout != null && (timeout.isZero() || timeout.isNegative())) {
            throw new IllegalArgumentException("the timeout is not positive");
        }
    }

    private static void require(String what, long limit, long least) {
        if (limit < least) {
            throw new IllegalArgumentException(
                    "the limit of " + what + " is " + limit + ", the least is " + least);
        }
    }

    /**
     * {@return these limits with another memory limit, in bytes}
     *
     * @param bytes the limit in bytes; 0 for that of the module
     */
    public Limits withMaxMemory(long bytes) {
        return new Limits(
                bytes, maxDescriptors, maxSockets, maxThreads, maxProcesses, maxStack, timeout);
    }

    /**
     * {@return these limits with another limit of descriptors}
     *
     * @param count the limit
     */
    public Limits withMaxDescriptors(int count) {
        return new Limits(
                maxMemory, count, maxSockets, maxThreads, maxProcesses, maxStack, timeout);
    }

    /**
     * {@return these limits with another limit of sockets; 0 allows none}
     *
     * @param count the limit
     */
    public Limits withMaxSockets(int count) {
        return new Limits(
                maxMemory, maxDescriptors, count, maxThreads, maxProcesses, maxStack, timeout);
    }

    /**
     * {@return these limits with another limit of threads}
     *
     * @param count the limit
     */
    public Limits withMaxThreads(int count) {
        return new Limits(
                maxMemory, maxDescriptors, maxSockets, count, maxProcesses, maxStack, timeout);
    }

    /**
     * {@return these limits with another limit of processes; 1 allows only the first}
     *
     * @param count the limit
     */
    public Limits withMaxProcesses(int count) {
        return new Limits(
                maxMemory, maxDescriptors, maxSockets, maxThreads, count, maxStack, timeout);
    }

    /**
     * With another limit of the stack.
     *
     * @param bytes the Java stack of the first thread of each process, at least 1 MiB; the other
     *     threads have an eighth, at least 2 MiB. Only what a guest uses of it takes memory
     * @return a changed copy
     */
    public Limits withMaxStack(long bytes) {
        return new Limits(
                maxMemory, maxDescriptors, maxSockets, maxThreads, maxProcesses, bytes, timeout);
    }

    /**
     * {@return these limits with another timeout; null for none}
     *
     * @param duration how long the guest may run, or null
     */
    public Limits withTimeout(@Nullable Duration duration) {
        return new Limits(
                maxMemory,
                maxDescriptors,
                maxSockets,
                maxThreads,
                maxProcesses,
                maxStack,
                duration);
    }
}
