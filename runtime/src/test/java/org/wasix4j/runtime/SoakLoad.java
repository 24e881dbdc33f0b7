package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.wasix4j.testmodules.TestCase;
import org.wasix4j.testmodules.TestModule;

/** One client of the guests of {@link SoakTest}: does one thing after the other, as chance says. */
final class SoakLoad {

    /** Where the guests are. */
    record Targets(
            List<Integer> echoes, int http, byte[] content, int udp, Path unix, Path folder) {}

    /** Guests that come, do what is written down, and end. */
    private static final List<String> PROGRAMS =
            List.of(
                    "waiting/epolls",
                    "waiting/polls",
                    "sockets/datagrams",
                    "sockets/unix",
                    "threads/lifecycle",
                    "threads/waker");

    private static final Map<String, AtomicLong> COUNTS = new ConcurrentSkipListMap<>();
    private static final int LARGEST = 200_000;
    private static final int LARGEST_DATAGRAM = 8_000;
    private static final AtomicLong FOLDERS = new AtomicLong();

    private final Targets targets;
    private final Random random;

    SoakLoad(Targets targets, long seed) {
        this.targets = targets;
        this.random = new Random(seed);
    }

    /** How often what was done, and how many bytes came back as they were sent. */
    static Map<String, AtomicLong> counts() {
        return COUNTS;
    }

    private static void count(String what, long times) {
        COUNTS.computeIfAbsent(what, key -> new AtomicLong()).addAndGet(times);
    }

    /** Does one thing. */
    void step() throws Exception {
        int what = random.nextInt(1_000);
        if (what < 400) {
            echo();
        } else if (what < 550) {
            reset();
        } else if (what < 700) {
            http();
        } else if (what < 850) {
            datagrams();
        } else if (what < 990) {
            unix();
        } else if (what < 995) {
            program();
        } else {
            kill();
        }
    }

    private byte[] bytes(int most) {
        byte[] data = new byte[2 + random.nextInt(most)];
        random.nextBytes(data);
        return data;
    }

    private int anEcho() {
        return targets.echoes().get(random.nextInt(targets.echoes().size()));
    }

    private static void assertSame(byte[] found, byte[] sent, String what) {
        if (!Arrays.equals(found, sent)) {
            int at = Arrays.mismatch(found, sent);
            throw new AssertionError(
                    what + ": of " + sent.length + " bytes the one at " + at + " is another");
        }
        count("bytes", sent.length);
        count(what, 1);
    }

    /** Everything that is sent comes back after a half-close. */
    private void echo() throws Exception {
        byte[] data = bytes(LARGEST);
        try (Socket socket = EchoClient.connect("127.0.0.1", anEcho())) {
            assertSame(EchoClient.echo(socket, data), data, "tcp");
        }
    }

    /** A client that goes without a word, at any moment. */
    private void reset() throws IOException {
        try (Socket socket = EchoClient.connect("127.0.0.1", anEcho())) {
            int steps = random.nextInt(4);
            if (steps > 0) {
                socket.getOutputStream().write(bytes(10_000));
            }
            if (steps > 1) {
                socket.getInputStream().read();
            }
            if (steps > 2) {
                socket.shutdownOutput();
            }
            socket.setSoLinger(true, 0);
        }
        count("resets", 1);
    }

    private void http() throws IOException {
        HttpClientSocket client = new HttpClientSocket(targets.http());
        try (client) {
            int times = 1 + random.nextInt(3);
            for (int i = 0; i < times; i++) {
                byte[] body = client.get("/file.bin").answer().bytes();
                assertSame(body, targets.content(), "http");
            }
            if (random.nextInt(4) == 0) {
                client.get("/file.bin").begin();
                client.reset();
                count("resets", 1);
            }
        }
    }

    private void datagrams() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.connect(InetAddress.getLoopbackAddress(), targets.udp());
            socket.setSoTimeout(1_000);
            int times = 1 + random.nextInt(20);
            for (int number = 0; number < times; number++) {
                byte[] data = bytes(LARGEST_DATAGRAM);
                data[0] = (byte) number;
                datagram(socket, data);
            }
            if (random.nextInt(4) == 0) {
                // nobody is there for the answer
                socket.send(new DatagramPacket(bytes(100), 2));
            }
        }
    }

    /** A datagram may be lost, and its answer may come after it was sent again. */
    private static void datagram(DatagramSocket socket, byte[] data) throws IOException {
        for (int attempt = 0; attempt < 10; attempt++) {
            socket.send(new DatagramPacket(data, data.length));
            try {
                DatagramPacket answer = new DatagramPacket(new byte[65_536], 65_536);
                do {
                    socket.receive(answer);
                } while (answer.getLength() > 0 && answer.getData()[0] < data[0]);
                assertSame(Arrays.copyOf(answer.getData(), answer.getLength()), data, "datagrams");
                return;
            } catch (SocketTimeoutException e) {
                count("datagrams that were sent again", 1);
            }
        }
        throw new AssertionError("a datagram was not answered, ten times");
    }

    private void unix() throws Exception {
        byte[] data = bytes(LARGEST);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(targets.unix()));
            Thread sender =
                    new Thread(
                            () -> {
                                try {
                                    ByteBuffer left = ByteBuffer.wrap(data);
                                    while (left.hasRemaining()) {
                                        channel.write(left);
                                    }
                                    channel.shutdownOutput();
                                } catch (IOException e) {
                                    // the reader sees that something is missing
                                }
                            });
            sender.start();
            ByteBuffer echoed = ByteBuffer.allocate(data.length + 1);
            while (channel.read(echoed) > 0) {
                // until its end
            }
            sender.join();
            assertSame(Arrays.copyOf(echoed.array(), echoed.position()), data, "unix");
        }
    }

    /** A guest of the catalogue, whose transcript is known: epoll, polls, pipes, threads. */
    private void program() throws Exception {
        TestModule module = TestModule.named(PROGRAMS.get(random.nextInt(PROGRAMS.size())));
        List<TestCase> cases =
                module.cases().stream().filter(test -> test.net().isPresent()).toList();
        TestCase test = (cases.isEmpty() ? module.cases() : cases).get(0);
        Path tree =
                Files.createDirectory(targets.folder().resolve("tree" + FOLDERS.incrementAndGet()));
        test.layOut(tree);
        try (Guest guest = Guest.start(Guest.module(module.name(), Engine.COMPILER), test, tree)) {
            assertThat(guest.awaitEnd().shellCode())
                    .as(guest.toString())
                    .isEqualTo(test.exitCode());
            test.stdout()
                    .ifPresent(
                            text ->
                                    assertSame(
                                            guest.stdout().getBytes(UTF_8),
                                            text.getBytes(UTF_8),
                                            module.name()));
        }
        count("programs", 1);
        SoakTest.delete(tree);
    }

    /** A server that is ended while it serves. */
    private void kill() throws Exception {
        try (Guest guest = Guest.start("threads/echo-server", "0");
                Socket first = EchoClient.connect("127.0.0.1", guest.port());
                Socket second = EchoClient.connect("127.0.0.1", guest.port())) {
            first.getOutputStream().write(bytes(5_000));
            second.getOutputStream().write(bytes(5_000));
            first.getInputStream().read();
            guest.process().destroy();
            guest.awaitEnd();
        }
        count("servers that were ended", 1);
    }
}
