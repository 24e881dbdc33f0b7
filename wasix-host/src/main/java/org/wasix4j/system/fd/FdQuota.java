package org.wasix4j.system.fd;

import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.types.Errno;

/** How many descriptors and sockets there can be in all tables of a family together. */
public final class FdQuota {

    private final int descriptorLimit;
    private final int socketLimit;
    private final AtomicInteger descriptors = new AtomicInteger();
    private final AtomicInteger sockets = new AtomicInteger();

    /**
     * A quota of which nothing is used.
     *
     * @param descriptors how many numbers can be in use
     * @param sockets how many sockets can be open, however many numbers they have
     */
    public FdQuota(int descriptors, int sockets) {
        this.descriptorLimit = descriptors;
        this.socketLimit = sockets;
    }

    /** How many descriptors there can be. */
    int descriptorLimit() {
        return descriptorLimit;
    }

    /**
     * Fails when so many more could not be given now.
     *
     * @throws org.wasix4j.types.ErrnoException mfile
     */
    void requireDescriptors(int count) {
        if (descriptorLimit - descriptors.get() < count) {
            throw Errno.MFILE.exception();
        }
    }

    /** As {@link #requireDescriptors}, for a socket. */
    void requireSocket() {
        if (sockets.get() >= socketLimit) {
            throw Errno.MFILE.exception();
        }
    }

    /**
     * Takes descriptors.
     *
     * @throws org.wasix4j.types.ErrnoException mfile when there are too few
     */
    void takeDescriptors(int count) {
        if (descriptors.addAndGet(count) > descriptorLimit) {
            descriptors.addAndGet(-count);
            throw Errno.MFILE.exception();
        }
    }

    /** Gives descriptors back. */
    void giveDescriptors(int count) {
        descriptors.addAndGet(-count);
    }

    /**
     * Takes a socket.
     *
     * @throws org.wasix4j.types.ErrnoException mfile when there is none left
     */
    void takeSocket() {
        if (sockets.incrementAndGet() > socketLimit) {
            sockets.decrementAndGet();
            throw Errno.MFILE.exception();
        }
    }

    /** Gives a socket back. */
    void giveSocket() {
        sockets.decrementAndGet();
    }
}
