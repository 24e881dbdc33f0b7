package org.wasix4j.system.fd;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.wasix4j.system.fd.Slots.Slot;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * The descriptors of a process. A new one gets the lowest free number; several can share one {@link
 * OpenDescription}.
 *
 * <p>Lock rule: looking a number up takes no lock. Every change is made under this table's lock,
 * which is held for a moment and never while something is opened, closed or waited for: a number is
 * freed first, then its description is closed with no lock held.
 */
public final class FdTable {

    /**
     * The largest number that the first argument of a dup may ask for, as the reference runtime.
     */
    public static final int MAX_NUMBER = 65535;

    private final int limit;
    private final FdQuota quota;
    private final Slots slots = new Slots();
    private final RecentCloses recentCloses = new RecentCloses();

    /** No number below this is free. Guarded by this. */
    private int firstFree;

    private boolean closed;

    /** Set under this, once. */
    private volatile StartingPoints places = StartingPoints.NONE;

    /** An empty table for so many descriptors, which can all be sockets. */
    public FdTable(int limit) {
        this(limit, limit);
    }

    /**
     * Creates an empty table.
     *
     * @param limit how many descriptors there can be: numbers are below it
     * @param socketLimit how many sockets there can be
     */
    public FdTable(int limit, int socketLimit) {
        this(new FdQuota(limit, socketLimit));
    }

    /** An empty table that shares what there can be with the other tables of its family. */
    public FdTable(FdQuota quota) {
        this.limit = quota.descriptorLimit();
        this.quota = quota;
    }

    /**
     * The table of a forked process: the same numbers for the same descriptions.
     *
     * @throws org.wasix4j.types.ErrnoException mfile when the family would have too many
     *     descriptors
     */
    public synchronized FdTable fork() {
        FdTable copy = new FdTable(quota);
        quota.takeDescriptors(size());
        for (int fd = 0; fd < slots.length(); fd++) {
            Slot slot = slots.get(fd);
            if (slot != null) {
                slot.description().retain();
                copy.slots.put(fd, new Slot(slot.description(), null, slot.flags()));
            }
        }
        copy.firstFree = firstFree;
        copy.places = places.retain();
        return copy;
    }

    /**
     * Makes the table what a new program is to find: closes what has FD_CLOEXEC, and opens the
     * directories of {@link #keepPlaces} again at numbers that stand for nothing. The program that
     * ran before may have closed all numbers but the first three; the new one is informed of these
     * directories all the same, and takes them to be open.
     */
    public void prepareForExec() {
        List<OpenDescription> last = new ArrayList<>();
        synchronized (this) {
            for (int fd = 0; fd < slots.length(); fd++) {
                Slot slot = slots.get(fd);
                if (slot != null && (slot.flags() & FdFlags.CLOEXEC) != 0) {
                    free(fd);
                    if (release(slot.description())) {
                        last.add(slot.description());
                    }
                }
            }
            reopenPlaces();
        }
        last.forEach(OpenDescription::close);
    }

    private void reopenPlaces() {
        for (int fd = 0; fd < places.count(); fd++) {
            OpenDescription granted = places.at(fd);
            if (granted != null && slots.get(fd) == null && !closed) {
                try {
                    quota.takeDescriptors(1);
                } catch (ErrnoException e) {
                    // paths can start there without it
                    return;
                }
                put(fd, new Slot(granted, null, 0));
            }
        }
    }

    /** How many descriptors there can be. */
    public int limit() {
        return limit;
    }

    /**
     * The description of a number.
     *
     * @throws org.wasix4j.types.ErrnoException badf when the number is not in use
     */
    public OpenDescription get(int fd) {
        OpenDescription description = find(fd);
        if (description == null) {
            throw Errno.BADF.exception();
        }
        return description;
    }

    /** The description of a number, or null. */
    public @Nullable OpenDescription find(int fd) {
        return slots.description(fd);
    }

    /**
     * Has the directories that are open now be found at their numbers for good, by {@link #place}.
     * What is opened later never gets such a number.
     */
    public synchronized void keepPlaces() {
        places = StartingPoints.of(slots.length(), this::find);
    }

    /**
     * What paths at a number start from: a directory that it stands for, else one that was granted
     * at that number, else whatever it stands for.
     *
     * @throws org.wasix4j.types.ErrnoException badf when there is nothing
     */
    public OpenDescription place(int fd) {
        OpenDescription now = find(fd);
        if (now == null || now.type() != FileType.DIRECTORY) {
            OpenDescription granted = places.at(fd);
            if (granted != null) {
                return granted;
            }
            if (now == null) {
                throw Errno.BADF.exception();
            }
        }
        return now;
    }

