package org.wasix4j.system.fd;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Nullable;

/**
 * Numbers in use and what they stand for. Looking up takes no lock; changes are made under the lock
 * of the {@link FdTable}.
 */
final class Slots {

    private volatile AtomicReferenceArray<Slot> slots = new AtomicReferenceArray<>(16);

    /**
     * The same, to be found without touching the slot or the description, since a poll finds
     * thousands. A plain array, because a typed element of another one is checked for its type,
     * which is a look into the description. It is read through the volatile field each time; what
     * is put there is complete before (see {@link #put}).
     */
    private volatile OpenDescription[] descriptions = new OpenDescription[16];

    /** A number in use: immutable but for the descriptor's flags. */
    static final class Slot {
        private final OpenDescription description;
        private final @Nullable GuestThread opener;
        private volatile int flags;

        /**
         * What a number is to stand for.
         *
         * @param opener the thread that opened it, or null
         */
        Slot(OpenDescription description, @Nullable GuestThread opener, int flags) {
            this.description = description;
            this.opener = opener;
            this.flags = flags;
        }

        OpenDescription description() {
            return description;
        }

        @Nullable
        GuestThread opener() {
            return opener;
        }

        int flags() {
            return flags;
        }

        void flags(int bits) {
            flags = bits;
        }
    }

    /** What a number stands for, or null. Any number may be asked for. */
    @Nullable
    Slot get(int fd) {
        AtomicReferenceArray<Slot> now = slots;
        return fd < 0 || fd >= now.length() ? null : now.get(fd);
    }

    /** The description of a number, or null. Any number may be asked for. */
    @Nullable
    OpenDescription description(int fd) {
        OpenDescription[] now = descriptions;
        return fd < 0 || fd >= now.length ? null : now[fd];
    }

    /** One more than the highest number that can be in use without growing. */
    int length() {
        return slots.length();
    }

    /** How many numbers are in use. */
    int size() {
        int size = 0;
        for (int fd = 0; fd < length(); fd++) {
            if (get(fd) != null) {
                size++;
            }
        }
        return size;
    }

    /** Has a number stand for something. */
    void put(int fd, Slot slot) {
        AtomicReferenceArray<Slot> now = slots;
        OpenDescription[] known = descriptions;
        if (fd >= now.length()) {
            int length = Math.max(fd + 1, now.length() * 2);
            AtomicReferenceArray<Slot> grown = new AtomicReferenceArray<>(length);
            for (int i = 0; i < now.length(); i++) {
                grown.set(i, now.get(i));
            }
            grown.set(fd, slot);
            slots = grown;
            known = Arrays.copyOf(known, length);
        } else {
            now.set(fd, slot);
        }
        // a thread that sees the description must see what was written when it was made
        VarHandle.releaseFence();
        known[fd] = slot.description();
        descriptions = known;
    }

    /** Frees a number that is in use. */
    void clear(int fd) {
        OpenDescription[] known = descriptions;
        known[fd] = null;
        descriptions = known;
        slots.set(fd, null);
    }
}
