package org.wasix4j.system.net;

import java.io.IOException;
import java.net.ConnectException;
import java.util.Objects;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * One end of a TCP connection inside the process. Unlike with the kernel, writing to a peer that
 * has closed fails at once, and not the second time.
 */
final class InProcessEndpoint extends MemoryEndpoint {

    private final InProcessSwitch network;
    private final AddressFamily family;
    private final @Nullable InProcessSwitch.Held held;

    /**
     * An end that is not connected.
     *
     * @param held the address it has, or null
     * @param memory what it writes is taken from
     */
    InProcessEndpoint(
            InProcessSwitch network,
            AddressFamily family,
            @Nullable InProcessSwitch.Held held,
            MemoryBudget memory) {
        super(held == null ? null : held.address(), memory);
        this.network = network;
        this.family = family;
        this.held = held;
    }

    @Override
    public boolean connect(SocketAddr to) throws IOException {
        InetAddr target = (InetAddr) to;
        MemoryAcceptor acceptor = network.listener(target);
        if (acceptor == null) {
            throw new ConnectException("Connection refused");
        }
        InetAddr source = network.source(family, held == null ? null : held.address(), target);
        return offer(acceptor, source, target);
    }

    @Override
    MemoryEndpoint accepted(SocketAddr listener, MemoryBudget memory) {
        AddressFamily accepting = listener.family();
        InProcessEndpoint other = new InProcessEndpoint(network, accepting, null, memory);
        other.addresses(
                InProcessSwitch.as(accepting, (InetAddr) Objects.requireNonNull(target())),
                InProcessSwitch.as(accepting, (InetAddr) Objects.requireNonNull(local())));
        return other;
    }

    @Override
    void release() {
        if (held != null) {
            held.release().run();
        }
    }
}
