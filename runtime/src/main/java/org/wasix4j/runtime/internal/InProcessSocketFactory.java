package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.SocketFactory;

/** Makes sockets that lead into a network inside the JVM. */
public final class InProcessSocketFactory extends SocketFactory {

    private final InProcessClients clients;

    /** Sockets for one network. */
    public InProcessSocketFactory(InProcessClients clients) {
        this.clients = clients;
    }

    @Override
    public Socket createSocket() throws SocketException {
        return new InProcessSocket(clients);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        // the name is of no meaning here, so it is not resolved
        return connected(port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
            throws IOException {
        return connected(port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
            throws IOException {
        return connected(port);
    }

    private Socket connected(int port) throws IOException {
        Socket socket = createSocket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** A socket over one connection. */
    private static final class InProcessSocket extends Socket {
        InProcessSocket(InProcessClients clients) throws SocketException {
            super(new InProcessSocketImpl(clients));
        }
    }
}
