package org.wasix4j.system.net;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * Threads that wait for room in the full queues of unix listeners in this JVM: nothing else reports
 * it. A listener is known by the key of its file.
 *
 * <p>Lock rule: the monitor guards the table and is held for a look-up; waiters are woken after it.
 */
final class QueueRoomWaiters {

    private final Map<Object, Deque<Runnable>> waiting = new HashMap<>();

    /** Whether a thread waits, so that listeners need not look. */
    private volatile boolean any;

    /** Adds a waiter that is woken when there may be room, until {@link #leave}. */
    synchronized void await(@Nullable Object file, Runnable wake) {
        waiting.computeIfAbsent(file, key -> new ArrayDeque<>()).add(wake);
        any = true;
    }

    /** Removes a waiting thread. */
    synchronized void leave(@Nullable Object file, Runnable wake) {
        Deque<Runnable> all = waiting.get(file);
        if (all != null && all.remove(wake) && all.isEmpty()) {
            waiting.remove(file);
        }
        any = !waiting.isEmpty();
    }

    /** There is room for one. */
    void madeOne(@Nullable Object file) {
        if (any) {
            Runnable first = next(file);
            if (first != null) {
                first.run();
            }
        }
    }

    /** The longest waiting; the last then, in case it has no use for it. */
    private synchronized @Nullable Runnable next(@Nullable Object file) {
        Deque<Runnable> all = waiting.get(file);
        if (all == null) {
            return null;
        }
        Runnable first = all.remove();
        all.add(first);
        return first;
    }

    /** The listener has been closed. */
    void gone(@Nullable Object file) {
        if (any) {
            List<Runnable> all;
            synchronized (this) {
                all = List.copyOf(waiting.getOrDefault(file, new ArrayDeque<>()));
            }
            all.forEach(Runnable::run);
        }
    }
}
