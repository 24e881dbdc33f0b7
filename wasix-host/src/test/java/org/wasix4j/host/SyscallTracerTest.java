package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.trace.SyscallTracer;
import org.wasix4j.trace.TraceFamily;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SyscallSpec;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SyscallTracerTest {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private HostHarness guest;
    private SocketCalls sockets;

    private void trace(TraceFormat format, Set<TraceFamily> families) {
        guest =
                HostHarness.builder()
                        .with(process -> process.withPolicy(NetworkPolicy.parse("loopback")))
                        .listener(new SyscallTracer(format, families, lines::add))
                        .build();
        sockets = new SocketCalls(guest);
    }

    @AfterEach
    void close() {
        if (guest != null) {
            guest.close();
        }
    }

    /** The last line without its time and its duration. */
    private String last() {
        String line = lines.get(lines.size() - 1);
        assertThat(line).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} .* <\\d+\\.\\d{6}>");
        return line.substring(line.indexOf(' ') + 1, line.lastIndexOf(" <"));
    }

    @Test
    void a_server_is_traced_with_addresses_buffers_and_flags() throws IOException {
        trace(TraceFormat.TEXT, TraceFamily.all());
        int listener = sockets.tcp();
        assertThat(last()).isEqualTo("[1] sock_open(inet4, stream, 0, [0]) = success");
        sockets.bind(listener, "127.0.0.1", 0);
        assertThat(last()).isEqualTo("[1] sock_bind(0, 127.0.0.1:0) = success");
        guest.ok("sock_listen", listener, 16);
        int port = sockets.localPort(listener);
        assertThat(last()).isEqualTo("[1] sock_addr_local(0, [127.0.0.1:" + port + "]) = success");
        try (Socket client = new Socket("127.0.0.1", port)) {
            int fd = sockets.accept(listener);
            assertThat(last())
                    .isEqualTo(
                            "[1] sock_accept_v2(0, 0, [1], [127.0.0.1:"
                                    + client.getLocalPort()
                                    + "]) = success");
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: \"\u0001\"".getBytes());
            sockets.receive(fd, 100, 8 | 1);
            assertThat(last())
                    .isEqualTo(
                            "[1] sock_recv(1, \"GET / HTTP/1.1\\r\\nHost: \\\"\\x01\\\"\", 1,"
                                    + " peek|dontwait, [25], [0]) = success");
            sockets.receive(fd);
            sockets.nonBlocking(fd);
            assertThat(last()).isEqualTo("[1] fd_fdstat_set_flags(1, nonblock) = success");
            sockets.receive(fd);
            assertThat(last()).startsWith("[1] sock_recv(1, 0x").endsWith(") = again");
            sockets.send(fd, "x".repeat(40));
            assertThat(last())
                    .isEqualTo(
                            "[1] sock_send(1, \""
                                    + "x".repeat(32)
                                    + "\"..., 1, 0, [40]) = success");
            guest.ok("sock_shutdown", fd, 3);
            assertThat(last()).isEqualTo("[1] sock_shutdown(1, rd|wr) = success");
        }
        sockets.setFlag(listener, 2, 1);
        assertThat(last()).isEqualTo("[1] sock_set_opt_flag(0, reuse_addr, true) = success");
        sockets.setTime(listener, 13, 5);
        assertThat(last()).isEqualTo("[1] sock_set_opt_time(0, linger, 5) = success");
    }

    @Test
    void waiting_is_traced_with_what_is_waited_for_and_what_came() {
        trace(TraceFormat.TEXT, Set.of(TraceFamily.POLL));
        int subscriptions = guest.alloc(96);
        guest.memory().fill((byte) 0, subscriptions, subscriptions + 96);
        guest.i64(subscriptions, 7).i64(subscriptions + 8, 0);
        guest.i32(subscriptions + 16, 1).i64(subscriptions + 24, 3_600_000_000_000L);
        guest.i64(subscriptions + 48, 9).i64(subscriptions + 56, 1);
        guest.i32(subscriptions + 64, 99);
        guest.ok("poll_oneoff", subscriptions, guest.alloc(64), 2, guest.alloc(4));
        assertThat(last())
                .isEqualTo(
                        "[1] poll_oneoff([clock monotonic in 3600000000000, read 99],"
                                + " [read badf 0 for 0x9], 2, [1]) = success");
    }

    @Test
    void epolls_are_traced_with_what_is_watched_and_what_came() {
        trace(TraceFormat.TEXT, TraceFamily.all());
        int epoll = guest.get("epoll_create");
        int counter = guest.alloc(4);
        guest.ok("fd_event", 1, 1, counter);
        assertThat(last()).isEqualTo("[1] fd_event(1, semaphore, [1]) = success");
        int event = guest.alloc(32);
        guest.i64(event, 1 | 64).i64(event + 8, 0xabc).i64(event + 16, 1).i64(event + 24, 0);
        guest.ok("epoll_ctl", epoll, 0, guest.i32(counter), event);
        assertThat(last()).isEqualTo("[1] epoll_ctl(0, add, 1, in|et for 0xabc) = success");
        int events = guest.alloc(96);
        guest.ok("epoll_wait", epoll, events, 3, 0, guest.alloc(4));
        assertThat(last()).isEqualTo("[1] epoll_wait(0, [in for 0xabc], 3, 0, [1]) = success");
    }

    @Test
    void what_a_call_fills_in_is_put_into_words() {
        trace(TraceFormat.TEXT, TraceFamily.all());
        int fd = sockets.tcp();
        sockets.nonBlocking(fd);
        guest.ok("fd_fdstat_get", fd, guest.alloc(24));
        assertThat(last()).isEqualTo("[1] fd_fdstat_get(0, [socket_stream nonblock]) = success");
        guest.ok("fd_filestat_get", fd, guest.alloc(64));
        assertThat(last()).isEqualTo("[1] fd_filestat_get(0, [socket_stream size 0]) = success");
        guest.ok("sock_status", fd, guest.alloc(1));
        assertThat(last()).isEqualTo("[1] sock_status(0, [opening]) = success");
        guest.ok("resolve", guest.string("::1"), 3, 80, guest.alloc(36), 2, guest.alloc(4));
        assertThat(last()).isEqualTo("[1] resolve(\"::1\", 80, [::1], 2, [1]) = success");
        int length = guest.alloc(4);
        guest.i32(length, 10);
        guest.ok("getcwd", guest.alloc(10), length);
        assertThat(last()).isEqualTo("[1] getcwd([\"/\"], [1]) = success");
        guest.call(
                "sock_join_multicast_v4",
                fd,
                guest.bytes((byte) 239, (byte) 1, (byte) 2, (byte) 3),
                guest.bytes((byte) 0, (byte) 0, (byte) 0, (byte) 0));
        assertThat(last()).startsWith("[1] sock_join_multicast_v4(0, 239.1.2.3, 0.0.0.0) = ");
    }

    @Test
    void numbers_are_words_where_the_abi_has_one() {
        trace(TraceFormat.TEXT, TraceFamily.all());
        guest.call("sock_open", 1, 1, 6, guest.alloc(4));
        assertThat(last()).isEqualTo("[1] sock_open(inet4, stream, tcp, [0]) = success");
        guest.call("thread_signal", 99, 15);
        assertThat(last()).startsWith("[1] thread_signal(99, term) = ");
        guest.call("fd_advise", 77, 0, 5_000_000_000L, 1);
        assertThat(last()).isEqualTo("[1] fd_advise(77, 0, 5000000000, sequential) = badf");
        guest.call("fd_filestat_set_times", 77, 1, 2, 1 | 8);
        assertThat(last()).isEqualTo("[1] fd_filestat_set_times(77, 1, 2, atim|mtim_now) = badf");
        int futex = guest.alloc(4);
        guest.call("futex_wake", futex, guest.alloc(1));
        // a futex is known by its address, not by its value
        assertThat(last()).startsWith("[1] futex_wake(0x" + Integer.toHexString(futex) + ", [");
    }

    @Test
    void the_arguments_of_a_program_are_put_into_words() {
        trace(TraceFormat.TEXT, TraceFamily.all());
        int words = guest.alloc(8);
        guest.i32(words, guest.bytes((byte) 'a', (byte) '\n', (byte) 0)).i32(words + 4, -1);
        int name = guest.string("/bin/none");
        guest.call("proc_exec4", name, 9, words, 1, 0, 0, 0, 0, 0);
        assertThat(last())
                .startsWith(
                        "[1] proc_exec4(\"/bin/none\", [\"a\\n\"], 1, NULL, 0, false, \"\") = ");
        guest.call("proc_exec4", name, 9, words, 2, 0, 0, 0, 0, 0);
        assertThat(last()).endsWith(" = fault");
    }

    @ParameterizedTest
    @CsvSource({"current", "legacy", "preview1", "snapshot0"})
    void every_function_of_every_generation_is_traced_with_its_names(String generation) {
        HostHarness.Builder builder =
                HostHarness.builder()
                        .listener(
                                new SyscallTracer(TraceFormat.JSON, TraceFamily.all(), lines::add));
        switch (generation) {
            case "legacy" -> builder.legacy();
            case "preview1" -> builder.preview1();
            case "snapshot0" -> builder.snapshot0();
            default -> {}
        }
        guest = builder.build();
        int traced = 0;
        for (String each : Signatures.load().names()) {
            String module = each.substring(0, each.indexOf(' '));
            if (!guest.modules().contains(module)) {
                continue;
            }
            for (SyscallSpec spec :
                    Signatures.load().find(module, each.substring(each.indexOf(' ') + 1))) {
                if (!spec.returnsErrno() || BLOCKS_OR_ENDS.contains(spec.name())) {
                    continue;
                }
                // every pointer leads somewhere, every number is small
                long[] args = new long[spec.parameters().size()];
                for (int i = 0; i < args.length; i++) {
                    String kind = spec.parameters().get(i).kind();
                    boolean number = kind.matches("fd|len|count|size|u16|.*flags.*|bool|.*_proto");
                    args[i] = number ? 1 : spec.core().charAt(i) == 'I' ? 0 : guest.alloc(256);
                }
                int before = lines.size();
                guest.invoke(spec.name(), args);
                assertThat(lines.size()).as(spec.toString()).isEqualTo(before + 1);
                String line = lines.get(before);
                assertThat(line).contains("\"call\":\"" + spec.name() + "\"");
                for (SyscallSpec.Parameter parameter : spec.parameters()) {
                    if (!parameter.kind().equals("len")) {
                        assertThat(line).contains("\"" + parameter.name() + "\":");
                    }
                }
                traced++;
            }
        }
        assertThat(traced).isGreaterThan(30);
    }

    /** Calls that would wait, or that end a thread. */
    private static final Set<String> BLOCKS_OR_ENDS =
            Set.of(
                    "futex_wait",
                    "poll_oneoff",
                    "proc_raise",
                    "proc_raise_interval",
                    "thread_join",
                    "thread_exit",
                    "proc_join",
                    "epoll_wait",
                    "fd_read");

    @Test
    void bad_pointers_and_unknown_numbers_are_shown_as_they_are() {
        trace(TraceFormat.TEXT, TraceFamily.all());
        guest.call("sock_bind", 77, -4);
        assertThat(last()).startsWith("[1] sock_bind(77, 0xfffffffc) = ");
        guest.call("sock_open", 99, 98, 97, 0);
        assertThat(last()).startsWith("[1] sock_open(99, 98, 97, NULL) = ");
        guest.call("sock_send", 77, -4, 1000, 0xffff, 0);
        assertThat(last()).startsWith("[1] sock_send(77, 0xfffffffc, 1000, dontwait|0xfffe, NULL)");
        guest.call("resolve", -4, 1000, 0, 0, 0, 0);
        assertThat(last()).startsWith("[1] resolve(0xfffffffc, 0, NULL, 0, NULL) = ");
        guest.call("fd_write", 77, guest.iovec(1024, -1), 1, 0);
        assertThat(last()).contains("\"...");
    }

    @Test
    void a_text_of_the_guest_stays_in_its_quotes() {
        trace(TraceFormat.TEXT, Set.of(TraceFamily.SOCK));
        String name = "a\"b\n\u001b[0m\u00e4";
        guest.call("resolve", guest.string(name), HostHarness.length(name), 80, 0, 0, 0);
        assertThat(last())
                .isEqualTo(
                        "[1] resolve(\"a\\\"b\\n\\x1b[0m\\xc3\\xa4\", 80, NULL, 0, NULL) = inval");
    }

    @Test
    void json_has_a_line_for_each_call() {
        trace(TraceFormat.JSON, Set.of(TraceFamily.SOCK));
        String name = "a\"b\n\\";
        guest.call("resolve", guest.string(name), 5, 80, 0, 0, 0);
        assertThat(lines)
                .singleElement()
                .asString()
                .matches(
                        "\\{\"tid\":1,\"call\":\"resolve\",\"args\":\\{\"host\":"
                                + "\"a\\\\\"b\\\\u000a\\\\\\\\\",\"port\":80,\"addrs\":\"NULL\","
                                + "\"naddrs\":0,\"ret\":\"NULL\"\\},\"result\":\"inval\","
                                + "\"nanos\":\\d+,\"time\":\\d{10}\\.\\d{3}\\}");
        int fd = sockets.tcp();
        sockets.bind(fd, "127.0.0.1", 0);
        assertThat(lines.get(2))
                .startsWith(
                        "{\"tid\":1,\"call\":\"sock_bind\",\"args\":{\"fd\":0,"
                                + "\"addr\":\"127.0.0.1:0\"},\"result\":\"success\",\"nanos\":");
    }

    @Test
    void the_time_of_a_call_is_that_of_its_begin_and_a_truth_is_one_of_json() {
        trace(TraceFormat.JSON, Set.of(TraceFamily.SOCK));
        long before = System.currentTimeMillis();
        int fd = sockets.tcp();
        guest.call("sock_set_opt_flag", fd, SockOption.REUSE_ADDR.ordinal(), 1);
        String line = lines.get(lines.size() - 1);
        assertThat(line).contains(",\"flag\":true}");
        String time = line.substring(line.indexOf("\"time\":") + 7, line.length() - 1);
        assertThat(Double.parseDouble(time) * 1000)
                .isBetween(before - 2.0, System.currentTimeMillis() + 2.0);
    }

    @Test
    void only_chosen_families_are_traced() throws IOException {
        trace(TraceFormat.TEXT, TraceFamily.parse("fd, clock"));
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int fd = sockets.tcp();
            assertThat(sockets.connect(fd, server.getLocalPort())).isEqualTo(Errno.SUCCESS);
            guest.ok("clock_time_get", 1, 0, guest.alloc(8));
            guest.ok("fd_close", fd);
        }
        assertThat(lines)
                .hasSize(2)
                .first()
                .asString()
                .contains(" [1] clock_time_get(monotonic, 0, [");
        assertThat(last()).isEqualTo("[1] fd_close(0) = success");
    }

    @Test
    void a_call_that_does_not_return_is_traced_too() {
        trace(TraceFormat.TEXT, Set.of(TraceFamily.PROC));
        assertThatThrownBy(() -> guest.invoke("proc_exit2", 3)).isNotNull();
        assertThat(last()).isEqualTo("[1] proc_exit2(3) = ?");
    }

    @Test
    void notes_stand_between_the_calls() {
        new SyscallTracer(TraceFormat.TEXT, TraceFamily.all(), lines::add).note("denied");
        new SyscallTracer(TraceFormat.JSON, TraceFamily.all(), lines::add).note("\"x\"");
        assertThat(lines).containsExactly("--- denied ---", "{\"note\":\"\\\"x\\\"\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "sock_open, SOCK",
        "resolve, SOCK",
        "port_addr_list, SOCK",
        "poll_oneoff, POLL",
        "epoll_wait, POLL",
        "fd_event, POLL",
        "fd_read, FD",
        "path_open, PATH",
        "getcwd, PATH",
        "clock_time_get, CLOCK",
        "thread_sleep, CLOCK",
        "thread-spawn, THREAD",
        "futex_wait, THREAD",
        "proc_exit, PROC",
        "environ_get, PROC"
    })
    void every_function_has_a_family(String function, TraceFamily family) {
        assertThat(TraceFamily.of(function)).isEqualTo(family);
    }

    @Test
    void an_unknown_family_is_named() {
        assertThatThrownBy(() -> TraceFamily.parse("sock,net"))
                .hasMessage("'net' is not one of sock, poll, fd, path, clock, proc, thread");
    }
}
