package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.wasix4j.system.thread.FreshStack;

/**
 * Opens the channels of unix sockets. The JDK initialises many classes for the first one, those of
 * its random numbers among them, which takes a tenth of a start. So it is used where there is
 * stack, once, but not before a guest wants a unix socket.
 */
final class UnixChannels {

    private static volatile boolean used;

    private UnixChannels() {}

    static SocketChannel stream() throws IOException {
        use();
        return SocketChannel.open(StandardProtocolFamily.UNIX);
    }

    static ServerSocketChannel listener() throws IOException {
        use();
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    private static void use() {
        if (!used) {
            FreshStack.run(UnixChannels::useHere);
            used = true;
        }
    }

    private static void useHere() {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
                ServerSocketChannel server =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.configureBlocking(false);
            client.configureBlocking(false);
            client.connect(UnixDomainSocketAddress.of("/nobody listens/here"));
        } catch (IOException | UnsupportedOperationException e) {
            // nobody listens; or there are no descriptors, and the guest gets the error
        }
    }
}
