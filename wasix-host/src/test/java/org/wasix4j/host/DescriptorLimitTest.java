package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.Errno;

/** What a guest hears when the host's own descriptors are used up, in a JVM that has few. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DescriptorLimitTest {

    private static final int HOST_LIMIT = 80;

    @Test
    void without_host_descriptors_calls_answer_mfile_and_go_on_when_there_are_some_again()
            throws Exception {
        List<String> said =
                OtherJvm.run(
                        List.of(
                                "/bin/sh",
                                "-c",
                                "ulimit -n " + HOST_LIMIT + " && exec \"$@\"",
                                "sh"),
                        List.of(),
                        Map.of(),
                        Guest.class);
        assertThat(said)
                .containsExactly(
                        "bind: mfile",
                        "accept: mfile",
                        "connect: mfile",
                        "listen, bound before: success",
                        "the guest can still talk: hello",
                        "accept, with room: success",
                        "and the client that waited: still here");
    }

    /** The guest in that JVM. */
    static final class Guest {

        private Guest() {}

        public static void main(String[] args) throws Exception {
            loadClasses();
            try (HostHarness guest =
                    HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()))) {
                SocketCalls calls = new SocketCalls(guest);
                int warm = calls.listener();
                int talking = calls.tcp();
                SocketCalls.expect(calls.connect(talking, calls.localPort(warm)));
                int peer = calls.accept(warm);
                SocketCalls.expect(calls.send(talking, "warm"));
                calls.receive(peer);
                int early = calls.tcp();
                SocketCalls.expect(calls.bind(early, "127.0.0.1", 0));
                Socket waiting =
                        new Socket(InetAddress.getLoopbackAddress(), calls.localPort(warm));
                waiting.getOutputStream().write("still here".getBytes(StandardCharsets.UTF_8));

                List<Integer> bound = new ArrayList<>();
                Errno answer = Errno.SUCCESS;
                while (answer == Errno.SUCCESS) {
                    int fd = calls.tcp();
                    bound.add(fd);
                    answer = calls.bind(fd, "127.0.0.1", 0);
                }
                // a last one may be left, as a bind takes two
                int last = calls.open(SocketCalls.INET4, SocketCalls.DGRAM);
                calls.bind(last, "127.0.0.1", 0);

                System.out.println("bind: " + answer);
                System.out.println("accept: " + acceptDontWait(guest, calls, warm));
                System.out.println(
                        "connect: " + calls.connect(calls.tcp(), calls.localPort(early)));
                System.out.println("listen, bound before: " + guest.call("sock_listen", early, 1));
                SocketCalls.expect(calls.send(talking, "hello"));
                System.out.println("the guest can still talk: " + calls.receive(peer));
                for (int fd : bound) {
                    guest.ok("fd_close", fd);
                }
                int accepted = guest.alloc(4);
                System.out.println("accept, with room: " + calls.tryAccept(warm, 0, accepted));
                System.out.println(
                        "and the client that waited: " + calls.receive(guest.i32(accepted)));
                waiting.close();
            }
        }

        /** Classes that stand in folders and not in jars would need a descriptor each, later. */
        private static void loadClasses() throws Exception {
            Path classes =
                    Path.of(
                            Errno.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            if (Files.isDirectory(classes)) {
                try (Stream<Path> files = Files.walk(classes)) {
                    for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                        String name = classes.relativize(file).toString().replace('/', '.');
                        if (!name.equals("module-info.class")) {
                            Class.forName(name.substring(0, name.length() - ".class".length()));
                        }
                    }
                }
            }
        }

        private static Errno acceptDontWait(HostHarness guest, SocketCalls calls, int listener) {
            return calls.tryAccept(listener, SocketCalls.NONBLOCK, guest.alloc(4));
        }
    }
}