    /**
     * The description of a number, of a certain kind.
     *
     * @throws org.wasix4j.types.ErrnoException badf when the number is not in use, else {@code
     *     wrong} when it is of another kind
     */
    public <T extends OpenDescription> T get(int fd, Class<T> kind, Errno wrong) {
        OpenDescription description = get(fd);
        if (!kind.isInstance(description)) {
            throw wrong.exception();
        }
        return kind.cast(description);
    }

    /**
     * Gives a description the lowest free number.
     *
     * @param thread the thread that opens it, or null
     * @throws org.wasix4j.types.ErrnoException mfile at the limit; the description is then left to
     *     the caller, which closes it with {@link #discard}
     */
    public int open(@Nullable GuestThread thread, OpenDescription description) {
        return open(thread, description, 0, 0);
    }

    /**
     * Gives a description the lowest free number that is not below a minimum.
     *
     * @param flags of the descriptor, {@link FdFlags#CLOEXEC}
     */
    public synchronized int open(
            @Nullable GuestThread thread, OpenDescription description, int minimum, int flags) {
        int fd = lowestFree(Math.max(minimum, firstFree));
        quota.takeDescriptors(1);
        if (!description.isReferenced() && isSocket(description)) {
            takeSocket();
        }
        put(fd, new Slot(description, thread, flags));
        if (minimum <= firstFree) {
            firstFree = fd + 1;
        }
        return fd;
    }

    /**
     * Gives a new description the lowest free number, or closes it.
     *
     * @throws org.wasix4j.types.ErrnoException mfile at the limit
     */
    public int install(@Nullable GuestThread thread, OpenDescription description) {
        return install(thread, description, 0);
    }

    /**
     * As {@link #install(GuestThread, OpenDescription)}, with flags of the descriptor, {@link
     * FdFlags#CLOEXEC}.
     */
    public int install(@Nullable GuestThread thread, OpenDescription description, int flags) {
        try {
            return open(thread, description, 0, flags);
        } catch (Throwable e) {
            discard(description);
            throw e;
        }
    }

    /**
     * Gives two new descriptions the two lowest free numbers, or closes both.
     *
     * @return both numbers
     * @throws org.wasix4j.types.ErrnoException mfile at the limit
     */
    public int[] install(
            @Nullable GuestThread thread, OpenDescription first, OpenDescription second) {
        int[] pair = new int[2];
        int opened = 0;
        try {
            synchronized (this) {
                requireFree(2);
                pair[0] = open(thread, first);
                opened++;
                pair[1] = open(thread, second);
            }
            return pair;
        } catch (Throwable e) {
            if (opened == 0) {
                discard(first);
            } else {
                // no room in a quota for the second
                close(thread, pair[0]);
            }
            discard(second);
            throw e;
        }
    }

    private static boolean isSocket(OpenDescription description) {
        FileType type = description.type();
        return type == FileType.SOCKET_STREAM || type == FileType.SOCKET_DGRAM;
    }

    private void takeSocket() {
        try {
            quota.takeSocket();
        } catch (Throwable e) {
            quota.giveDescriptors(1);
            throw e;
        }
    }

    /** Gives one reference back; true when it was the last. */
    private boolean release(OpenDescription description) {
        boolean last = description.release();
        if (last && isSocket(description)) {
            quota.giveSocket();
        }
        return last;
    }

    /**
     * Fails when a socket could not be given a number now; a hint, to fail before a side effect.
     *
     * @throws org.wasix4j.types.ErrnoException mfile
     */
    public synchronized void requireFreeSocket() {
        quota.requireSocket();
        requireFree(1);
    }

    /**
     * Fails when so many numbers could not be given now; a hint, to fail before a side effect.
     *
     * @throws org.wasix4j.types.ErrnoException mfile
     */
    public synchronized void requireFree(int count) {
        int fd = firstFree;
        for (int i = 0; i < count; i++) {
            fd = lowestFree(fd) + 1;
        }
        quota.requireDescriptors(count);
    }

    private int lowestFree(int from) {
        if (closed) {
            throw Errno.BADF.exception();
        }
        int fd = from;
        while (slots.get(fd) != null || places.at(fd) != null) {
            fd++;
        }
        if (fd >= limit) {
            throw Errno.MFILE.exception();
        }
        return fd;
    }

    private void put(int fd, Slot slot) {
        slot.description().retain();
        slots.put(fd, slot);
    }

