package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOptions;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.types.Nullable;

/** What is behind a {@link java.net.Socket} that leads to a guest inside this JVM. */
final class InProcessSocketImpl extends SocketImpl {

    private static final int BUFFER_SIZE = 65536;

    private final InProcessClients clients;
    private final Map<Integer, Object> options = new ConcurrentHashMap<>();

    private volatile @Nullable EndpointChannel channel;
    private volatile boolean closed;
    private volatile boolean inputShut;

    InProcessSocketImpl(InProcessClients clients) {
        this.clients = clients;
    }

    private EndpointChannel channel() throws SocketException {
        EndpointChannel there = channel;
        if (closed || there == null) {
            throw new SocketException(closed ? "Socket closed" : "Socket is not connected");
        }
        return there;
    }

    // ---- connecting

    @Override
    protected void create(boolean stream) {
        // there is nothing before it is connected
    }

    @Override
    protected void connect(String host, int port) throws IOException {
        connect(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    protected void connect(InetAddress there, int port) throws IOException {
        connect(new InetSocketAddress(there, port), 0);
    }

    @Override
    protected void connect(SocketAddress there, int timeoutMillis) throws IOException {
        if (!(there instanceof InetSocketAddress inet)) {
            throw new SocketException("not an internet address: " + there);
        }
        channel = clients.open(inet.getPort(), deadline(timeoutMillis));
        if (closed) {
            channel.close();
            throw new SocketException("Socket closed");
        }
        address = inet.isUnresolved() ? InetAddress.getLoopbackAddress() : inet.getAddress();
        port = inet.getPort();
    }

    private static @Nullable Long deadline(int timeoutMillis) {
        return timeoutMillis <= 0 ? null : System.nanoTime() + timeoutMillis * 1_000_000L;
    }

    @Override
    protected void bind(InetAddress host, int localPort) {
        // the address of a client is the network's choice
    }

    @Override
    protected void listen(int backlog) throws IOException {
        throw new SocketException("this socket is a client's");
    }

    @Override
    protected void accept(SocketImpl socket) throws IOException {
        throw new SocketException("this socket is a client's");
    }

    // ---- bytes

    @Override
    protected InputStream getInputStream() throws IOException {
        channel();
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] to, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                if (inputShut) {
                    return -1;
                }
                Long deadline = deadline((Integer) getOption(SocketOptions.SO_TIMEOUT));
                try {
                    return channel().read(ByteBuffer.wrap(to, offset, length), deadline);
                } catch (SocketTimeoutException e) {
                    throw new SocketTimeoutException("Read timed out");
                } catch (ClosedChannelException e) {
                    throw closed ? new SocketException("Socket closed") : e;
                }
            }

            @Override
            public void close() throws IOException {
                InProcessSocketImpl.this.close();
            }
        };
    }

    @Override
    protected OutputStream getOutputStream() throws IOException {
        channel();
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                try {
                    channel().write(ByteBuffer.wrap(from, offset, length));
                } catch (ClosedChannelException e) {
                    throw closed ? new SocketException("Socket closed") : e;
                }
            }

            @Override
            public void close() throws IOException {
                InProcessSocketImpl.this.close();
            }
        };
    }

    @Override
    protected int available() {
        // what waits is the network's to know; a client that asks reads
        return 0;
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        throw new SocketException("there is no urgent data in this network");
    }

    // ---- the end

    @Override
    protected void shutdownInput() throws IOException {
        channel();
        inputShut = true;
    }

    @Override
    protected void shutdownOutput() throws IOException {
        channel().shutdownOutput();
    }

    @Override
    protected void close() throws IOException {
        closed = true;
        EndpointChannel there = channel;
        if (there != null) {
            there.close();
        }
    }

    // ---- options

    @Override
    public void setOption(int option, Object value) throws SocketException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
        options.put(option, value);
    }

    @Override
    public Object getOption(int option) throws SocketException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
        Object set = options.get(option);
        if (set != null) {
            return set;
        }
        return switch (option) {
            case SocketOptions.SO_TIMEOUT, SocketOptions.IP_TOS -> 0;
            case SocketOptions.SO_LINGER -> -1;
            case SocketOptions.SO_RCVBUF, SocketOptions.SO_SNDBUF -> BUFFER_SIZE;
            case SocketOptions.SO_BINDADDR -> InetAddress.getLoopbackAddress();
            default -> false;
        };
    }
}
