package org.wasix4j.system.net;

import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.InetAddr;

/** A listener of a network inside the process. */
final class InProcessAcceptor extends MemoryAcceptor {

    private final InProcessSwitch network;
    private final InProcessSwitch.Held held;
    private final Sharing sharing;

    InProcessAcceptor(
            InProcessSwitch network,
            InProcessSwitch.Held held,
            Sharing sharing,
            int backlog,
            MemoryBudget memory) {
        super(held.address(), backlog, memory);
        this.network = network;
        this.held = held;
        this.sharing = sharing;
    }

    @Override
    public InetAddr local() {
        return held.address();
    }

    Sharing sharing() {
        return sharing;
    }

    @Override
    void release() {
        network.remove(this);
        held.release().run();
    }
}
