package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.SocketAddr;

/**
 * The machine's network as one family of processes uses it.
 *
 * @param memory what the sockets of the family keep in memory is taken from
 */
record HostView(HostNetwork network, MemoryBudget memory) implements Network {

    @Override
    public BoundPort bind(SocketAddr local, Sharing sharing) throws IOException {
        return network.bind(local, sharing);
    }

    @Override
    public StreamEndpoint open(AddressFamily family) throws IOException {
        return network.open(family);
    }

    @Override
    public DatagramPort datagrams(AddressFamily family) throws IOException {
        return network.datagrams(family, memory);
    }

    @Override
    public boolean supports(AddressFamily family) {
        return network.supports(family);
    }
}
