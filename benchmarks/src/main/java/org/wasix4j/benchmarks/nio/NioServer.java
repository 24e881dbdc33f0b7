package org.wasix4j.benchmarks.nio;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * What the guests do, as plain Java over NIO, the way it is usually written: {@code NioServer KIND
 * [-d DIR] PORT HOST}. Prints "listening on HOST:PORT" and never ends by itself.
 */
public final class NioServer {

    private static final int BLOCK = 65_536;

    private NioServer() {}

    public static void main(String[] words) throws IOException {
        String kind = words[0];
        int last = words.length - 1;
        InetSocketAddress address =
                new InetSocketAddress(words[last], Integer.parseInt(words[last - 1]));
        if (kind.equals("udp-echo")) {
            udpEcho(address);
            return;
        }
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(address, 4096);
        tell(listener.getLocalAddress());
        switch (kind) {
            case "echo" -> echo(listener);
            case "bulk" -> bulk(listener);
            case "accepts" -> accepts(listener);
            case "http" -> new HttpLoop(listener, null).run();
            case "http-files" -> new HttpLoop(listener, Path.of(words[2])).run();
            default -> throw new IllegalArgumentException("unknown: " + kind);
        }
    }

    private static void tell(SocketAddress address) {
        InetSocketAddress local = (InetSocketAddress) address;
        System.out.println("listening on " + local.getHostString() + ":" + local.getPort());
    }

    private static void echo(ServerSocketChannel listener) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
        for (; ; ) {
            try (SocketChannel channel = listener.accept()) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                while (channel.read(buffer.clear()) >= 0) {
                    buffer.flip();
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                }
            } catch (IOException e) {
                System.err.println(e); // the client is gone
            }
        }
    }

    private static void bulk(ServerSocketChannel listener) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
        for (; ; ) {
            try (SocketChannel channel = listener.accept()) {
                if (channel.read(buffer.clear().limit(1)) == 1 && buffer.get(0) == 's') {
                    for (; ; ) {
                        channel.write(buffer.clear());
                    }
                }
                while (channel.read(buffer.clear()) >= 0) {
                    // goes on until the client leaves
                }
            } catch (IOException e) {
                System.err.println(e);
            }
        }
    }

    private static void accepts(ServerSocketChannel listener) throws IOException {
        for (; ; ) {
            listener.accept().close();
        }
    }

    private static void udpEcho(InetSocketAddress address) throws IOException {
        DatagramChannel channel = DatagramChannel.open().bind(address);
        tell(channel.getLocalAddress());
        ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
        for (; ; ) {
            SocketAddress from = channel.receive(buffer.clear());
            channel.send(buffer.flip(), from);
        }
    }
}
