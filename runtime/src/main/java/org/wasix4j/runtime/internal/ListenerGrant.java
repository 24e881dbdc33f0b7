package org.wasix4j.runtime.internal;

import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.wasix4j.types.Nullable;

/**
 * A listener that a guest has from the beginning: an address to open, or a channel that is open.
 *
 * @param address null with a channel
 * @param channel null with an address
 */
public record ListenerGrant(
        @Nullable InetSocketAddress address, @Nullable ServerSocketChannel channel) {}
