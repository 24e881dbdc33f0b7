package org.wasix4j.policy;

import org.wasix4j.types.SocketAddr;

/** The policy as one process meets it. */
public final class PolicySession {

    private final NetworkPolicy policy;

    PolicySession(NetworkPolicy policy) {
        this.policy = policy;
    }

    /** May the guest do this with that address? */
    public Decision check(NetworkOperation operation, SocketAddr address) {
        return policy.allowsAll() ? Decision.YES : refuse(operation, address.toString());
    }

    /** May the guest look this name up? */
    public Decision checkName(String name) {
        return policy.allowsAll() ? Decision.YES : refuse(NetworkOperation.RESOLVE, name);
    }

    private static Decision refuse(NetworkOperation operation, String target) {
        return new Decision(
                false, operation, target, "the network is not granted (--net would allow it)");
    }
}
