package org.wasix4j.system.process;

import java.util.concurrent.atomic.AtomicReference;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.types.Nullable;

/** Whether a process has begun to end, and why. The first reason counts. */
public final class ProcessEnd {

    /** What is said of a guest that has no stack left. */
    public static final String STACK_EXHAUSTED =
            "call stack exhausted (Limits.withMaxStack and --max-stack set its size)";

    private final AtomicReference<ExitReason> reason = new AtomicReference<>();
    private volatile boolean begun;

    /** The call in which a thread has overflowed its stack, or null. */
    private volatile @Nullable String overflow;

    private volatile @Nullable StackOverflowError overflowCause;

    /** Whether the process has begun to end. Its reason can be known a moment later. */
    public boolean hasBegun() {
        return begun;
    }

    /** Why the process ends, or null while no reason is known. */
    public @Nullable ExitReason reason() {
        return reason.get();
    }

    /** Begins the end of a process that has not run, without a reason. */
    public void begin() {
        begun = true;
    }

    /**
     * Begins the end for a reason.
     *
     * @return whether this is the first reason
     */
    public boolean begin(ExitReason why) {
        boolean first = reason.compareAndSet(null, why);
        begun = true;
        return first;
    }

    /**
     * Begins the end because a thread has no stack left. Only notes it: to end a process takes
     * stack.
     *
     * @param where the call in which it happened
     */
    public void overflowed(String where, StackOverflowError error) {
        overflowCause = error;
        overflow = where;
        begun = true;
    }

    /** The reason that follows from a noted overflow, when there is no other; else null. */
    public @Nullable ExitReason pendingOverflow() {
        String where = overflow;
        StackOverflowError cause = overflowCause;
        return where == null || cause == null || reason.get() != null
                ? null
                : ExitReason.trapped(STACK_EXHAUSTED + ", in " + where, cause);
    }
}
