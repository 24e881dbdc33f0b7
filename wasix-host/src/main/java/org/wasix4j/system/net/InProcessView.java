package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.SocketAddr;

/**
 * A network inside the process as one family of processes uses it.
 *
 * @param memory what the sockets of the family keep in memory is taken from
 */
record InProcessView(InProcessSwitch network, MemoryBudget memory) implements Network {

    @Override
    public BoundPort bind(SocketAddr local, Sharing sharing) throws IOException {
        return network.bind(local, sharing, memory);
    }

    @Override
    public StreamEndpoint open(AddressFamily family) {
        return new InProcessEndpoint(network, family, null, memory);
    }

    @Override
    public DatagramPort datagrams(AddressFamily family) {
        return new InProcessDatagramPort(network, family, memory);
    }

    @Override
    public boolean supports(AddressFamily family) {
        return network.supports(family);
    }

    @Override
    public boolean isHostNetwork() {
        return network.isHostNetwork();
    }
}
