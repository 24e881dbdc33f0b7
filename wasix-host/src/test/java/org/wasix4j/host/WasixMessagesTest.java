package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.Errno;

/** sendmsg and recvmsg as wasix-libc of 2026-06 asks for them. */
@Timeout(60)
class WasixMessagesTest {

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private Errno send(int fd, String text, int address, int control, int length) {
        return guest.call(
                "sock_send_msg",
                fd,
                guest.iovec(text),
                1,
                0,
                address,
                control,
                length,
                guest.alloc(4));
    }

    @Test
    void a_message_goes_to_an_address_and_comes_from_one() {
        int one = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        int two = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        SocketCalls.expect(sockets.bind(one, "127.0.0.1", 0));
        SocketCalls.expect(sockets.bind(two, "127.0.0.1", 0));
        int there = sockets.address("127.0.0.1", sockets.localPort(two));
        assertThat(send(one, "hello", there, 0, 0)).isEqualTo(Errno.SUCCESS);
        int buffer = guest.alloc(10);
        int size = guest.alloc(4);
        int flags = guest.alloc(2);
        int from = guest.alloc(110);
        int control = guest.alloc(64);
        int controlSize = guest.alloc(4);
        guest.ok(
                "sock_recv_msg",
                two,
                guest.iovec(buffer, 3),
                1,
                0,
                from,
                control,
                64,
                size,
                flags,
                controlSize);
        assertThat(guest.text(buffer, guest.i32(size))).isEqualTo("hel");
        assertThat(guest.u16(flags)).isEqualTo(1);
        assertThat(guest.u16(from + 2)).isEqualTo(sockets.localPort(one));
        assertThat(guest.i32(controlSize)).isZero();
    }

    @Test
    void without_an_address_it_is_a_connected_socket_and_control_data_do_not_pass() {
        int ends = guest.alloc(8);
        guest.ok("sock_pair", 3, SocketCalls.STREAM, 0, ends, ends + 4);
        int control = guest.alloc(16);
        assertThat(send(guest.i32(ends), "hello", 0, control, 16)).isEqualTo(Errno.NOTSUP);
        assertThat(send(guest.i32(ends), "hello", 0, control, 0)).isEqualTo(Errno.SUCCESS);
        int buffer = guest.alloc(10);
        int size = guest.alloc(4);
        guest.ok(
                "sock_recv_msg",
                guest.i32(ends + 4),
                guest.iovec(buffer, 10),
                1,
                0,
                0,
                0,
                0,
                size,
                guest.alloc(2),
                guest.alloc(4));
        assertThat(guest.text(buffer, guest.i32(size))).isEqualTo("hello");
    }
}
