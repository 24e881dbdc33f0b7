package org.wasix4j.policy;

import java.util.List;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * The policy as one process meets it. Thread-safe.
 *
 * <table>
 * <caption>What is asked, and which rules answer</caption>
 * <tr><td>bind, listen, join</td><td>inbound, the local address (or the group)</td></tr>
 * <tr><td>accept</td><td>inbound: a rule allows the local address which the peer came to and none
 * denies it, and none denies the peer</td></tr>
 * <tr><td>connect, send to</td><td>outbound, the peer</td></tr>
 * <tr><td>receive from</td><td>as accept; or, for the answer of a peer that the guest may send to,
 * outbound, if no inbound rule denies the peer</td></tr>
 * <tr><td>resolve</td><td>dns rules</td></tr>
 * </table>
 *
 * <p>When a peer is matched against inbound rules the port is the local one, since a peer's own is
 * chance: {@code ipv4:deny=public:22/in} keeps the world out of port 22. A peer needs no rule that
 * allows it: a guest that may listen may accept.
 *
 * <p>A port that the system chose (bind to port 0) is allowed by what allows port 0, and denied by
 * what denies the port it became.
 */
public final class PolicySession {

    private final RuleSet rules;
    private final boolean all;
    private final boolean none;
    private final LearnedAddresses learned;

    PolicySession(NetworkPolicy policy) {
        rules = policy.ruleSet();
        all = policy.allowsAll();
        none = rules.rules().isEmpty();
        learned = new LearnedAddresses();
    }

    private PolicySession(PolicySession other) {
        rules = other.rules;
        all = other.all;
        none = other.none;
        learned = new LearnedAddresses(other.learned);
    }

    /** {@return the session of a forked process: it knows what this one has looked up until now} */
    public PolicySession fork() {
        return new PolicySession(this);
    }

    /**
     * May the guest do this with that address? For accept and receive-from ask {@link #checkPeer}.
     *
     * @param operation what the guest wants to do
     * @param address the address, as the guest gave it
     * @return whether it may, and if not why
     */
    public Decision check(NetworkOperation operation, SocketAddr address) {
        if (all) {
            return Decision.YES;
        }
        return switch (operation) {
            case BIND, LISTEN, JOIN -> checkLocal(operation, address, address);
            case CONNECT, SEND_TO ->
                    address instanceof InetAddr inet
                            ? checkTarget(operation, inet)
                            : checkPath(operation, (UnixAddr) address);
            default -> throw new IllegalArgumentException(operation + " has two addresses");
        };
    }

    /**
     * May the guest do this with an address of its own?
     *
     * @param operation what the guest wants to do
     * @param asked the address the guest asked for, perhaps with port 0
     * @param actual the address it got
     * @return whether it may, and if not why
     */
    public Decision checkLocal(NetworkOperation operation, SocketAddr asked, SocketAddr actual) {
        if (all) {
            return Decision.YES;
        }
        if (!(asked instanceof InetAddr wanted)) {
            return checkPath(operation, (UnixAddr) asked);
        }
        CanonicalAddr local = CanonicalAddr.of(wanted);
        int port = ((InetAddr) actual).port();
        return decideLocal(operation, actual, local, wanted.port(), port);
    }

    private Decision decideLocal(
            NetworkOperation operation,
            SocketAddr target,
            CanonicalAddr local,
            int asked,
            int actual) {
        Rule denial = rules.denying(true, local, actual);
        if (denial != null) {
            return Decision.forbidden(operation, target, denial, "");
        }
        if (rules.allowing(true, local, asked) != null) {
            return Decision.YES;
        }
        return notGranted(operation, target, local.localRule(asked + "/in"), "");
    }