    /**
     * Frees a number, and closes what it stood for when that was the last; close(2).
     *
     * <p>A thread that closes a socket's number twice in a row, with no other host call between, as
     * Rust's standard library does with every socket, does not hit a descriptor that another thread
     * has opened in between.
     *
     * @throws org.wasix4j.types.ErrnoException badf when the number is not in use, or was closed
     *     just before by this thread and belongs to another thread now
     */
    public void close(@Nullable GuestThread thread, int fd) {
        OpenDescription last = null;
        boolean socket;
        synchronized (this) {
            Slot slot = slots.get(fd);
            if (slot == null || slot.opener() != thread && recentCloses.hasJustClosed(thread, fd)) {
                throw Errno.BADF.exception();
            }
            socket = isSocket(slot.description());
            free(fd);
            if (release(slot.description())) {
                last = slot.description();
            }
        }
        if (thread != null && socket) {
            recentCloses.add(thread, fd);
        }
        if (last != null) {
            last.close();
        }
    }

    /** Forgets a thread that has ended. */
    public void forget(GuestThread thread) {
        recentCloses.forget(thread);
    }

    private void free(int fd) {
        slots.clear(fd);
        quota.giveDescriptors(1);
        firstFree = Math.min(firstFree, fd);
    }

    /** Closes a description that has never got a number. */
    public static void discard(OpenDescription description) {
        description.close();
    }

    /**
     * A second number for what a number stands for: F_DUPFD.
     *
     * @param minimum the lowest number wanted
     * @throws org.wasix4j.types.ErrnoException badf, mfile
     */
    public synchronized int dup(@Nullable GuestThread thread, int fd, int minimum, int flags) {
        return open(thread, get(fd), minimum, flags);
    }

    /**
     * Makes a number stand for what another stands for; dup2(2). What it stood for before is
     * closed. The two being equal does nothing.
     *
     * @param move whether the source is freed and the target has to be in use, as preview1 has it
     * @throws org.wasix4j.types.ErrnoException badf when the source is not in use, or the target is
     *     not a number that could be
     */
    public void renumber(@Nullable GuestThread thread, int from, int to, boolean move) {
        OpenDescription last = null;
        synchronized (this) {
            Slot source = slots.get(from);
            if (source == null || to < 0 || to >= limit || closed) {
                throw Errno.BADF.exception();
            }
            if (from == to) {
                return;
            }
            Slot target = slots.get(to);
            if (move && target == null) {
                throw Errno.BADF.exception();
            }
            if (target == null) {
                quota.takeDescriptors(1);
            }
            put(to, new Slot(source.description(), thread, 0));
            if (target != null && release(target.description())) {
                last = target.description();
            }
            if (move) {
                free(from);
                source.description().release();
            }
        }
        if (last != null) {
            last.close();
        }
    }

    /** The descriptor's own flags: {@link FdFlags#CLOEXEC}. */
    public int flags(int fd) {
        Slot slot = slots.get(fd);
        if (slot == null) {
            throw Errno.BADF.exception();
        }
        return slot.flags();
    }

    /** Sets the descriptor's own flags. */
    public void flags(int fd, int flags) {
        Slot slot = slots.get(fd);
        if (slot == null) {
            throw Errno.BADF.exception();
        }
        slot.flags(flags);
    }

    /** What is open at this moment, each once. */
    public synchronized Set<OpenDescription> descriptions() {
        Set<OpenDescription> open = new LinkedHashSet<>();
        for (int fd = 0; fd < slots.length(); fd++) {
            OpenDescription description = find(fd);
            if (description != null) {
                open.add(description);
            }
        }
        return open;
    }

    /** The numbers that are in use, in order. */
    public synchronized List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (int fd = 0; fd < slots.length(); fd++) {
            if (slots.get(fd) != null) {
                numbers.add(fd);
            }
        }
        return numbers;
    }

    /** How many numbers are in use. */
    public synchronized int size() {
        return slots.size();
    }

    /** Closes everything; nothing can be opened any more. */
    public void closeAll() {
        boolean first;
        synchronized (this) {
            first = !closed;
            closed = true;
        }
        // takes nothing on the heap, which may be full, and nothing is added from here on
        Throwable failure = null;
        for (int i = 0; i < slots.length(); i++) {
            OpenDescription last = takeLast(i);
            try {
                if (last != null) {
                    last.close();
                }
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
        if (first) {
            places.close();
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure != null) {
            throw (RuntimeException) failure;
        }
    }

    /** Empties a slot; what was in it when this was its last number, else null. */
    private synchronized @Nullable OpenDescription takeLast(int number) {
        Slot slot = slots.get(number);
        if (slot == null) {
            return null;
        }
        slots.clear(number);
        quota.giveDescriptors(1);
        return release(slot.description()) ? slot.description() : null;
    }
}
