package org.wasix4j.host;

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.wasix4j.system.net.SocketDescription;

/**
 * The sockets whose ports stand in network order in address records. The C library of the first
 * generation does not swap ports; its sockets are known by the type numbers that it asks for.
 * Connections that come from such a listener are like it. Asked for guests of that generation only.
 */
final class NetworkOrderPorts {

    /** By identity: sockets have no equality of their own. They can be shared by processes. */
    private static final Map<SocketDescription, Boolean> MARKED =
            Collections.synchronizedMap(new WeakHashMap<>());

    private NetworkOrderPorts() {}

    static void mark(SocketDescription socket) {
        MARKED.put(socket, true);
    }

    static boolean isMarked(SocketDescription socket) {
        return MARKED.containsKey(socket);
    }
}
