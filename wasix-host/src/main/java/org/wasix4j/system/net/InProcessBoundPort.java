package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.InetAddr;

/** A port of a network inside the process, held. */
final class InProcessBoundPort implements BoundPort {

    private final InProcessSwitch network;
    private final InProcessSwitch.Held held;
    private final Sharing sharing;
    private final MemoryBudget memory;

    InProcessBoundPort(
            InProcessSwitch network,
            InProcessSwitch.Held held,
            Sharing sharing,
            MemoryBudget memory) {
        this.network = network;
        this.held = held;
        this.sharing = sharing;
        this.memory = memory;
    }

    @Override
    public InetAddr local() {
        return held.address();
    }

    @Override
    public Acceptor listen(int backlog, int receiveBuffer) throws IOException {
        InProcessAcceptor acceptor = new InProcessAcceptor(network, held, sharing, backlog, memory);
        network.add(acceptor);
        return acceptor;
    }

    @Override
    public StreamEndpoint endpoint() {
        return new InProcessEndpoint(network, held.address().family(), held, memory);
    }

    @Override
    public void close() {
        held.release().run();
    }
}
