package org.wasix4j.testmodules;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Whether this machine speaks IPv6: containers often do not, not even on their loopback. */
public final class Ipv6 {

    private static final boolean AVAILABLE = canListen();

    private Ipv6() {}

    /** True when a socket can listen on [::1]. */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    private static boolean canListen() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
