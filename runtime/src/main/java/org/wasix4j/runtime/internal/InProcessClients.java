package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.net.ConnectException;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.system.net.Network;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/** The machine's side of a network inside the process: where the host itself connects. */
public final class InProcessClients {

    private final InProcessSwitch network = new InProcessSwitch();

    Network network() {
        return network;
    }

    /**
     * Connects to the guest that listens on a port.
     *
     * @throws ConnectException when none does
     */
    public InProcessConnection connect(int port) throws IOException {
        return open(port, null);
    }

    /** As {@link #connect}, until a {@link System#nanoTime}, or for as long as it takes: null. */
    EndpointChannel open(int port, @Nullable Long deadline) throws IOException {
        InetAddr address = network.reach(port);
        if (address == null) {
            throw new ConnectException("nothing listens on port " + port + " of this network");
        }
        EndpointChannel channel = new EndpointChannel(network.open(address.family()));
        channel.connect(address, deadline);
        return channel;
    }
}
