package org.wasix4j.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.wasix4j.testmodules.Ipv6;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/** The socket functions on a {@link HostHarness}, with addresses and texts instead of pointers. */
final class SocketCalls {

    static final int INET4 = 1;
    static final int INET6 = 2;
    static final int UNIX = 3;
    static final int STREAM = 1;
    static final int DGRAM = 2;
    static final int NONBLOCK = 4;

    private final HostHarness guest;

    SocketCalls(HostHarness guest) {
        this.guest = guest;
    }

    /** A fresh socket. A test that needs IPv6 is given up on a machine without it. */
    int open(int family, int type) {
        int out = guest.alloc(4);
        Errno errno = guest.call("sock_open", family, type, 0, out);
        assumeTrue(
                errno != Errno.AFNOSUPPORT || family != INET6 || Ipv6.isAvailable(),
                "this machine has no IPv6");
        expect(errno);
        return guest.i32(out);
    }

    /** A fresh TCP socket over IPv4. */
    int tcp() {
        return open(INET4, STREAM);
    }

    /** A client of the host for a listener of the guest. */
    Socket client(int listener) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), localPort(listener));
    }

    /** An address record in guest memory. */
    int address(String host, int port) {
        try {
            byte[] octets = InetAddress.getByName(host).getAddress();
            int record = guest.alloc(110);
            guest.memory().writeByte(record, (byte) (octets.length == 4 ? INET4 : INET6));
            guest.memory().writeShort(record + 2, (short) port);
            guest.memory().write(record + 4, octets);
            if (octets.length == 16) {
                guest.memory().write(record + 20, new byte[8]);
            }
            return record;
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** An address record of a unix socket in guest memory. */
    int address(String path) {
        int record = guest.alloc(110);
        guest.memory().write(record, new byte[110]);
        guest.memory().writeByte(record, (byte) UNIX);
        guest.memory().write(record + 2, path.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    Errno bind(int fd, String host, int port) {
        return guest.call("sock_bind", fd, address(host, port));
    }

    /** A listener on 127.0.0.1 with an ephemeral port. */
    int listener() {
        int fd = tcp();
        listenOn(fd, "127.0.0.1");
        return fd;
    }

    private void listenOn(int fd, String host) {
        expect(bind(fd, host, 0));
        expect(guest.call("sock_listen", fd, 16));
    }

    /** A listener on [::1] with an ephemeral port. */
    int listener6() {
        int fd = open(INET6, STREAM);
        listenOn(fd, "::1");
        return fd;
    }

    int localPort(int fd) {
        int out = guest.alloc(110);
        guest.ok("sock_addr_local", fd, out);
        return guest.u16(out + 2);
    }

    Errno connect(int fd, int port) {
        return guest.call("sock_connect", fd, address("127.0.0.1", port));
    }

    /**
     * Makes the kernel keep little for the connections of a socket: how much it keeps by itself is
     * the machine's, some megabytes or many. For a listener's connections it is set there.
     */
    void keepLittle(int fd) {
        int size = 65_536;
        guest.ok("sock_set_opt_size", fd, SockOption.RECV_BUF_SIZE.code(), size);
        guest.ok("sock_set_opt_size", fd, SockOption.SEND_BUF_SIZE.code(), size);
    }

    /** As {@link #client}, for which the kernel keeps little. */
    Socket slowClient(int listener) throws IOException {
        Socket client = new Socket();
        client.setReceiveBufferSize(65_536);
        client.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), localPort(listener)));
        return client;
    }

    /** Accepts, blocking as the listener is. */
    int accept(int fd) {
        int out = guest.alloc(4);
        expect(tryAccept(fd, 0, out));
        return guest.i32(out);
    }

    Errno tryAccept(int fd, int flags, int out) {
        return guest.call("sock_accept_v2", fd, flags, out, guest.alloc(110));
    }

    Errno tryAccept(int fd) {
        return tryAccept(fd, 0, guest.alloc(4));
    }

    void nonBlocking(int fd) {
        guest.ok("fd_fdstat_set_flags", fd, NONBLOCK);
    }

    /** What was received as text, or the errno's name in brackets. */
    String receive(int fd, int length, int flags) {
        int buffer = guest.alloc(length);
        int size = guest.alloc(4);
        Errno errno =
                guest.call(
                        "sock_recv",
                        fd,
                        guest.iovec(buffer, length),
                        1,
                        flags,
                        size,
                        guest.alloc(2));
        return errno == Errno.SUCCESS
                ? new String(guest.read(buffer, guest.i32(size)), StandardCharsets.UTF_8)
                : "[" + errno + "]";
    }

    String receive(int fd) {
        return receive(fd, 100, 0);
    }

    Errno send(int fd, String text) {
        return guest.call("sock_send", fd, guest.iovec(text), 1, 0, guest.alloc(4));
    }

    int status(int fd) {
        int out = guest.alloc(1);
        guest.ok("sock_status", fd, out);
        return guest.u8(out);
    }

    Errno setFlag(int fd, int option, int value) {
        return guest.call("sock_set_opt_flag", fd, option, value);
    }

    Errno setTime(int fd, int option, long nanos) {
        int record = guest.alloc(16);
        guest.i64(record, 1).i64(record + 8, nanos);
        return guest.call("sock_set_opt_time", fd, option, record);
    }

    long size(int fd, int option) {
        int out = guest.alloc(8);
        guest.ok("sock_get_opt_size", fd, option, out);
        return guest.i64(out);
    }

    static void expect(Errno errno) {
        if (errno != Errno.SUCCESS) {
            throw new AssertionError("answered " + errno);
        }
    }
}
