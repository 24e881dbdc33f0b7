package org.wasix4j.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Random;

/** A client of the guests that echo. */
public final class EchoClient {

    private EchoClient() {}

    /** A connection that gives up after some time. */
    public static Socket connect(String host, int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(host, port), (int) Guest.SOON.toMillis());
        socket.setSoTimeout((int) Guest.SOON.toMillis());
        return socket;
    }

    /** Sends everything, half-closes, and reads to the end at the same time. */
    public static byte[] echo(Socket socket, byte[] data) throws Exception {
        Thread sender =
                new Thread(
                        () -> {
                            try {
                                socket.getOutputStream().write(data);
                                socket.shutdownOutput();
                            } catch (IOException e) {
                                // the reader sees that something is missing
                            }
                        });
        sender.start();
        byte[] echoed = socket.getInputStream().readAllBytes();
        sender.join();
        return echoed;
    }

    /** Bytes that another seed would make others. */
    public static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
