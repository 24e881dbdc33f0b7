package org.wasix4j.system.net;

import java.io.IOException;
import java.util.Objects;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SocketAddr;

/**
 * One end of a unix stream in memory. As on Linux a peer that closes has hung up, and a write to it
 * finds a broken pipe, also after a reset.
 */
final class UnixMemoryEndpoint extends MemoryEndpoint {

    private final Runnable release;

    /**
     * An end that is not connected.
     *
     * @param local the name that it is bound to, or the address of none
     * @param release what is done when it is closed
     */
    UnixMemoryEndpoint(SocketAddr local, MemoryBudget budget, Runnable release) {
        super(local, budget);
        this.release = release;
    }

    /** Connects to a listener. */
    boolean connect(MemoryAcceptor acceptor, SocketAddr target) throws IOException {
        return offer(acceptor, Objects.requireNonNull(local()), target);
    }

    /** Where a name leads is found out by {@link UnixNetwork}. */
    @Override
    public boolean connect(SocketAddr remote) {
        throw Errno.NOTSUP.exception();
    }

    @Override
    MemoryEndpoint accepted(SocketAddr listener, MemoryBudget memory) {
        UnixMemoryEndpoint other = new UnixMemoryEndpoint(listener, memory, () -> {});
        other.addresses(listener, Objects.requireNonNull(local()));
        return other;
    }

    @Override
    void release() {
        release.run();
    }

    @Override
    public boolean endIsHangup() {
        return true;
    }
}
