package org.wasix4j.system.net;

import java.util.LinkedHashMap;
import java.util.Map;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.UnixAddr;

/**
 * Which names the guest gave to the unix sockets that it bound lately. The kernel reports to an
 * accepted socket the path that the peer was bound with, and that is one of the host's.
 */
public final class UnixNames {

    /** How many are kept; clients that bind a name are few. */
    private static final int MOST = 256;

    private final Map<String, UnixAddr> names =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, UnixAddr> eldest) {
                    return size() > MOST;
                }
            };

    /** Remembers what the guest calls a path of the host. */
    synchronized void bound(String hostPath, UnixAddr name) {
        names.remove(hostPath);
        names.put(hostPath, name);
    }

    /** What the guest calls it, or null when the guest has not bound it. */
    synchronized @Nullable UnixAddr of(String hostPath) {
        return names.get(hostPath);
    }
}
