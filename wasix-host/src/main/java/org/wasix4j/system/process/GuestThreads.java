package org.wasix4j.system.process;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Nullable;

/**
 * The threads of a process, by number, and which guest thread the calling Java thread runs.
 * Iterating shows the threads that there are at that moment.
 */
public final class GuestThreads implements Iterable<GuestThread> {

    private final GuestThread.Owner owner;
    private final int pid;
    private final ProcessTable table;

    /** The guest thread that a Java thread runs; one for the whole family. */
    private final ThreadLocal<GuestThread> current;

    /**
     * What {@link #current} has for one Java thread, the first that asks, or null: most guests have
     * one thread, and a {@link ThreadLocal} is a look at five objects. Written by that Java thread
     * only, but for the race to be the first; who has lost that never sees its own again.
     */
    private volatile @Nullable Known first;

    private final Map<Integer, GuestThread> threads = new ConcurrentHashMap<>();

    /** Host calls of threads that are over. Guarded by this. */
    private long pastSyscalls;

    /** Whether a thread has been made that has the process's own number. Guarded by this. */
    private boolean hasFirst;

    /** A Java thread and the guest thread that it runs. */
    private static final class Known {
        private final Thread java;
        private final GuestThread guest;

        Known(Thread java, GuestThread guest) {
            this.java = java;
            this.guest = guest;
        }
    }

    /**
     * The threads of the first process of a family; there is none yet.
     *
     * @param owner the process
     * @param pid its number
     * @param table numbers and counts the threads of the family
     */
    public GuestThreads(GuestThread.Owner owner, int pid, ProcessTable table) {
        this(owner, pid, table, new ThreadLocal<>());
    }

    private GuestThreads(
            GuestThread.Owner owner,
            int pid,
            ProcessTable table,
            ThreadLocal<GuestThread> current) {
        this.owner = owner;
        this.pid = pid;
        this.table = table;
        this.current = current;
    }

    /** The threads of another process of the same family; there is none yet. */
    public GuestThreads ofRelative(GuestThread.Owner relative, int itsPid) {
        return new GuestThreads(relative, itsPid, table, current);
    }

    /**
     * The guest thread that the calling Java thread runs. A Java thread that calls a host function
     * without having been started by a runtime becomes a guest thread here.
     */
    public GuestThread current() {
        Known known = first;
        return known != null && known.java == Thread.currentThread() ? known.guest : find();
    }

    private GuestThread find() {
        GuestThread thread = current.get();
        if (thread == null) {
            thread = create();
            enter(thread);
        }
        if (first == null) {
            first = new Known(Thread.currentThread(), thread);
        }
        return thread;
    }

    /** The calling Java thread is about to run another guest thread, or none. */
    private void forget() {
        Known known = first;
        if (known != null && known.java == Thread.currentThread()) {
            first = null;
        }
    }

    /** The guest thread that the calling Java thread runs, or null when it runs none. */
    public GuestThread currentOrNull() {
        return current.get();
    }

    /**
     * A new thread with a number of its own; the first has the process's number.
     *
     * @throws org.wasix4j.types.ErrnoException again when there are too many
     */
    public synchronized GuestThread create() {
        table.threadBegins();
        for (; ; ) {
            int tid = hasFirst ? table.newId() : pid;
            hasFirst = true;
            GuestThread thread = new GuestThread(owner, tid);
            if (threads.putIfAbsent(tid, thread) == null) {
                return thread;
            }
        }
    }

    /** Makes the calling Java thread run a guest thread. */
    public void enter(GuestThread thread) {
        thread.bind();
        forget();
        current.set(thread);
    }

    /** The calling Java thread runs no guest thread any more. */
    public void exit() {
        forget();
        current.remove();
    }

    /** Takes a thread out that has ended, or that never ran. */
    public synchronized void remove(GuestThread thread) {
        if (threads.remove(thread.tid(), thread)) {
            pastSyscalls += thread.syscalls();
            table.threadEnded();
        }
    }

    /**
     * Counts a thread of another process among these. It acts for this process, which has none of
     * its own: the child of a vfork.
     */
    public void borrow(GuestThread thread) {
        threads.put(thread.tid(), thread);
    }

    /** A thread that was borrowed acts for this process no more. */
    public void giveBack(GuestThread thread) {
        threads.remove(thread.tid());
    }

    /** The thread of a number, or null. */
    public @Nullable GuestThread get(int tid) {
        return threads.get(tid);
    }

    @Override
    public Iterator<GuestThread> iterator() {
        return threads.values().iterator();
    }

    /** How many threads there are. */
    public int count() {
        return threads.size();
    }

    /** Wakes each thread wherever it waits. */
    public void wakeAll() {
        for (GuestThread thread : threads.values()) {
            thread.wake();
        }
    }

    /** How many host calls they have begun; those of running threads are near enough. */
    public synchronized long syscalls() {
        long sum = pastSyscalls;
        for (GuestThread thread : threads.values()) {
            sum += thread.syscalls();
        }
        return sum;
    }
}
