package org.wasix4j.system.process;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The processes of one family: a guest and all that it has started. Knows numbers, parents, groups
 * and ends; what a process is made of is no business of this class.
 *
 * <p>A process that has ended keeps its number until its parent has waited for it. A process whose
 * parent ends becomes a child of the first process. When the first process ends, all others are
 * ended, as in a container.
 *
 * <p>Lock rule: the table's own lock is held for a look-up or a change of numbers, and nothing is
 * called under it but {@link GuestThread#wake} and the raising of SIGCHLD, which does no more than
 * that: a thread that waits for a child and a signal handler see both together. Other signals are
 * raised, and processes are ended, after it was given back.
 */
public final class ProcessTable {

    /** The largest number that wasix-libc's locks can hold. */
    public static final int MAX_ID = 0x1fffffff;

    /** Asks {@link #join} for any child. */
    public static final int ANY = -1;

    private final FamilyLimits limits;

    /** Guarded by this. */
    private final Map<Integer, Entry> entries = new TreeMap<>();

    /** The number that was given last. Guarded by this. */
    private int lastId;

    /** The number of the first process. */
    private final int first;

    private final AtomicInteger threads = new AtomicInteger();

    /** No process is added any more. Guarded by this. */
    private boolean closed;

    /** A process, or what is left of one. Guarded by the table. */
    private static final class Entry {
        private final int pid;
        private int parent;
        private int group;
        private @Nullable ProcessMember member;
        private List<String> arguments = List.of();
        private @Nullable ChildStatus end;
        private @Nullable ChildStatus stop;

        /** Whether a wait has reported the present stop. */
        private boolean stopReported;

        /** By number, so that a wait costs nothing for the children of others. */
        private final Map<Integer, Entry> children = new TreeMap<>();

        /** Threads of this process that wait for a child. */
        private final Set<GuestThread> waiters = new HashSet<>();

        private Entry(int pid, int parent, int group) {
            this.pid = pid;
            this.parent = parent;
            this.group = group;
        }
    }

    /**
     * What {@link #join} found.
     *
     * @param pid the child
     * @param status what became of it
     */
    public record Joined(int pid, ChildStatus status) {}

    /**
     * A table with a place for the first process.
     *
     * @param first its number
     */
    public ProcessTable(FamilyLimits limits, int first) {
        this.limits = limits;
        this.first = first;
        this.lastId = first;
        entries.put(first, new Entry(first, 0, first));
    }

    // ---- numbers

    /** A number that no process has; threads and processes share them. */
    public synchronized int newId() {
        do {
            lastId = lastId >= MAX_ID ? 1 : lastId + 1;
        } while (entries.containsKey(lastId));
        return lastId;
    }

    /**
     * Takes one thread of what the family may have; {@link #threadEnded} gives it back.
     *
     * @throws org.wasix4j.types.ErrnoException again at the limit
     */
    public void threadBegins() {
        if (threads.incrementAndGet() > limits.threads()) {
            threads.decrementAndGet();
            throw Errno.AGAIN.exception();
        }
    }

    /** A thread is over. */
    public void threadEnded() {
        threads.decrementAndGet();
    }

    /** How many threads the family has. */
    public int threadCount() {
        return threads.get();
    }

    // ---- processes

    /**
     * A place for a child, in the group of its parent.
     *
     * @return its number, to be given to {@link #bind} or back by {@link #remove}
     * @throws org.wasix4j.types.ErrnoException again when there are too many processes, or the
     *     parent or the family has ended
     */
    public synchronized int add(int parent) {
        Entry of = entries.get(parent);
        if (closed || of == null || of.end != null || entries.size() >= limits.processes()) {
            throw Errno.AGAIN.exception();
        }
        int pid = newId();
        Entry entry = new Entry(pid, parent, of.group);
        of.children.put(pid, entry);
        entries.put(pid, entry);
        return pid;
    }

    /** Gives a place its process, or another one: exec replaces what runs under a number. */
    public void bind(int pid, ProcessMember member) {
        boolean late;
        synchronized (this) {
            Entry entry = present(pid);
            entry.member = member;
            entry.arguments = member.arguments();
            late = closed;
        }
        if (late) {
            member.kill(ExitReason.killed(Signals.KILL));
        }
    }

    /** Takes a place away whose process never ran. */
    public synchronized void remove(int pid) {
        Entry entry = entries.remove(pid);
        Entry parent = entry == null ? null : entries.get(entry.parent);
        if (parent != null) {
            parent.children.remove(pid);
        }
    }

    /**
     * A process has ended and given back what it held. Its children get the first process for a
     * parent; its own parent is woken and signalled. The end of the first process ends all others.
     *
     * @return how many others are ended by it
     */
    public int ended(int pid, ExitReason reason) {
        List<ProcessMember> others;
        ExitReason killed = ExitReason.killed(Signals.KILL);
        synchronized (this) {
            Entry entry = entries.get(pid);
            if (entry == null || entry.end != null) {
                return 0;
            }
            // first what takes heap: where there is none, nothing has happened yet
            others = new ArrayList<>(pid == first ? entries.size() : 0);
            ChildStatus status = ChildStatus.of(reason);
            Entry adopter = entries.get(first);
            if (pid != first && adopter != null) {
                adopter.children.putAll(entry.children);
            }
            entry.member = null;
            entry.stop = null;
            entry.end = status;
            if (pid == first) {
                closed = true;
                for (Entry other : entries.values()) {
                    if (other.member != null) {
                        others.add(other.member);
                    }
                }
            } else {
                adopt(entry);
                tellParent(entry);
            }
        }
        for (ProcessMember other : others) {
            other.kill(killed);
        }
        return others.size();
    }

    /** The children of a process that has ended become those of the first. */
    private void adopt(Entry orphaned) {
        for (Entry child : orphaned.children.values()) {
            child.parent = first;
            if (child.end != null) {
                tellParent(child);
            }
        }
        orphaned.children.clear();
    }

    /** The state of a child has changed: raises SIGCHLD, and wakes waiting parents. */
    private void tellParent(Entry child) {
        Entry parent = entries.get(child.parent);
        if (parent == null) {
            return;
        }
        if (parent.member != null) {
            parent.member.signal(Signals.CHLD);
        }
        parent.waiters.forEach(GuestThread::wake);
    }

    /** A process was stopped by a signal: notifies its parent. */
    public synchronized void stopped(int pid, int signal) {
        Entry entry = entries.get(pid);
        if (entry != null && entry.end == null && entry.stop == null) {
            entry.stop = ChildStatus.stopped(signal);
            entry.stopReported = false;
            tellParent(entry);
        }
    }

    /** A stopped process goes on: notifies its parent. */
    public synchronized void continued(int pid) {
        Entry entry = entries.get(pid);
        if (entry != null && entry.stop != null) {
            entry.stop = null;
            tellParent(entry);
        }
    }

    /**
     * Waits for a child, wait(2).
     *
     * @param caller the calling thread
     * @param parent the number of its process
     * @param wanted the number of a child, or {@link #ANY}
     * @param nonBlocking whether to answer at once
     * @param stops whether a child that was stopped is an answer too
     * @return what became of a child, or null when nothing has and the call must not wait
     * @throws org.wasix4j.types.ErrnoException child when there is no such child, intr when a
     *     signal is to be delivered
     */
    public @Nullable Joined join(
            GuestThread caller, int parent, int wanted, boolean nonBlocking, boolean stops) {
        caller.beginWait();
        try {
            for (; ; ) {
                synchronized (this) {
                    Joined found = look(parent, wanted, stops);
                    if (found != null || nonBlocking) {
                        return found;
                    }
                    present(parent).waiters.add(caller);
                }
                caller.resume(caller.park(GuestThread.FOREVER));
            }
        } finally {
            synchronized (this) {
                Entry entry = entries.get(parent);
                if (entry != null) {
                    entry.waiters.remove(caller);
                }
            }
        }
    }

    private @Nullable Joined look(int parent, int wanted, boolean stops) {
        boolean any = false;
        Map<Integer, Entry> children = present(parent).children;
        for (Entry child : wanted == ANY ? children.values() : one(children.get(wanted))) {
            if (child.parent != parent) {
                // to be adopted, had there been heap for it
                continue;
            }
            any = true;
            if (child.end != null) {
                entries.remove(child.pid);
                children.remove(child.pid);
                return new Joined(child.pid, child.end);
            }
            if (stops && child.stop != null && !child.stopReported) {
                child.stopReported = true;
                return new Joined(child.pid, child.stop);
            }
        }
        if (!any) {
            throw Errno.CHILD.exception();
        }
        return null;
    }

    /** The entry of a process that has not ended, or whose parent has not waited for it. */
    private Entry present(int pid) {
        Entry entry = entries.get(pid);
        if (entry == null) {
            throw new IllegalStateException("no process " + pid);
        }
        return entry;
    }

    private static List<Entry> one(@Nullable Entry entry) {
        return entry == null ? List.of() : List.of(entry);
    }

    /**
     * The parent of a process, 0 for the first.
     *
     * @throws org.wasix4j.types.ErrnoException srch when there is no such process
     */
    public synchronized int parent(int pid) {
        Entry entry = entries.get(pid);
        if (entry == null) {
            throw Errno.SRCH.exception();
        }
        return entry.parent;
    }

    /**
     * Sends a signal, kill(2): to the process of that number; with 0 to the group of the sender;
     * with -1 to all but the first process and the sender; below that to the group of the negated
     * number. Signal 0 asks only whether there is such a process. One that has ended exists, and
     * gets no signal.
     *
     * @throws org.wasix4j.types.ErrnoException srch when there is none
     */
    public void signal(int sender, int target, int signal) {
        List<ProcessMember> hit = new ArrayList<>();
        boolean found = false;
        synchronized (this) {
            int group = target == 0 ? present(sender).group : -target;
            for (Entry entry : entries.values()) {
                boolean meant =
                        target > 0
                                ? entry.pid == target
                                : target == -1
                                        ? entry.pid != first && entry.pid != sender
                                        : entry.group == group;
                if (meant) {
                    found = true;
                    if (entry.member != null) {
                        hit.add(entry.member);
                    }
                }
            }
        }
        if (!found) {
            throw Errno.SRCH.exception();
        }
        if (signal != 0) {
            hit.forEach(member -> member.signal(signal));
        }
    }

    /** All processes at this moment, by number. */
    public synchronized List<ProcessView> processes() {
        List<ProcessView> views = new ArrayList<>();
        for (Entry entry : entries.values()) {
            ProcessView.State state =
                    entry.end != null
                            ? ProcessView.State.ZOMBIE
                            : entry.stop != null
                                    ? ProcessView.State.STOPPED
                                    : ProcessView.State.RUNNING;
            views.add(
                    new ProcessView(
                            entry.pid,
                            entry.parent,
                            entry.arguments,
                            state,
                            entry.end != null ? entry.end : entry.stop));
        }
        return views;
    }
}
