package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Asks the kernel whether a connection is over in both directions, POLLERR or POLLHUP, for which
 * the JVM has no call. Of a selector that waits for the end of a connection attempt on a channel
 * that is connected already, the JVM reports readiness only then: an error or a hang-up makes
 * everything ready that was asked for, and nothing else makes this ready.
 *
 * <p>Costs a selector, which is some system calls; and must not be waited in, because the kernel is
 * asked for room to write, too.
 */
final class HangupLook {

    private HangupLook() {}

    /** Whether a connected channel was reset or hung up; false when that cannot be found out. */
    static boolean isOver(SocketChannel channel) {
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_CONNECT);
            return selector.selectNow() > 0;
        } catch (ClosedChannelException | CancelledKeyException e) {
            return false;
        } catch (IOException e) {
            // no descriptors: the next read or write reports it
            return false;
        }
    }
}
