package org.wasix4j.host;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;

/** A guest with the whole network, and what tests of its TCP sockets call. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class TcpScene {

    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    static final long MILLISECOND = 1_000_000;

    final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
