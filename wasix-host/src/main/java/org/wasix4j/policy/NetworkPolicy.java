package org.wasix4j.policy;

/**
 * What of the network a guest may use. Immutable and shared between processes; what one process has
 * learned (names that it resolved) is in its {@link PolicySession}.
 *
 * <p>For now there are two: nothing and everything.
 */
public final class NetworkPolicy {

    private static final NetworkPolicy NONE = new NetworkPolicy(false);
    private static final NetworkPolicy ALL = new NetworkPolicy(true);

    private final boolean all;

    private NetworkPolicy(boolean all) {
        this.all = all;
    }

    /** Nothing is allowed: the default everywhere. */
    public static NetworkPolicy denyAll() {
        return NONE;
    }

    /** Everything is allowed, unix sockets included. */
    public static NetworkPolicy allowAll() {
        return ALL;
    }

    /** A session for one process. */
    public PolicySession openSession() {
        return new PolicySession(this);
    }

    boolean allowsAll() {
        return all;
    }
}
