package org.wasix4j.system.net;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.policy.PolicySession;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.SocketPlaces;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.report.Reporter;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SocketAddr;

/**
 * What the sockets of one process share: the network they come from, the policy that is asked, the
 * budget for reading ahead, the names of unix sockets, the resolver, and whether the process still
 * takes connections. Safe for any threads.
 */
public final class NetContext {

    private final Network network;
    private final PolicySession policy;
    private final SocketPlaces places;
    private final MemoryBudget memory;
    private final Reporter reporter;
    private final Supplier<GuestThread> caller;
    private final BooleanSupplier ending;
    private final UnixNames unixNames;
    private final ReadAheadBudget readAheadBudget;
    private final Resolver resolver;
    private final AtomicBoolean stopping;

    /**
     * The network of one process.
     *
     * @param network where sockets come from
     * @param policy what of it may be used
     * @param mounts where the paths of unix sockets lead
     * @param reporter receives connections, denials and errors of the host
     * @param caller the guest thread that the calling Java thread runs, or null when it runs none
     * @param ending whether the calling thread's process has begun to end
     */
    public NetContext(
            Network network,
            PolicySession policy,
            Mounts mounts,
            Reporter reporter,
            Supplier<GuestThread> caller,
            BooleanSupplier ending) {
        this.network = network.forFamily(mounts.memory());
        this.policy = policy;
        this.places = new SocketPlaces(mounts);
        this.memory = mounts.memory();
        this.reporter = reporter;
        this.caller = caller;
        this.ending = ending;
        this.unixNames = new UnixNames();
        this.readAheadBudget = new ReadAheadBudget();
        this.stopping = new AtomicBoolean();
        this.resolver = new Resolver(this);
    }

    private NetContext(NetContext other, PolicySession policy, Mounts mounts) {
        this.network = other.network;
        this.policy = policy;
        this.places = new SocketPlaces(mounts);
        this.memory = mounts.memory();
        this.reporter = other.reporter;
        this.caller = other.caller;
        this.ending = other.ending;
        this.unixNames = other.unixNames;
        this.readAheadBudget = other.readAheadBudget;
        this.stopping = other.stopping;
        this.resolver = new Resolver(this);
    }

    /** The network of a forked process, which knows what this one has learned until now. */
    public NetContext fork(Mounts itsMounts) {
        return new NetContext(this, policy.fork(), itsMounts);
    }

    /** Where sockets come from. */
    public Network network() {
        return network;
    }

    /** What looks names up. */
    public Resolver resolver() {
        return resolver;
    }

    /** What the sockets may take from the kernel before the guest does. */
    public ReadAheadBudget readAheadBudget() {
        return readAheadBudget;
    }

    /** What the guest has called the unix sockets that it bound. */
    UnixNames unixNames() {
        return unixNames;
    }

    /** Where the paths of unix sockets lead. */
    SocketPlaces places() {
        return places;
    }

    /** What is kept in memory for the guest is taken from. */
    MemoryBudget memory() {
        return memory;
    }

    /** What makes known what happens. */
    Reporter reporter() {
        return reporter;
    }

    /** The guest thread that the calling Java thread runs, or null when it runs none. */
    GuestThread callingThread() {
        return caller.get();
    }

    /** Whether the process has begun to end. */
    boolean isEnding() {
        return ending.getAsBoolean();
    }

    /** Whether no socket takes connections any more: a gentle end has begun. */
    boolean isStopping() {
        return stopping.get();
    }

    /** From here on a socket that begins to listen takes no connections. */
    public void stopAccepting() {
        stopping.set(true);
    }

    // ---- the policy

    /**
     * Asks the policy.
     *
     * @return false, after telling the observer, when it says no
     */
    public boolean permits(NetworkOperation operation, SocketAddr address) {
        return report(policy.check(operation, address));
    }

    /** As {@link #permits}, for what the guest has not asked for: a denial is not reported. */
    boolean wouldPermit(NetworkOperation operation, SocketAddr address) {
        return policy.check(operation, address).allowed();
    }

    /**
     * Asks the policy.
     *
     * @throws org.wasix4j.types.ErrnoException acces, after telling the observer, when it says no
     */
    public void require(NetworkOperation operation, SocketAddr address) {
        if (!permits(operation, address)) {
            throw Errno.ACCES.exception();
        }
    }

    /**
     * Asks the policy about an address of the guest's own.
     *
     * @param asked what the guest asked for, perhaps with port 0
     * @param actual what it got
     * @throws org.wasix4j.types.ErrnoException acces, after telling the observer, when it says no
     */
    void requireLocal(NetworkOperation operation, SocketAddr asked, SocketAddr actual) {
        if (!report(policy.checkLocal(operation, asked, actual))) {
            throw Errno.ACCES.exception();
        }
    }

    /**
     * Asks the policy about a peer that turned to the guest.
     *
     * @param asked the local address the guest asked for
     * @param actual the local address the peer came to
     * @return false, after telling the observer, when it says no
     */
    boolean permitsPeer(
            NetworkOperation operation, SocketAddr asked, SocketAddr actual, SocketAddr peer) {
        return report(policy.checkPeer(operation, asked, actual, peer));
    }

    /** Asks the policy about a name to be looked up, as {@link #require}. */
    void requireName(String name) {
        if (!report(policy.checkName(name))) {
            throw Errno.ACCES.exception();
        }
    }

    /** The policy. */
    PolicySession policy() {
        return policy;
    }

    private boolean report(Decision decision) {
        if (!decision.allowed()) {
            reporter.denied(decision);
        }
        return decision.allowed();
    }
}
