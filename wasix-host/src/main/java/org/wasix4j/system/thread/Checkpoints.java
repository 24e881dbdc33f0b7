package org.wasix4j.system.thread;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The frames that a thread has kept to jump back to. A place is named by the address of the guest's
 * jmp_buf; a new checkpoint there replaces the old one, which stays for a while, because a program
 * may have copied the jmp_buf.
 *
 * <p>Touched by its thread only.
 */
public final class Checkpoints {

    /** How much can be kept, in bytes of frames. */
    private static final long MOST_BYTES = 64L << 20;

    /** How many places there can be. */
    private static final int MOST_PLACES = 65536;

    /** How many replaced ones are kept. */
    private static final int MOST_REPLACED = 256;

    private record Kept(int address, GuestStack.Frames frames) {}

    private final Map<Long, Kept> kept = new HashMap<>();
    private final Map<Integer, Long> places = new HashMap<>();
    private final Map<Long, Boolean> replaced = new LinkedHashMap<>();
    private long bytes;
    private long lastId;

    /** From how many on those that are dead are looked for. */
    private int sweepAt = 64;

    /** Nothing kept yet. */
    public Checkpoints() {}

    /** What the thread that was forked has kept. */
    Checkpoints(Checkpoints other) {
        kept.putAll(other.kept);
        places.putAll(other.places);
        replaced.putAll(other.replaced);
        bytes = other.bytes;
        lastId = other.lastId;
    }

    /**
     * Fails when nothing more can be kept.
     *
     * @throws org.wasix4j.types.ErrnoException nomem
     */
    public void requireRoom() {
        if (bytes > MOST_BYTES || places.size() >= MOST_PLACES) {
            throw Errno.NOMEM.exception();
        }
    }

    /**
     * Keeps frames.
     *
     * @param address of the guest's jmp_buf
     * @return their number, from 1
     */
    public long keep(int address, GuestStack.Frames frames) {
        long id = ++lastId;
        kept.put(id, new Kept(address, frames));
        bytes += frames.size();
        if (kept.size() > sweepAt || bytes > MOST_BYTES / 2) {
            sweep(frames.size());
        }
        Long old = places.put(address, id);
        if (old != null) {
            replaced.put(old, true);
            if (replaced.size() > MOST_REPLACED) {
                drop(replaced.keySet().iterator().next());
            }
        }
        return id;
    }

    /**
     * Drops what has more frames than there are now: the function that called setjmp has returned.
     */
    private void sweep(int size) {
        places.values().removeIf(id -> kept.get(id) == null || kept.get(id).frames().size() > size);
        kept.values()
                .removeIf(
                        one -> {
                            boolean dead = one.frames().size() > size;
                            bytes -= dead ? one.frames().size() : 0;
                            return dead;
                        });
        replaced.keySet().retainAll(kept.keySet());
        sweepAt = 2 * kept.size() + 64;
    }

    private void drop(long id) {
        replaced.remove(id);
        Kept gone = kept.remove(id);
        if (gone != null) {
            bytes -= gone.frames().size();
        }
    }

    /** The frames of a number, or null when they are not kept. */
    public @Nullable GuestStack.Frames find(long id) {
        Kept found = kept.get(id);
        return found == null ? null : found.frames();
    }
}
