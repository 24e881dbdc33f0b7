package org.wasix4j.system.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Semaphore;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * Sockets that a guest has from the beginning, for programs that cannot open any: preview1 can
 * accept, receive and send, and nothing else. Each is a grant of its own; the policy is not asked.
 */
public final class Preopens {

    /** As long a queue as the kernel allows. */
    private static final int BACKLOG = 4096;

    private Preopens() {}

    /**
     * A listener.
     *
     * @param address where; port 0 asks for an ephemeral one
     * @throws IOException when the host refuses
     * @throws org.wasix4j.types.ErrnoException addrinuse when another guest has the port
     */
    public static SocketDescription listener(NetContext net, InetAddr address) throws IOException {
        StreamSocket socket = StreamSocket.tcp(net, address.family());
        try {
            socket.binder().listenFor(address, BACKLOG);
            return socket;
        } catch (Throwable e) {
            FdTable.discard(socket);
            throw e;
        }
    }

    /**
     * A listener that the host has opened, over TCP or at a path of the host's. It belongs to the
     * guest from then on.
     *
     * @throws IOException when it is closed, or does not listen
     */
    public static SocketDescription listener(NetContext net, ServerSocketChannel channel)
            throws IOException {
        SocketAddress address = channel.getLocalAddress();
        if (address == null) {
            throw new SocketException("the channel does not listen");
        }
        StreamSocket socket;
        SocketAddr local;
        if (address instanceof InetSocketAddress inet) {
            AddressFamily family =
                    inet.getAddress() instanceof Inet6Address
                            ? AddressFamily.INET6
                            : AddressFamily.INET4;
            socket = StreamSocket.tcp(net, family);
            local = InetAddr.of(inet, family);
        } else {
            socket = StreamSocket.unix(net);
            local = new UnixAddr(address.toString());
        }
        try {
            socket.binder().adopt(channel, local);
            return socket;
        } catch (Throwable e) {
            FdTable.discard(socket);
            throw e;
        }
    }

    /**
     * A connection. Waits until it is established, on the calling thread, which is no guest's.
     *
     * @throws IOException when nothing listens, or the calling thread is interrupted
     */
    public static SocketDescription connection(NetContext net, InetAddr remote) throws IOException {
        StreamEndpoint endpoint = net.network().open(remote.family());
        try {
            Semaphore news = new Semaphore(0);
            endpoint.onReadiness(conditions -> news.release());
            if (!endpoint.connect(remote.asDestination())) {
                awaitConnection(endpoint, news);
            }
            StreamSocket socket = StreamSocket.tcp(net, remote.family());
            socket.establish(endpoint, remote, false);
            Connection.announce(socket);
            return socket;
        } catch (Throwable e) {
            endpoint.close(false);
            throw e;
        }
    }

    private static void awaitConnection(StreamEndpoint endpoint, Semaphore news)
            throws IOException {
        SelectableChannel channel = endpoint.channel();
        if (channel == null) {
            while (!endpoint.finishConnect()) {
                try {
                    news.acquire();
                } catch (InterruptedException e) {
                    throw interrupted();
                }
            }
            return;
        }
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_CONNECT);
            while (!endpoint.finishConnect()) {
                selector.select();
                if (Thread.currentThread().isInterrupted()) {
                    throw interrupted();
                }
            }
        }
    }

    private static IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while connecting");
    }
}
