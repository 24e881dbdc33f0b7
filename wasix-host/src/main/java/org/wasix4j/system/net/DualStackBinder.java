package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * One port for IPv4 and another socket of it for IPv6: what every server does that listens on both
 * wildcards. NIO's IPv6 sockets take both families, and it has no IPV6_V6ONLY, so the kernel would
 * refuse the second.
 *
 * <p>SO_REUSEPORT lets it through, and Linux gives what comes over IPv4 to the socket of IPv4 then.
 * Each has that option for the moment of the second's bind only: other programs find the port in
 * use, as ever.
 */
final class DualStackBinder {

    /**
     * Held across bind(2) and listen(2) of sockets that share a port, so that two such windows
     * never overlap.
     */
    private final Object moment = new Object();

    /** Binds a channel. */
    interface Bind {
        void run() throws IOException;
    }

    /**
     * Binds a channel to a port which sockets of the other family have.
     *
     * @param others those
     */
    void bind(NetworkChannel own, List<NetworkChannel> others, Bind bind) throws IOException {
        if (others.isEmpty()
                || !own.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            bind.run();
            return;
        }
        List<NetworkChannel> changed = new ArrayList<>(others.size() + 1);
        synchronized (moment) {
            try {
                share(own, changed);
                for (NetworkChannel other : others) {
                    share(other, changed);
                }
                bind.run();
            } finally {
                for (NetworkChannel each : changed) {
                    reusePort(each, false);
                }
            }
        }
    }

    private static void share(NetworkChannel channel, List<NetworkChannel> changed)
            throws IOException {
        try {
            if (!channel.getOption(StandardSocketOptions.SO_REUSEPORT)) {
                changed.add(channel);
                reusePort(channel, true);
            }
        } catch (ClosedChannelException e) {
            // it has been closed meanwhile
        }
    }

    private static void reusePort(NetworkChannel channel, boolean on) throws IOException {
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, on);
        } catch (ClosedChannelException e) {
            // as above
        }
    }
}
