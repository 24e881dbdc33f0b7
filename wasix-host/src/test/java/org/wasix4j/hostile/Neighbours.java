package org.wasix4j.hostile;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.wasix4j.system.net.Network;

/**
 * Whom a hostile guest could reach over its network: one TCP server that is granted and never says
 * anything, and others that must not see anybody.
 */
interface Neighbours extends AutoCloseable {

    /** Where the guest's sockets come from. */
    Network network();

    int grantedPort();

    List<Integer> forbiddenPorts();

    /** Rules that deny the forbidden ports, whatever else is allowed. */
    default String denials() {
        StringBuilder rules = new StringBuilder();
        for (int port : forbiddenPorts()) {
            rules.append(",ipv4:deny=*:").append(port).append(",ipv6:deny=*:").append(port);
        }
        return rules.toString();
    }

    /** Fails when a guest was where it must not be. */
    void check(String when) throws IOException;

    /** Fails when a port is held although every guest that had it is over. */
    void requireFree(Collection<Integer> ports, String when);

    @Override
    void close() throws IOException;
}
