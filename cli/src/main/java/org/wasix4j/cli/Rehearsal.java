package org.wasix4j.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import sun.misc.Signal;

/**
 * The start from which {@code wasix-run} makes its archive of classes: the command, run as it is
 * always run, with a server of HTTP that is asked a few times and then ended. Before it, a program
 * that opens a shared library. What is used on the way is in the archive then, and nothing else is.
 */
public final class Rehearsal {

    private static final int ANSWERS = 20;
    private static final int PATIENCE_MILLIS = 20_000;

    /** Such as many starts have, and this one has not. */
    private static final String[] OPTIONS = {
        "--net=loopback:8080/in,ipv4:deny=10.0.0.0/8:*",
        "--listen=127.0.0.1:0",
        "--dir=/",
        "--volume=/:/host:ro",
        "--env=A=B",
        "--cwd=/",
        "--max-memory=1G",
        "--timeout=1h",
        "module.wasm"
    };

    private static final byte[] QUESTION = "GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII);

    private Rehearsal() {}

    /**
     * Runs the command.
     *
     * @param args the folder for compiled code, and the words of the command, which gets a port and
     *     an address behind them
     */
    public static void main(String[] args) throws IOException {
        LargeRehearsal.rewrite();
        LibraryRehearsal.main(args);
        new Options().command().reads(OPTIONS);
        InetAddress host = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, host)) {
            port = free.getLocalPort();
        }
        Thread client = new Thread(() -> ask(new InetSocketAddress(host, port)), "rehearsal");
        client.setDaemon(true);
        client.start();
        List<String> line = new ArrayList<>();
        line.add("--listen=127.0.0.1:0");
        line.addAll(List.of(args).subList(1, args.length));
        line.add(Integer.toString(port));
        line.add(host.getHostAddress());
        WasixRun.main(line.toArray(new String[0]));
    }

    private static void ask(InetSocketAddress server) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        int answers = 0;
        while (answers < ANSWERS && System.nanoTime() < deadline) {
            try {
                answers += isAnswered(server) ? 1 : 0;
            } catch (IOException e) {
                // it does not listen yet
                pause();
            }
        }
        Signal.raise(new Signal("TERM"));
    }

    private static boolean isAnswered(InetSocketAddress server) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(server, PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(QUESTION);
            return socket.getInputStream().readAllBytes().length > 0;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
