package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SocketAddr;

/**
 * Where stream sockets come from: the host's network over NIO, or one inside the process that opens
 * nothing on the machine. It knows no descriptors. What the JVM throws goes through, and {@link
 * JvmErrors} translates it; only what no exception of the JVM says is thrown as an errno.
 */
public interface Network {

    /**
     * This network as one family of processes uses it.
     *
     * @param memory what sockets keep in memory is taken from, as far as its size is up to guests
     */
    default Network forFamily(MemoryBudget memory) {
        return this;
    }

    /**
     * Takes a local address and port without listening on it, bind(2).
     *
     * @param local the address; port 0 asks for an ephemeral one
     * @param sharing which other sockets may use the port
     * @throws IOException when the host refuses
     * @throws org.wasix4j.types.ErrnoException addrinuse when another guest has the port
     */
    BoundPort bind(SocketAddr local, Sharing sharing) throws IOException;

    /**
     * As {@link #bind}, for an address that was held before: the JVM closes the channel of a
     * connection attempt that fails.
     */
    default BoundPort rebind(SocketAddr local, Sharing sharing) throws IOException {
        return bind(local, sharing);
    }

    /** A stream endpoint that is neither bound nor connected. */
    StreamEndpoint open(AddressFamily family) throws IOException;

    /** A datagram socket that is not bound. */
    default DatagramPort datagrams(AddressFamily family) throws IOException {
        throw Errno.PROTOTYPE.exception();
    }

    /**
     * Whether this is the machine's network, with its interfaces and name servers; else there is a
     * loopback interface only, and no name but {@code localhost}.
     */
    default boolean isHostNetwork() {
        return true;
    }

    /**
     * After a connect that has found a listener's queue full: asks to be woken when there may be
     * room. No thread is woken where the listener is not in this JVM.
     *
     * @return what takes it back
     */
    default Runnable awaitRoom(Runnable wake) {
        return () -> {};
    }

    /** Whether sockets of a family can be made at all. */
    boolean supports(AddressFamily family);
}