    /**
     * May the guest have to do with a peer that turned to it?
     *
     * @param operation what the guest wants to do
     * @param asked the local address the guest asked for; its port counts where a rule allows
     * @param actual the local address the peer came to; its port counts where a rule denies
     * @param peer the address of the peer
     * @return whether it may, and if not why
     */
    public Decision checkPeer(
            NetworkOperation operation, SocketAddr asked, SocketAddr actual, SocketAddr peer) {
        if (all) {
            return Decision.YES;
        }
        if (!(peer instanceof InetAddr inet)
                || !(asked instanceof InetAddr wanted)
                || !(actual instanceof InetAddr local)) {
            // a unix peer is known by the path that it came to
            return checkPath(operation, (UnixAddr) asked);
        }
        CanonicalAddr remote = CanonicalAddr.of(inet);
        Rule denial = rules.denying(true, remote, local.port());
        if (denial != null) {
            return Decision.forbidden(operation, peer, denial, "");
        }
        CanonicalAddr here = CanonicalAddr.of(local).facing(remote);
        Decision decision = decideLocal(operation, peer, here, wanted.port(), local.port());
        if (!decision.allowed()
                && operation == NetworkOperation.RECEIVE_FROM
                && checkTarget(NetworkOperation.SEND_TO, inet).allowed()) {
            return Decision.YES;
        }
        return decision;
    }

    private Decision checkTarget(NetworkOperation operation, InetAddr address) {
        CanonicalAddr target = CanonicalAddr.ofTarget(address);
        int port = address.port();
        Rule denial = rules.denying(false, target, port);
        if (denial != null) {
            return Decision.forbidden(operation, address, denial, "");
        }
        denial = learned.denying(target, port);
        if (denial != null) {
            return Decision.forbidden(operation, address, denial, " for a name that is there");
        }
        if (rules.allowing(false, target, port) != null || learned.allows(target, port)) {
            return Decision.YES;
        }
        boolean nameCouldNot = rules.allowsNames() && !target.isPublic();
        return notGranted(
                operation,
                address,
                target.rule(port + "/out"),
                nameCouldNot ? ": names open public addresses only" : "");
    }

    private Decision checkPath(NetworkOperation operation, UnixAddr address) {
        boolean inbound = operation.inbound();
        Rule denial = rules.matching(false, inbound, address);
        if (denial != null) {
            return Decision.forbidden(operation, address, denial, "");
        }
        if (rules.matching(true, inbound, address) != null) {
            return Decision.YES;
        }
        String path = address.path();
        boolean plain = PathPattern.isResolved(path) && path.matches("[^*?,;{}]*");
        String remedy = "unix:allow=" + path + (inbound ? ";in" : ";out");
        return notGranted(operation, address, plain ? remedy : null, "");
    }

    private Decision notGranted(
            NetworkOperation operation, Object target, @Nullable String remedy, String more) {
        String because = none ? "the network is not granted" : "no rule allows it" + more;
        return Decision.notGranted(operation, target, because, remedy);
    }

    /**
     * May the guest look this name up?
     *
     * @param name the host name, as the guest gave it
     * @return whether it may, and if not why
     */
    public Decision checkName(String name) {
        if (all) {
            return Decision.YES;
        }
        NetworkOperation operation = NetworkOperation.RESOLVE;
        String canonical = NamePattern.canonical(name);
        Rule denial = rules.denyingName(canonical);
        if (denial != null) {
            if (rules.portsOfName(false, canonical).covers(rules.portsOfName(true, canonical))) {
                return Decision.forbidden(operation, name, denial, "");
            }
            if (learned.isFull()) {
                return Decision.forbidden(operation, name, denial, " (after too many such names)");
            }
        }
        if (rules.allowsName(canonical)) {
            return Decision.YES;
        }
        return notGranted(operation, name, "dns:allow=" + canonical + ":*", "");
    }

    /**
     * A name that may be looked up turned out to have these addresses. The public ones can be
     * reached from now on, on the ports of the rules that allow the name; on the ports of those
     * that deny it none can, whatever other rules say.
     *
     * @param name the host name, as the guest gave it
     * @param addresses all addresses that the name resolved to
     */
    public void resolved(String name, List<InetAddr> addresses) {
        if (all || none) {
            return;
        }
        String canonical = NamePattern.canonical(name);
        PortSet opened = rules.portsOfName(true, canonical);
        PortSet closed = rules.portsOfName(false, canonical);
        Rule denial = rules.denyingName(canonical);
        for (InetAddr each : addresses) {
            learned.add(CanonicalAddr.of(each), opened, closed, denial);
        }
    }
}
