package org.wasix4j.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port of the machine that leads into an {@link InProcessNetwork}, until it is closed. */
public final class ExposedPort implements AutoCloseable {

    private static final int MOST_MILLIS_TO_CLOSE = 5000;

    private final InProcessNetwork network;
    private final int inside;
    private final ServerSocket listener;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private volatile boolean closed;

    ExposedPort(InProcessNetwork network, int inside) throws IOException {
        this.network = network;
        this.inside = inside;
        listener = new ServerSocket(0, 0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        acceptor = start("exposed-port-" + inside, this::accept);
    }

    /** {@return where clients connect: 127.0.0.1, and a port that was free} */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                clients.add(client);
                try {
                    start("exposed-connection", () -> serve(client));
                } catch (OutOfMemoryError e) {
                    clients.remove(client);
                    close(client);
                }
            } catch (IOException | OutOfMemoryError e) {
                if (!closed) {
                    // for example without descriptors: open connections go on
                    pause();
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Socket client) {
        try (client;
                InProcessConnection guest = network.connect(inside)) {
            if (closed) {
                return;
            }
            start("exposed-connection", () -> answer(guest, client));
            copy(client.getInputStream(), guest.outputStream());
            guest.shutdownOutput();
            // the answer ends the connection
            waitForEnd(client);
        } catch (IOException e) {
            // one of them is gone, and so is the connection
        } finally {
            clients.remove(client);
        }
    }

    private static void answer(InProcessConnection guest, Socket client) {
        try {
            copy(guest.inputStream(), client.getOutputStream());
            client.shutdownOutput();
        } catch (IOException e) {
            close(client);
        } finally {
            synchronized (client) {
                client.notifyAll();
            }
        }
    }

    private static void waitForEnd(Socket client) {
        synchronized (client) {
            while (!client.isClosed() && !client.isOutputShutdown()) {
                try {
                    client.wait();
                } catch (InterruptedException e) {
                    return;
                }
            }
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[16384];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
        }
    }

    private static void close(Socket client) {
        try {
            client.close();
        } catch (IOException e) {
            // it is as closed as it gets
        }
    }

    /** Closes the port and its connections. */
    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        try {
            // the kernel takes connections until none waits any more
            acceptor.join(MOST_MILLIS_TO_CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket client : clients) {
            close(client);
            synchronized (client) {
                client.notifyAll();
            }
        }
    }
}
