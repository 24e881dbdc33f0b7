package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wasix4j.testmodules.Operation;

/** Does to a guest what the operations of a json say: the clients of a server, and its observer. */
final class ScriptedPeer implements AutoCloseable {

    private static final Pattern PRINTED_PORT = Pattern.compile(":(\\d+)\\s");

    private final Guest guest;
    private final String host;
    private final Path folder;
    private final Map<String, ByteChannel> clients = new HashMap<>();
    private final ExecutorService receiver =
            Executors.newSingleThreadExecutor(
                    body -> {
                        Thread thread = new Thread(body, "scripted peer");
                        thread.setDaemon(true);
                        return thread;
                    });

    /**
     * A peer.
     *
     * @param host address at which the guest is reached
     * @param folder what the paths of unix sockets lie in
     */
    ScriptedPeer(Guest guest, String host, Path folder) {
        this.guest = guest;
        this.host = host;
        this.folder = folder;
    }

    void play(List<Operation> operations) throws Exception {
        for (Operation operation : operations) {
            try {
                play(operation);
            } catch (AssertionError | IOException e) {
                throw new AssertionError(operation + ": " + e.getMessage(), e);
            }
        }
    }

    private void play(Operation operation) throws Exception {
        byte[] payload = operation.payload().getBytes(StandardCharsets.UTF_8);
        switch (operation.type()) {
            case WAIT -> {
                ExitStatus status = guest.awaitEnd();
                assertThat(status.shellCode())
                        .as("%s, %s", status, guest)
                        .isEqualTo(operation.exitCode());
            }
            case READ ->
                    await().atMost(Guest.SOON)
                            .untilAsserted(
                                    () ->
                                            assertThat(written(operation.id()))
                                                    .isEqualTo(operation.payload()));
            case CONNECT ->
                    assertThat(clients.put(operation.id(), connect(operation)))
                            .as("a second client " + operation.id())
                            .isNull();
            case SEND -> {
                ByteBuffer rest = ByteBuffer.wrap(payload);
                while (rest.hasRemaining()) {
                    client(operation).write(rest);
                }
            }
            case RECV ->
                    assertThat(receive(client(operation), payload.length))
                            .as("%s, %s", operation, guest)
                            .asString(StandardCharsets.UTF_8)
                            .isEqualTo(operation.payload());
            case END -> assertThat(receive(client(operation), 1)).as("the end").isEmpty();
            case SHUTDOWN -> ((SocketChannel) client(operation)).shutdownOutput();
            case CLOSE -> clients.remove(operation.id()).close();
            case RESET -> {
                SocketChannel client = (SocketChannel) clients.remove(operation.id());
                client.setOption(StandardSocketOptions.SO_LINGER, 0);
                client.close();
            }
        }
    }

    private String written(String stream) {
        return stream.equals("stderr") ? guest.stderr() : guest.stdout();
    }

    private ByteChannel client(Operation operation) {
        ByteChannel client = clients.get(operation.id());
        assertThat(client).as("the client of " + operation).isNotNull();
        return client;
    }

    private ByteChannel connect(Operation operation) throws Exception {
        return switch (operation.protocol()) {
            case "udp" -> DatagramChannel.open().connect(address(printedPort()));
            case "unix" -> {
                guest.awaitFirstLine();
                yield SocketChannel.open(
                        UnixDomainSocketAddress.of(folder.resolve(operation.path())));
            }
            default -> SocketChannel.open(address(guest.port()));
        };
    }

    private SocketAddress address(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(host), port);
    }

    private int printedPort() {
        Matcher port = PRINTED_PORT.matcher(guest.awaitFirstLine().stdout());
        assertThat(port.find()).as("a port in " + guest).isTrue();
        return Integer.parseInt(port.group(1));
    }

    /** That many bytes, or fewer when the stream or the datagram ends before. */
    private byte[] receive(ByteChannel client, int length)
            throws IOException, InterruptedException {
        Future<byte[]> received =
                receiver.submit(
                        () -> {
                            if (client instanceof DatagramChannel datagrams) {
                                ByteBuffer datagram = ByteBuffer.allocate(65536);
                                datagrams.receive(datagram);
                                byte[] bytes = new byte[datagram.flip().remaining()];
                                datagram.get(bytes);
                                return bytes;
                            }
                            return Channels.newInputStream(client).readNBytes(length);
                        });
        try {
            return received.get(Guest.SOON.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("nothing to receive from " + guest, e);
        } catch (ExecutionException e) {
            throw new IOException("receive from " + guest, e.getCause());
        }
    }

    @Override
    public void close() throws IOException {
        for (ByteChannel client : clients.values()) {
            client.close();
        }
        receiver.shutdownNow();
    }
}
