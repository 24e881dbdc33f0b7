package org.wasix4j.system.fs;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

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
 * writing.
 */
final class NameLocks {

    private static final ReentrantReadWriteLock[] LOCKS = new ReentrantReadWriteLock[64];

    static {
        for (int i = 0; i < LOCKS.length; i++) {
            LOCKS[i] = new ReentrantReadWriteLock();
        }
    }

    private NameLocks() {}

    /** For looking at a name in the directory with this key and then opening it. */
    static Lock opening(Object key) {
        return of(key).readLock();
    }

    /** For putting another file under a name in the directory with this key. */
    static Lock replacing(Object key) {
        return of(key).writeLock();
    }

    private static ReentrantReadWriteLock of(Object key) {
        int hash = key.hashCode();
        return LOCKS[(hash ^ hash >>> 16) & LOCKS.length - 1];
    }
}
