package org.wasix4j.system.thread;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.types.Errno;

/**
 * The thread-specific values of first-generation guests: pthread_key_create(3) and its friends.
 * Keys belong to the process and are never used again, values to a thread.
 */
public final class ThreadLocals {

    /** How many keys there can be at a time. */
    public static final int MAX_KEYS = 1024;

    private final Map<Integer, Long> keys = new ConcurrentHashMap<>();
    private final Map<GuestThread, Map<Integer, Long>> values = new ConcurrentHashMap<>();
    private int lastKey;

    /** A value whose thread ends, with what the guest gave when it made the key. */
    public record Leaving(long userData, long value) {}

    /**
     * Makes a key.
     *
     * @param userData for the destructor
     * @throws org.wasix4j.types.ErrnoException again when there are too many
     */
    public synchronized int create(long userData) {
        if (keys.size() >= MAX_KEYS) {
            throw Errno.AGAIN.exception();
        }
        keys.put(++lastKey, userData);
        return lastKey;
    }

    /**
     * Takes a key and all its values away; no destructor is called.
     *
     * @throws org.wasix4j.types.ErrnoException inval when there is no such key
     */
    public synchronized void destroy(int key) {
        if (keys.remove(key) == null) {
            throw Errno.INVAL.exception();
        }
        values.values().forEach(ofThread -> ofThread.remove(key));
    }

    /**
     * Sets the calling thread's value.
     *
     * @throws org.wasix4j.types.ErrnoException inval when there is no such key
     */
    public void set(GuestThread thread, int key, long value) {
        if (!keys.containsKey(key)) {
            throw Errno.INVAL.exception();
        }
        values.computeIfAbsent(thread, t -> new ConcurrentHashMap<>()).put(key, value);
    }

    /** The calling thread's value, 0 when it has never set one. */
    public long get(GuestThread thread, int key) {
        Map<Integer, Long> ofThread = values.get(thread);
        return ofThread == null ? 0 : ofThread.getOrDefault(key, 0L);
    }

    /** Whether a thread has no values. */
    public boolean isEmpty(GuestThread thread) {
        return !values.containsKey(thread);
    }

    /** Takes a thread's values for which there is something to do at its end. */
    public Leaving[] takeLeaving(GuestThread thread) {
        Map<Integer, Long> ofThread = values.remove(thread);
        if (ofThread == null) {
            return new Leaving[0];
        }
        Leaving[] leaving = new Leaving[ofThread.size()];
        int count = 0;
        for (Map.Entry<Integer, Long> entry : ofThread.entrySet()) {
            Long userData = keys.get(entry.getKey());
            if (userData != null && userData != 0 && entry.getValue() != 0) {
                leaving[count++] = new Leaving(userData, entry.getValue());
            }
        }
        return Arrays.copyOf(leaving, count);
    }

    /** Forgets a thread that has ended. */
    public void forget(GuestThread thread) {
        values.remove(thread);
    }
}
