package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.jfr.FlightEvents;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.types.Errno;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FlightEventsTest {

    @TempDir Path folder;

    private HostHarness guest;
    private SocketCalls sockets;

    @BeforeEach
    void start() {
        guest =
                HostHarness.create(
                        process ->
                                process.withPolicy(NetworkPolicy.parse("loopback"))
                                        .withPid(42)
                                        .withArguments(List.of("flight-test", "x")));
        sockets = new SocketCalls(guest);
    }

    @AfterEach
    void close() {
        guest.close();
    }

    private interface Body {
        void run() throws IOException;
    }

    /** What is recorded of this test's guest while the body runs. */
    private List<RecordedEvent> record(Duration threshold, Body body) throws IOException {
        Path file = folder.resolve("guest.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("org.wasix4j.Syscall").withThreshold(threshold);
            recording.start();
            body.run();
            recording.stop();
            recording.dump(file);
        }
        long id = guest.process().reporter().guest().id();
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("org.wasix4j."))
                .filter(event -> event.getLong("guest") == id)
                .toList();
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("org.wasix4j." + name))
                .toList();
    }

    @Test
    void calls_are_recorded_with_descriptor_errno_and_bytes() throws IOException {
        List<RecordedEvent> events =
                record(
                        Duration.ZERO,
                        () -> {
                            int listener = sockets.listener();
                            int port = sockets.localPort(listener);
                            try (Socket client = new Socket("127.0.0.1", port)) {
                                int fd = sockets.accept(listener);
                                client.getOutputStream().write("hello".getBytes());
                                assertThat(sockets.receive(fd)).isEqualTo("hello");
                            }
                            guest.call("fd_close", 77);
                        });
        RecordedEvent receive =
                of(events, "Syscall").stream()
                        .filter(event -> event.getString("function").equals("sock_recv"))
                        .findFirst()
                        .orElseThrow();
        assertThat(receive.getInt("pid")).isEqualTo(42);
        assertThat(receive.getString("program")).isEqualTo("flight-test");
        assertThat(receive.getInt("tid")).isEqualTo(42);
        assertThat(receive.getInt("fd")).isEqualTo(1);
        assertThat(receive.getString("errno")).isEqualTo("success");
        assertThat(receive.getLong("bytes")).isEqualTo(5);
        assertThat(receive.getDuration()).isPositive();
        assertThat(receive.getThread().getJavaName()).isEqualTo(Thread.currentThread().getName());
        assertThat(of(events, "Syscall"))
                .anySatisfy(
                        event -> {
                            assertThat(event.getString("function")).isEqualTo("fd_close");
                            assertThat(event.getString("errno")).isEqualTo("badf");
                            assertThat(event.getInt("fd")).isEqualTo(77);
                            assertThat(event.getLong("bytes")).isEqualTo(-1);
                        });
    }

    @Test
    void quick_calls_are_left_out_by_the_threshold() throws IOException {
        List<RecordedEvent> events =
                record(Duration.ofHours(1), () -> guest.ok("clock_time_get", 1, 0, guest.alloc(8)));
        assertThat(events).isEmpty();
    }

    @Test
    void a_connection_is_recorded_from_accept_to_close() throws IOException {
        int[] ports = new int[2];
        List<RecordedEvent> events =
                record(
                        Duration.ofHours(1),
                        () -> {
                            int listener = sockets.listener();
                            ports[0] = sockets.localPort(listener);
                            try (Socket client = new Socket("127.0.0.1", ports[0])) {
                                ports[1] = client.getLocalPort();
                                int fd = sockets.accept(listener);
                                client.getOutputStream().write("hello".getBytes());
                                assertThat(sockets.receive(fd, 3, 1)).isEqualTo("hel");
                                assertThat(sockets.receive(fd)).isEqualTo("hello");
                                assertThat(sockets.send(fd, "hi")).isEqualTo(Errno.SUCCESS);
                                guest.ok("fd_close", fd);
                            }
                        });
        assertThat(events).hasSize(2);
        for (RecordedEvent event : events) {
            assertThat(event.getString("local")).isEqualTo("127.0.0.1:" + ports[0]);
            assertThat(event.getString("peer")).isEqualTo("127.0.0.1:" + ports[1]);
        }
        assertThat(of(events, "Accept"))
                .singleElement()
                .satisfies(event -> assertThat(event.getInt("fd")).isZero());
        assertThat(of(events, "Close"))
                .singleElement()
                .satisfies(
                        event -> {
                            assertThat(event.getInt("fd")).isEqualTo(1);
                            assertThat(event.getLong("bytesReceived")).isEqualTo(5);
                            assertThat(event.getLong("bytesSent")).isEqualTo(2);
                            assertThat(event.getDuration("age")).isPositive();
                        });
    }

    @Test
    void a_connection_outward_is_recorded_once() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<RecordedEvent> events =
                    record(
                            Duration.ofHours(1),
                            () -> {
                                int fd = sockets.tcp();
                                int port = server.getLocalPort();
                                assertThat(sockets.connect(fd, port)).isEqualTo(Errno.SUCCESS);
                                assertThat(sockets.connect(fd, port)).isEqualTo(Errno.ISCONN);
                            });
            assertThat(events)
                    .singleElement()
                    .satisfies(
                            event -> {
                                assertThat(event.getEventType().getLabel())
                                        .isEqualTo("WASIX Connect");
                                assertThat(event.getInt("fd")).isZero();
                                assertThat(event.getString("peer"))
                                        .isEqualTo("127.0.0.1:" + server.getLocalPort());
                            });
        }
    }

    @Test
    void refusals_and_the_end_are_recorded() throws IOException {
        List<RecordedEvent> events =
                record(
                        Duration.ofHours(1),
                        () -> {
                            int fd = sockets.tcp();
                            assertThat(sockets.bind(fd, "192.0.2.1", 80)).isEqualTo(Errno.ACCES);
                            assertThatThrownBy(() -> guest.invoke("proc_exit2", 3)).isNotNull();
                        });
        assertThat(of(events, "Denial"))
                .singleElement()
                .satisfies(
                        event -> {
                            assertThat(event.getString("operation")).isEqualTo("bind");
                            assertThat(event.getString("target")).isEqualTo("192.0.2.1:80");
                            assertThat(event.getString("reason")).contains("--net=");
                        });
        assertThat(of(events, "Exit"))
                .singleElement()
                .satisfies(
                        event -> {
                            assertThat(event.getString("kind")).isEqualTo("exited");
                            assertThat(event.getInt("code")).isEqualTo(3);
                            assertThat(event.getString("message")).isNull();
                        });
    }

    @Test
    void nothing_is_allocated_for_a_call_while_nobody_records() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] rounds = new long[8];
        for (int round = 0; round < rounds.length; round++) {
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < 1000; i++) {
                Object event = FlightEvents.recording() ? FlightEvents.beginSyscall(3) : null;
                assertNull(event);
            }
            rounds[round] =
                    threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
        }
        assertThat(rounds).contains(0);
    }

    private static void assertNull(Object event) {
        if (event != null) {
            throw new AssertionError("recorded");
        }
    }

    @Test
    void the_counters_agree_with_what_was_done() throws IOException {
        int listener = sockets.listener();
        int port = sockets.localPort(listener);
        long before = guest.process().threads().syscalls();
        try (Socket client = new Socket("127.0.0.1", port)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write("hello".getBytes());
            sockets.receive(fd);
            sockets.send(fd, "hi");
            assertThat(guest.process().threads().syscalls() - before).isEqualTo(3);
            var counters = guest.process().reporter().counters();
            assertThat(counters.accepted()).isEqualTo(1);
            assertThat(counters.open()).isEqualTo(1);
            assertThat(counters.opened()).isZero();
            assertThat(counters.bytesReceived()).isEqualTo(5);
            assertThat(counters.bytesSent()).isEqualTo(2);
            guest.ok("fd_close", fd);
            assertThat(counters.open()).isZero();
            assertThat(counters.denials()).isZero();
            sockets.bind(sockets.tcp(), "192.0.2.1", 80);
            assertThat(counters.denials()).isEqualTo(1);
        }
    }

    @Test
    void starts_and_ends_of_processes_are_recorded() throws IOException {
        List<RecordedEvent> events =
                record(
                        Duration.ofHours(1),
                        () -> {
                            GuestProcess child = guest.process().fork();
                            GuestProcess next =
                                    child.replacement(List.of("sh", "-c", "x"), Map.of());
                            child.replacedBy(next);
                            next.end(ExitReason.killed(15));
                            next.finish();
                        });
        int pid = of(events, "Exit").get(0).getInt("pid");
        assertThat(pid).isNotEqualTo(42);
        assertThat(of(events, "Start"))
                .allSatisfy(event -> assertThat(event.getInt("pid")).isEqualTo(pid))
                .allSatisfy(event -> assertThat(event.getInt("parent")).isEqualTo(42))
                .extracting(event -> event.getString("command"))
                .containsExactly("flight-test x", "sh -c x");
        assertThat(of(events, "Exit"))
                .singleElement()
                .satisfies(
                        event -> {
                            assertThat(event.getString("program")).isEqualTo("sh");
                            assertThat(event.getString("kind")).isEqualTo("killed");
                            assertThat(event.getInt("code")).isEqualTo(15);
                        });
    }

    @Test
    void calls_of_threads_that_are_over_stay_counted() {
        guest.spawn(
                        () -> {
                            guest.ok("clock_time_get", 1, 0, guest.alloc(8));
                            return null;
                        })
                .join();
        assertThat(guest.process().threads().syscalls()).isEqualTo(1);
    }
}
