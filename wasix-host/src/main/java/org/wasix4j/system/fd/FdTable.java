package org.wasix4j.system.fd;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;

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
    private volatile AtomicReferenceArray<Slot> slots = new AtomicReferenceArray<>(16);

    /** No number below this is free. Guarded by this. */
    private int firstFree;

    private boolean closed;

    /** By number: what paths start from there, whatever it stands for. Set under this, once. */
    private volatile OpenDescription[] places = {};

    private final Map<GuestThread, RecentClose> recentCloses = new ConcurrentHashMap<>();

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
        AtomicReferenceArray<Slot> now = slots;
        quota.takeDescriptors(size());
        AtomicReferenceArray<Slot> copied = new AtomicReferenceArray<>(now.length());
        for (int i = 0; i < now.length(); i++) {
            Slot slot = now.get(i);
            if (slot != null) {
                slot.description.retain();
                copied.set(i, new Slot(slot.description, null, slot.flags));
            }
        }
        copy.slots = copied;
        copy.firstFree = firstFree;
        copy.places = places;
        for (OpenDescription place : copy.places) {
            if (place != null) {
                place.retain();
            }
        }
        return copy;
    }

    /** Closes what is not to be seen by a new program: FD_CLOEXEC. */
    public void closeForExec() {
        List<OpenDescription> last = new ArrayList<>();
        synchronized (this) {
            AtomicReferenceArray<Slot> now = slots;
            for (int i = 0; i < now.length(); i++) {
                Slot slot = now.get(i);
                if (slot != null && (slot.flags & FdFlags.CLOEXEC) != 0) {
                    free(i);
                    if (release(slot.description)) {
                        last.add(slot.description);
                    }
                }
            }
        }
        last.forEach(OpenDescription::close);
    }

    /** A number in use: immutable but for the descriptor's flags. */
    private static final class Slot {
        private final OpenDescription description;
        private final GuestThread opener;
        private volatile int flags;

        private Slot(OpenDescription description, GuestThread opener, int flags) {
            this.description = description;
            this.opener = opener;
            this.flags = flags;
        }
    }

    /** The last close of a socket by a thread; touched by that thread only. */
    private static final class RecentClose {
        private int fd;

        /** The number of the host call, see {@link GuestThread#syscalls}. */
        private long call;
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
    public OpenDescription find(int fd) {
        Slot slot = slot(fd);
        return slot == null ? null : slot.description;
    }

    /**
     * Has the directories that are open now be found at their numbers for good, by {@link #place}.
     *
     * <p>The C library of a guest opens every absolute path at the number of a granted directory.
     * Its program does not know of that, and takes the number for itself, as a shell does with
     * {@code exec 3>file}. What is opened later never gets such a number.
     */
    public synchronized void keepPlaces() {
        OpenDescription[] kept = new OpenDescription[slots.length()];
        for (int fd = 0; fd < kept.length; fd++) {
            OpenDescription description = find(fd);
            if (description != null && description.type() == FileType.DIRECTORY) {
                description.retain();
                kept[fd] = description;
            }
        }
        places = kept;
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
            if (isPlace(fd)) {
                return places[fd];
            }
            if (now == null) {
                throw Errno.BADF.exception();
            }
        }
        return now;
    }

    private boolean isPlace(int fd) {
        return fd >= 0 && fd < places.length && places[fd] != null;
    }

    private Slot slot(int fd) {
        AtomicReferenceArray<Slot> now = slots;
        return fd < 0 || fd >= now.length() ? null : now.get(fd);
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
     *     the caller, who closes it with {@link #discard}
     */
    public int open(GuestThread thread, OpenDescription description) {
        return open(thread, description, 0, 0);
    }

    /**
     * Gives a description the lowest free number that is not below a minimum.
     *
     * @param flags of the descriptor, {@link FdFlags#CLOEXEC}
     */
    public synchronized int open(
            GuestThread thread, OpenDescription description, int minimum, int flags) {
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
    public int install(GuestThread thread, OpenDescription description) {
        return install(thread, description, 0);
    }

    /**
     * As {@link #install(GuestThread, OpenDescription)}, with flags of the descriptor, {@link
     * FdFlags#CLOEXEC}.
     */
    public int install(GuestThread thread, OpenDescription description, int flags) {
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
    public int[] install(GuestThread thread, OpenDescription first, OpenDescription second) {
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
        AtomicReferenceArray<Slot> now = slots;
        int fd = from;
        while (fd < now.length() && now.get(fd) != null || isPlace(fd)) {
            fd++;
        }
        if (fd >= limit) {
            throw Errno.MFILE.exception();
        }
        return fd;
    }

    private void put(int fd, Slot slot) {
        slot.description.retain();
        AtomicReferenceArray<Slot> now = slots;
        if (fd >= now.length()) {
            int length = Math.max(fd + 1, now.length() * 2);
            AtomicReferenceArray<Slot> grown = new AtomicReferenceArray<>(length);
            for (int i = 0; i < now.length(); i++) {
                grown.set(i, now.get(i));
            }
            grown.set(fd, slot);
            slots = grown;
        } else {
            now.set(fd, slot);
        }
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
    public void close(GuestThread thread, int fd) {
        OpenDescription last = null;
        boolean socket;
        synchronized (this) {
            Slot slot = slot(fd);
            if (slot == null || slot.opener != thread && hasJustClosed(thread, fd)) {
                throw Errno.BADF.exception();
            }
            socket = isSocket(slot.description);
            free(fd);
            if (release(slot.description)) {
                last = slot.description;
            }
        }
        if (thread != null && socket) {
            RecentClose recent = recentCloses.computeIfAbsent(thread, t -> new RecentClose());
            recent.fd = fd;
            recent.call = thread.syscalls();
        }
        if (last != null) {
            last.close();
        }
    }

    /** Whether the host call of a thread before this one closed a socket with this number. */
    private boolean hasJustClosed(GuestThread thread, int fd) {
        RecentClose recent = thread == null ? null : recentCloses.get(thread);
        return recent != null && recent.fd == fd && thread.syscalls() - recent.call <= 1;
    }

    /** Forgets a thread that has ended. */
    public void forget(GuestThread thread) {
        recentCloses.remove(thread);
    }

    private void free(int fd) {
        slots.set(fd, null);
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
    public synchronized int dup(GuestThread thread, int fd, int minimum, int flags) {
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
    public void renumber(GuestThread thread, int from, int to, boolean move) {
        OpenDescription last = null;
        synchronized (this) {
            Slot source = slot(from);
            if (source == null || to < 0 || to >= limit || closed) {
                throw Errno.BADF.exception();
            }
            if (from == to) {
                return;
            }
            Slot target = slot(to);
            if (move && target == null) {
                throw Errno.BADF.exception();
            }
            if (target == null) {
                quota.takeDescriptors(1);
            }
            put(to, new Slot(source.description, thread, 0));
            if (target != null && release(target.description)) {
                last = target.description;
            }
            if (move) {
                free(from);
                source.description.release();
            }
        }
        if (last != null) {
            last.close();
        }
    }

    /** The descriptor's own flags: {@link FdFlags#CLOEXEC}. */
    public int flags(int fd) {
        Slot slot = slot(fd);
        if (slot == null) {
            throw Errno.BADF.exception();
        }
        return slot.flags;
    }

    /** Sets the descriptor's own flags. */
    public void flags(int fd, int flags) {
        Slot slot = slot(fd);
        if (slot == null) {
            throw Errno.BADF.exception();
        }
        slot.flags = flags;
    }

    /** What is open at this moment, each once. */
    public synchronized Set<OpenDescription> descriptions() {
        Set<OpenDescription> open = new LinkedHashSet<>();
        AtomicReferenceArray<Slot> now = slots;
        for (int i = 0; i < now.length(); i++) {
            Slot slot = now.get(i);
            if (slot != null) {
                open.add(slot.description);
            }
        }
        return open;
    }

    /** The numbers that are in use, in order. */
    public synchronized List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        AtomicReferenceArray<Slot> now = slots;
        for (int i = 0; i < now.length(); i++) {
            if (now.get(i) != null) {
                numbers.add(i);
            }
        }
        return numbers;
    }

    /** How many numbers are in use. */
    public synchronized int size() {
        int size = 0;
        AtomicReferenceArray<Slot> now = slots;
        for (int i = 0; i < now.length(); i++) {
            if (now.get(i) != null) {
                size++;
            }
        }
        return size;
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
        for (OpenDescription place : places) {
            if (first && place != null && release(place)) {
                place.close();
            }
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure != null) {
            throw (RuntimeException) failure;
        }
    }

    /** Empties a slot; what was in it when this was its last number, else null. */
    private synchronized OpenDescription takeLast(int number) {
        Slot slot = slots.get(number);
        if (slot == null) {
            return null;
        }
        slots.set(number, null);
        quota.giveDescriptors(1);
        return release(slot.description) ? slot.description : null;
    }
}
