package org.wasix4j.benchmarks.nio;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Keep-alive HTTP over one selector: a short text, or the files of a folder. */
final class HttpLoop {

    private static final byte[] ANSWER =
            ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n"
                            + "Hello, world\n")
                    .getBytes(StandardCharsets.US_ASCII);

    private static final int ROOM = 4096;
    private static final int PIECE = 1 << 18;

    private final ServerSocketChannel listener;
    private final Path folder;
    private final Selector selector;

    HttpLoop(ServerSocketChannel listener, Path folder) throws IOException {
        this.listener = listener;
        this.folder = folder;
        selector = Selector.open();
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    private static final class Client {
        private final SocketChannel channel;
        private final ByteBuffer in = ByteBuffer.allocateDirect(ROOM);
        private final ByteBuffer out = ByteBuffer.allocateDirect(ROOM);
        private FileChannel file;
        private long fileAt;

        Client(SocketChannel channel) {
            this.channel = channel;
        }
    }

    void run() throws IOException {
        for (; ; ) {
            selector.select(this::ready);
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (!serve((Client) key.attachment(), key)) {
                close(key);
            }
        } catch (IOException e) {
            close(key);
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = listener.accept();
                channel != null;
                channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new Client(channel));
        }
    }

    private boolean serve(Client client, SelectionKey key) throws IOException {
        if (key.isReadable() && client.channel.read(client.in) < 0) {
            return false;
        }
        boolean done = true;
        while (done && (client.file != null || answer(client))) {
            done = send(client);
        }
        if (!client.in.hasRemaining() && done) {
            return false; // a head that is too large
        }
        int interest = done ? SelectionKey.OP_READ : SelectionKey.OP_WRITE;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
        return true;
    }

    /** Makes an answer of a whole request; false when there is none. */
    private boolean answer(Client client) throws IOException {
        ByteBuffer in = client.in;
        for (int i = 3; i < in.position(); i++) {
            if (in.get(i) == '\n' && in.get(i - 1) == '\r' && in.get(i - 2) == '\n') {
                String target = folder == null ? null : target(in);
                in.limit(in.position()).position(i + 1);
                in.compact();
                if (target == null) {
                    client.out.put(ANSWER);
                } else {
                    open(client, target);
                }
                return true;
            }
        }
        return false;
    }

    private static String target(ByteBuffer in) {
        StringBuilder text = new StringBuilder();
        for (int i = 5; in.get(i) != ' '; i++) {
            text.append((char) in.get(i));
        }
        return text.toString();
    }

    private void open(Client client, String target) throws IOException {
        client.file = FileChannel.open(folder.resolve(target));
        client.fileAt = 0;
        client.out.put(
                ("HTTP/1.1 200 OK\r\nContent-Length: " + client.file.size() + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends what there is; false when the client does not take it all now. */
    private static boolean send(Client client) throws IOException {
        client.out.flip();
        client.channel.write(client.out);
        boolean whole = !client.out.hasRemaining();
        client.out.compact();
        if (!whole || client.file == null) {
            return whole;
        }
        long sent = client.file.transferTo(client.fileAt, PIECE, client.channel);
        client.fileAt += sent;
        if (client.fileAt < client.file.size()) {
            return false;
        }
        client.file.close();
        client.file = null;
        return true;
    }
}
