package org.wasix4j.hostile;

import java.util.Arrays;
import org.wasix4j.host.HostHarness;
import org.wasix4j.types.Errno;

/** Calls that belong together, as a program makes them, so that sequences get somewhere. */
final class Scenes {

    private static final int STREAM = 1;
    private static final int NONBLOCK = 4;
    private static final long ALL_RIGHTS = -1L >>> 35;

    /** Makes a call, whatever comes out of it. */
    @FunctionalInterface
    interface Attempt {
        Errno call(String function, long... args);
    }

    private final GuestKind kind;
    private final HostHarness guest;
    private final Choices choices;
    private final Arena arena;
    private final Addresses addresses;
    private final Numbers numbers;
    private final Attempt attempt;

    Scenes(
            GuestKind kind,
            HostHarness guest,
            Choices choices,
            Arena arena,
            Addresses addresses,
            Numbers numbers,
            Attempt attempt) {
        this.kind = kind;
        this.guest = guest;
        this.choices = choices;
        this.arena = arena;
        this.addresses = addresses;
        this.numbers = numbers;
        this.attempt = attempt;
    }

    /** Opens some of everything, so that sequences do not begin from nothing. */
    void begin() {
        if (kind.isWasix()) {
            for (int i = 0; i < 6; i++) {
                one();
            }
        } else {
            file("a");
            file("dir/b");
        }
    }

    /** One of them. */
    void one() {
        if (!kind.isWasix()) {
            file("a");
            return;
        }
        int family = 1 + choices.below(2);
        int datagram = kind == GuestKind.LEGACY ? 0 : 2;
        switch (choices.below(9)) {
            case 0, 1 -> connectedPair(family);
            case 2 -> datagrams(family, datagram);
            case 3 -> unixPair();
            case 4 -> {
                int out = arena.alloc(8);
                int type = choices.percent(50) ? STREAM : datagram;
                attempt.call("sock_pair", 3, type, 0, out, out + 4);
            }
            case 5 -> {
                int out = arena.alloc(8);
                attempt.call("fd_pipe", out, out + 4);
                get("fd_event", choices.below(3), choices.below(5));
            }
            case 6, 7 -> epoll();
            default -> {
                file("a");
                file("dir/b");
            }
        }
    }

    private void connectedPair(int family) {
        int listener = get("sock_open", family, STREAM, 0);
        attempt.call("sock_bind", listener, addresses.loopback(arena, family, 0));
        int port = learn(listener);
        attempt.call("sock_listen", listener, 4);
        int client = get("sock_open", family, STREAM, 0);
        nonBlocking(client);
        nonBlocking(listener);
        attempt.call("sock_connect", client, addresses.loopback(arena, family, port));
        if (choices.percent(70)) {
            attempt.call("sock_accept_v2", listener, NONBLOCK, arena.alloc(4), arena.alloc(110));
        }
    }

    private void datagrams(int family, int type) {
        int one = get("sock_open", family, type, 0);
        attempt.call("sock_bind", one, addresses.loopback(arena, family, 0));
        learn(one);
        int other = get("sock_open", family, type, 0);
        attempt.call("sock_connect", other, addresses.loopback(arena, family, addresses.port()));
    }

    private void unixPair() {
        int address = addresses.unix(arena, "dir/s" + choices.below(3));
        int listener = get("sock_open", 3, STREAM, 0);
        attempt.call("sock_bind", listener, address);
        attempt.call("sock_listen", listener, 2);
        int client = get("sock_open", 3, STREAM, 0);
        nonBlocking(client);
        nonBlocking(listener);
        attempt.call("sock_connect", client, address);
    }

    private void epoll() {
        int set = get("epoll_create");
        for (int i = 0; i < 5; i++) {
            int event = arena.alloc(32);
            arena.i64(event, choices.below(256));
            attempt.call("epoll_ctl", set, 0, numbers.descriptor(), event);
        }
    }

    private void file(String path) {
        int out = arena.alloc(4);
        int text = arena.string(path);
        for (int dir = 3; dir < 5; dir++) {
            if (guest.process().descriptors().find(dir) != null) {
                attempt.call(
                        "path_open",
                        dir,
                        1,
                        text,
                        path.length(),
                        1,
                        ALL_RIGHTS,
                        ALL_RIGHTS,
                        choices.below(6),
                        out);
            }
        }
    }

    void nonBlocking(int fd) {
        attempt.call("fd_fdstat_set_flags", fd, NONBLOCK);
    }

    /** The port that a socket has, which is known to others from now on. */
    int learn(int fd) {
        int out = arena.alloc(110);
        if (attempt.call("sock_addr_local", fd, out) == Errno.SUCCESS && guest.u8(out) != 3) {
            int port = guest.u16(out + 2);
            if (port != 0) {
                addresses.learn(port);
            }
            return port;
        }
        return 0;
    }

    /** A call whose last parameter is a number's place; -1 when it fails. */
    private int get(String function, long... args) {
        int out = arena.alloc(4);
        long[] more = Arrays.copyOf(args, args.length + 1);
        more[args.length] = out;
        return attempt.call(function, more) == Errno.SUCCESS ? guest.i32(out) : -1;
    }
}
