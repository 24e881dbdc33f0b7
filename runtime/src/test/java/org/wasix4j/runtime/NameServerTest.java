package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.types.ErrnoException;

/**
 * What a look-up answers when the name server says no, when it is in trouble, and when there is
 * none: in a JVM on a network of its own, whose name server is the test.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NameServerTest {

    @TempDir Path temp;

    private List<String> lookUp(String server, String... names) throws Exception {
        Path resolv = Files.writeString(temp.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
        Path order = Files.writeString(temp.resolve("nsswitch.conf"), "hosts: files dns\n");
        String alone =
                "mount --bind %s /etc/resolv.conf && mount --bind %s /etc/nsswitch.conf"
                                .formatted(resolv, order)
                        + " && ip link set lo up";
        Process trial =
                new ProcessBuilder("unshare", "-rnm", "/bin/sh", "-c", alone)
                        .redirectErrorStream(true)
                        .start();
        trial.getInputStream().readAllBytes();
        assumeTrue(trial.waitFor() == 0, "a network of one's own needs a privilege");
        String[] main =
                Stream.concat(Stream.of(Child.class.getName(), server), Stream.of(names))
                        .toArray(String[]::new);
        try (ForkedJvm child =
                ForkedJvm.start(
                        temp,
                        "exec unshare -rnm /bin/sh -c '" + alone + " && exec \"$@\"' sh",
                        List.of(),
                        main)) {
            assertThat(child.awaitExit()).as(child.toString()).isZero();
            return child.out().lines().toList();
        }
    }

    @Test
    void a_name_that_does_not_exist_is_noent_and_a_server_in_trouble_is_again() throws Exception {
        assertThat(lookUp("server", "here.test", "nowhere.test", "empty.test", "trouble.test"))
                .containsExactly("192.0.2.7:80", "noent", "noent", "again");
    }

    @Test
    void without_a_name_server_it_is_again() throws Exception {
        assertThat(lookUp("none", "nowhere.test")).containsExactly("again");
    }

    /** Looks names up as a guest does, and says what came of it. */
    static final class Child {

        private static final int NAME_ERROR = 3;
        private static final int SERVER_FAILURE = 2;
        private static final int HEADER = 12;
        private static final int TYPE_A = 1;

        private Child() {}

        public static void main(String[] args) throws Exception {
            if (args[0].equals("server")) {
                DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 53));
                Thread server = new Thread(() -> serve(socket));
                server.setDaemon(true);
                server.start();
            }
            GuestProcess process =
                    new GuestProcess(
                            ProcessSettings.defaults().withPolicy(NetworkPolicy.allowAll()));
            for (String name : List.of(args).subList(1, args.length)) {
                try {
                    System.out.println(
                            process.net()
                                    .resolver()
                                    .resolve(process.threads().current(), name, 80)
                                    .get(0));
                } catch (ErrnoException e) {
                    System.out.println(e.errno());
                }
            }
        }

        private static void serve(DatagramSocket socket) {
            try {
                for (; ; ) {
                    DatagramPacket question = new DatagramPacket(new byte[512], 512);
                    socket.receive(question);
                    byte[] answer = answer(question);
                    socket.send(
                            new DatagramPacket(answer, answer.length, question.getSocketAddress()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The question again, with an address for a name that is here; RFC 1035, 4.1. */
        private static byte[] answer(DatagramPacket packet) throws IOException {
            ByteBuffer question = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
            int end = HEADER;
            while (question.get(end) != 0) {
                end += question.get(end) + 1;
            }
            end++;
            boolean wantsA = question.getShort(end) == TYPE_A;
            end += 4;
            String first =
                    new String(
                            packet.getData(),
                            HEADER + 1,
                            packet.getData()[HEADER],
                            StandardCharsets.US_ASCII);
            boolean found = first.equals("here") && wantsA;
            int code =
                    switch (first) {
                        case "nowhere" -> NAME_ERROR;
                        case "trouble" -> SERVER_FAILURE;
                        default -> 0;
                    };
            ByteBuffer answer = ByteBuffer.allocate(end + 16);
            answer.putShort(question.getShort(0)).putShort((short) (0x8180 | code));
            answer.putShort((short) 1).putShort((short) (found ? 1 : 0)).putInt(0);
            answer.put(packet.getData(), HEADER, end - HEADER);
            if (found) {
                answer.putShort((short) (0xc000 | HEADER)).putShort((short) TYPE_A);
                answer.putShort((short) 1).putInt(0).putShort((short) 4);
                answer.put(InetAddress.getByName("192.0.2.7").getAddress());
            }
            byte[] bytes = new byte[answer.position()];
            answer.flip().get(bytes);
            return bytes;
        }
    }
}
