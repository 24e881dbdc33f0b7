package org.wasix4j.system.fd;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Nullable;

/**
 * The last close of a socket by each thread. Rust's standard library closes the number of each
 * socket twice in a row; the second close must not hit what another thread has opened in between.
 */
final class RecentCloses {

    private final Map<GuestThread, RecentClose> byThread = new ConcurrentHashMap<>();

    /** Touched by its thread only. */
    private static final class RecentClose {
        private int fd;

        /** The number of the host call, see {@link GuestThread#syscalls}. */
        private long call;
    }

    /** Notes that a thread closes a socket, in the present host call. */
    void add(GuestThread thread, int fd) {
        RecentClose recent = byThread.computeIfAbsent(thread, t -> new RecentClose());
        recent.fd = fd;
        recent.call = thread.syscalls();
    }

    /** Whether the host call of a thread before this one closed a socket with this number. */
    boolean hasJustClosed(@Nullable GuestThread thread, int fd) {
        if (thread == null) {
            return false;
        }
        RecentClose recent = byThread.get(thread);
        return recent != null && recent.fd == fd && thread.syscalls() - recent.call <= 1;
    }

    /** Forgets a thread that has ended. */
    void forget(GuestThread thread) {
        byThread.remove(thread);
    }
}
