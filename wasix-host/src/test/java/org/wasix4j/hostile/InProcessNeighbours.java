package org.wasix4j.hostile;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.wasix4j.system.net.Acceptor;
import org.wasix4j.system.net.BoundPort;
import org.wasix4j.system.net.DatagramPort;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.net.Sharing;
import org.wasix4j.system.net.StreamEndpoint;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;

/**
 * Servers in a network inside the process. On the machine there is one of the granted port too: it
 * must not see anybody, whatever the rules say.
 */
final class InProcessNeighbours implements Neighbours {

    private static final int BACKLOG = 64;

    private final InProcessSwitch network = new InProcessSwitch();
    private final ServerSocketChannel outside;
    private final int grantedPort;
    private final Acceptor granted;
    private final List<Acceptor> watchers = new ArrayList<>();
    private final List<DatagramPort> datagramWatchers = new ArrayList<>();
    private final List<Integer> forbiddenPorts = new ArrayList<>();

    InProcessNeighbours() throws IOException {
        outside = MachineNeighbours.listener("127.0.0.1");
        grantedPort = MachineNeighbours.port(outside);
        granted = listener(AddressFamily.INET4, grantedPort);
        for (AddressFamily family : List.of(AddressFamily.INET4, AddressFamily.INET6)) {
            Acceptor watcher = listener(family, 0);
            watchers.add(watcher);
            forbiddenPorts.add(((InetAddr) watcher.local()).port());
            DatagramPort datagrams = network.datagrams(family);
            datagrams.bind(InetAddr.any(family, 0), false);
            datagramWatchers.add(datagrams);
            forbiddenPorts.add(datagrams.local().port());
        }
    }

    private Acceptor listener(AddressFamily family, int port) throws IOException {
        return network.bind(InetAddr.any(family, port), Sharing.NONE).listen(BACKLOG, 0);
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public int grantedPort() {
        return grantedPort;
    }

    @Override
    public List<Integer> forbiddenPorts() {
        return forbiddenPorts;
    }

    @Override
    public void check(String when) throws IOException {
        MachineNeighbours.requireNobody(outside, when);
        for (Acceptor watcher : watchers) {
            StreamEndpoint visitor = watcher.accept();
            if (visitor != null) {
                visitor.close(true);
                throw new AssertionError(when + ": a connection to " + watcher.local());
            }
        }
        for (DatagramPort watcher : datagramWatchers) {
            if (watcher.hasAhead()) {
                watcher.drop();
                throw new AssertionError(when + ": a datagram for " + watcher.local());
            }
        }
        for (StreamEndpoint peer = granted.accept(); peer != null; peer = granted.accept()) {
            peer.close(true);
        }
    }

    @Override
    public void requireFree(Collection<Integer> ports, String when) {
        for (int port : ports) {
            InetAddr everywhere = InetAddr.any(AddressFamily.INET6, port);
            try {
                BoundPort bound = network.bind(everywhere, Sharing.NONE);
                bound.close();
                DatagramPort datagrams = network.datagrams(AddressFamily.INET6);
                datagrams.bind(everywhere, false);
                datagrams.close();
            } catch (IOException e) {
                throw new AssertionError(when + ": port " + port + " is held", e);
            }
            if (network.reach(port) != null) {
                throw new AssertionError(when + ": somebody listens on port " + port);
            }
        }
    }

    @Override
    public void close() throws IOException {
        outside.close();
        granted.close();
        for (Acceptor watcher : watchers) {
            watcher.close();
        }
        for (DatagramPort watcher : datagramWatchers) {
            watcher.close();
        }
    }
}
