package org.wasix4j.system.fs;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.StampedLock;

/**
 * Keeps what a name stands for from changing between looking at it and opening it. The kernel makes
 * a name's last step safe against symbolic links, but to open a FIFO waits for ever and to open a
 * device may do something: so the type is looked at first, and meanwhile no guest may move
 * something else under that name. To connect a unix socket the kernel does follow a link at the
 * last step: there too the name is looked at first.
 *
 * <p>One lock a directory, by device and inode, out of a fixed number: it holds for every guest of
 * the JVM, also for two that were given the same directory by different paths. It is shared by
 * opens and connects, and held exclusively by renames, links and binds; never during reading and
 * writing. The locks are not reentrant: a thread holds one at a time.
 *
 * <p>Who has looked at a name before it takes the lock need not look again when no guest has
 * replaced a name since: {@link #mark} is taken before the first look, and {@link #unchanged} asked
 * under the lock.
 */
final class NameLocks {

    private static final StampedLock[] LOCKS = new StampedLock[64];

    static {
        for (int i = 0; i < LOCKS.length; i++) {
            LOCKS[i] = new StampedLock();
        }
    }

    private NameLocks() {}

    /** For looking at a name in the directory with this key and then opening it. */
    static Lock opening(Object key) {
        return of(key).asReadLock();
    }

    /** For putting another file under a name in the directory with this key. */
    static Lock replacing(Object key) {
        return of(key).asWriteLock();
    }

    /** A mark of the names in the directory with this key, as they are now. */
    static long mark(Object key) {
        return of(key).tryOptimisticRead();
    }

    /**
     * Whether no guest of this JVM has replaced a name in the directory since the mark was taken.
     * To be asked by a thread that holds the lock for opening, so that the answer stays true.
     */
    static boolean unchanged(Object key, long mark) {
        return of(key).validate(mark);
    }

    private static StampedLock of(Object key) {
        int hash = key.hashCode();
        return LOCKS[(hash ^ hash >>> 16) & LOCKS.length - 1];
    }
}
