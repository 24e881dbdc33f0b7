package org.wasix4j.system.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * A network that is nowhere but in this JVM: streams are {@link
 * org.wasix4j.system.poll.ByteQueue}s, ports are entries of a table, and nothing is opened on the
 * machine. Guests that share the object can connect to each other, and to no others.
 *
 * <p>Every address is here: a listener on the wildcard is reached by whatever address of its family
 * a guest connects to, one on an address by that one. A socket that is not bound comes from the
 * loopback. Each network has its own ports. A family of processes uses it by {@link #forFamily}, so
 * that what it queues is taken from its memory; the host itself uses it directly.
 *
 * <p>Lock rule: this object's monitor guards the tables and is held for a look-up; that of an
 * {@link InProcessAcceptor} may be taken under it, and no listener is called with either held.
 */
public final class InProcessSwitch implements Network {

    private static final int FIRST_EPHEMERAL = 32_768;
    private static final int LAST_EPHEMERAL = 60_999;

    private final PortRegistry ports = new PortRegistry();
    private final PortRegistry datagramPorts = new PortRegistry();
    private final Map<Integer, List<InProcessAcceptor>> acceptors = new HashMap<>();
    private final Map<Integer, List<InProcessDatagramPort>> receivers = new HashMap<>();

    /** The ephemeral port that was given last. */
    private int ephemeral = LAST_EPHEMERAL;

    /** Counts connections, so that listeners that share a port take turns. */
    private int turn;

    /** An address that is held in a registry. */
    record Held(InetAddr address, Runnable release) {}

    /** How an address is seen by a socket of a family: IPv4 is mapped for one of IPv6. */
    static InetAddr as(AddressFamily family, InetAddr address) {
        return address.family() == family
                ? address
                : InetAddr.of(address.toInetSocketAddress(), family);
    }

    // ---- addresses

    @Override
    public Network forFamily(MemoryBudget memory) {
        return new InProcessView(this, memory);
    }

    @Override
    public BoundPort bind(SocketAddr local, Sharing sharing) throws IOException {
        return bind(local, sharing, MemoryBudget.unlimited());
    }

    BoundPort bind(SocketAddr local, Sharing sharing, MemoryBudget memory) throws IOException {
        InetAddr address = (InetAddr) local;
        synchronized (this) {
            Held held = hold(ports, address, sharing);
            if (!mayListen(held.address(), sharing)) {
                held.release().run();
                throw inUse();
            }
            return new InProcessBoundPort(this, held, sharing, memory);
        }
    }

    private static BindException inUse() {
        return new BindException("Address already in use");
    }

    /** Holds an address; under the monitor. */
    private Held hold(PortRegistry registry, InetAddr address, Sharing sharing)
            throws BindException {
        int tries = address.port() != 0 ? 1 : LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
        for (int i = 0; i < tries; i++) {
            InetAddr wanted = address.port() != 0 ? address : address.withPort(nextEphemeral());
            PortRegistry.Entry entry = registry.hold(wanted, sharing);
            if (entry != null) {
                return new Held(wanted, () -> registry.release(entry));
            }
        }
        throw inUse();
    }

    private synchronized int nextEphemeral() {
        ephemeral = ephemeral == LAST_EPHEMERAL ? FIRST_EPHEMERAL : ephemeral + 1;
        return ephemeral;
    }

    /** Whether there is no listener there yet; under the monitor. */
    private boolean mayListen(InetAddr address, Sharing sharing) {
        for (InProcessAcceptor other : acceptors.getOrDefault(address.port(), List.of())) {
            if (PortRegistry.conflict(address, sharing, other.local(), other.sharing())
                    && !(sharing.reusePort() && other.sharing().reusePort())) {
                return false;
            }
        }
        return true;
    }

    /** Begins to listen. */
    synchronized void add(InProcessAcceptor acceptor) throws BindException {
        if (!mayListen(acceptor.local(), acceptor.sharing())) {
            throw inUse();
        }
        acceptors
                .computeIfAbsent(acceptor.local().port(), port -> new ArrayList<>(1))
                .add(acceptor);
    }

    synchronized void remove(InProcessAcceptor acceptor) {
        List<InProcessAcceptor> all = acceptors.get(acceptor.local().port());
        if (all != null && all.remove(acceptor) && all.isEmpty()) {
            acceptors.remove(acceptor.local().port());
        }
    }

    // ---- connections

    @Override
    public StreamEndpoint open(AddressFamily family) {
        return new InProcessEndpoint(this, family, null, MemoryBudget.unlimited());
    }

    /** The listener at an address, or null. */
    synchronized @Nullable InProcessAcceptor listener(InetAddr remote) {
        List<InProcessAcceptor> best = new ArrayList<>();
        int bestRank = 0;
        for (InProcessAcceptor each : acceptors.getOrDefault(remote.port(), List.of())) {
            int rank = rank(each.local(), remote);
            if (rank > bestRank) {
                best.clear();
                bestRank = rank;
            }
            if (rank > 0 && rank == bestRank) {
                best.add(each);
            }
        }
        return best.isEmpty() ? null : best.get(Math.floorMod(turn++, best.size()));
    }

    /** How closely a local address fits: 0 not at all, 3 exactly. */
    private static int rank(InetAddr local, InetAddr remote) {
        InetAddress to = remote.toInetAddress();
        if (!local.isAny()) {
            return local.toInetAddress().equals(to) ? 3 : 0;
        }
        if (local.family() == AddressFamily.INET6) {
            return 1;
        }
        return to.getAddress().length == 4 ? 2 : 0;
    }

    /**
     * The local address of a socket that connects or sends and is bound to a wildcard or not at
     * all.
     */
    InetAddr source(AddressFamily family, @Nullable InetAddr bound, InetAddr remote) {
        if (bound != null && !bound.isAny()) {
            return bound;
        }
        int port = bound == null ? nextEphemeral() : bound.port();
        boolean four = remote.toInetAddress().getAddress().length == 4;
        AddressFamily way = four ? AddressFamily.INET4 : AddressFamily.INET6;
        return as(family, InetAddr.any(way, port).asDestination());
    }

    /** An address at which the listener of a port is reached, or null when there is none. */
    public synchronized @Nullable InetAddr reach(int port) {
        List<InProcessAcceptor> all = acceptors.get(port);
        return all == null ? null : all.get(0).local().asDestination();
    }

    // ---- datagrams

    @Override
    public DatagramPort datagrams(AddressFamily family) {
        return new InProcessDatagramPort(this, family, MemoryBudget.unlimited());
    }

    synchronized Held bind(InProcessDatagramPort port, InetAddr local, Sharing sharing)
            throws BindException {
        Held held = hold(datagramPorts, local, sharing);
        receivers.computeIfAbsent(held.address().port(), any -> new ArrayList<>(1)).add(port);
        return held;
    }

    synchronized void remove(InProcessDatagramPort port, InetAddr local) {
        List<InProcessDatagramPort> all = receivers.get(local.port());
        if (all != null && all.remove(port) && all.isEmpty()) {
            receivers.remove(local.port());
        }
    }

    /** The socket that receives what is sent to an address, or null. */
    synchronized @Nullable InProcessDatagramPort receiver(InetAddr to, InetAddr sender) {
        InProcessDatagramPort best = null;
        int bestRank = 0;
        for (InProcessDatagramPort each : receivers.getOrDefault(to.port(), List.of())) {
            int rank = each.takes(sender) ? rank(each.local(), to) : 0;
            if (rank > bestRank) {
                best = each;
                bestRank = rank;
            }
        }
        return best;
    }

    // ---- the rest

    @Override
    public boolean supports(AddressFamily family) {
        return family == AddressFamily.INET4 || family == AddressFamily.INET6;
    }

    @Override
    public boolean isHostNetwork() {
        return false;
    }
}
