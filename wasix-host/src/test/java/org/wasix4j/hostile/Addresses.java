package org.wasix4j.hostile;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Socket addresses that a hostile guest gives, in every disguise: nearly always such as no
 * stranger's program answers at.
 */
final class Addresses {

    private static final byte[][] INET6 = {
        new byte[16],
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1},
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0},
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1},
        {0, 0x64, -1, -101, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1},
        {0x20, 2, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
        {-1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
        {-2, -128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
    };
    private static final byte[][] INET4 = {
        {127, 0, 0, 1},
        {127, 0, 0, 1},
        {127, 0, 0, 1},
        {127, 0, 0, 2},
        {0, 0, 0, 0},
        {(byte) 224, 0, 0, 1},
        {(byte) 255, -1, -1, -1},
        {127, -1, -1, -1}
    };
    private static final byte[] GROUP = {(byte) 224, 0, 0, 7};

    private final Choices choices;
    private final Names names;
    private final Neighbours neighbours;
    private final boolean legacy;
    private final Tally tally;

    /** Ports that this machine's other programs have nothing to do with. */
    private final List<Integer> ports = new CopyOnWriteArrayList<>();

    /** Those of them that the guest has had. */
    private final List<Integer> learnt = new CopyOnWriteArrayList<>();

    Addresses(Choices choices, Names names, Neighbours neighbours, boolean legacy, Tally tally) {
        this.choices = choices;
        this.names = names;
        this.neighbours = neighbours;
        this.legacy = legacy;
        this.tally = tally;
        ports.addAll(List.of(0, neighbours.grantedPort(), 10275));
        ports.addAll(neighbours.forbiddenPorts());
    }

    /** Takes a port that the guest has got into the choice. */
    void learn(int port) {
        if (!ports.contains(port)) {
            ports.add(port);
            learnt.add(port);
        }
    }

    List<Integer> learnt() {
        return learnt;
    }

    int port() {
        return choices.of(ports);
    }

    /** Where an IP address without a port is. */
    int ip(Arena arena) {
        int at = arena.alloc(40);
        arena.write(at, choices.of(List.of(INET6)));
        if (choices.percent(50)) {
            arena.write(at, GROUP);
        }
        return at;
    }

    /** Where a socket address of some family is. */
    int any(Arena arena) {
        int at = arena.alloc(128);
        int port = port();
        if (neighbours.forbiddenPorts().contains(port)) {
            tally.attempted();
        }
        int family = choices.percent(97) ? 1 + choices.below(3) : choices.below(256);
        head(arena, at, family, port);
        if (family == 1) {
            arena.write(at + 4, choices.of(List.of(INET4)));
        } else if (family == 2) {
            arena.write(at + 4, choices.of(List.of(INET6)));
            arena.write(at + 20, new byte[8]);
            if (choices.percent(10)) {
                arena.i64(at + 20, choices.any());
            }
        } else if (family == 3) {
            unix(arena, at, names.path());
        }
        return at;
    }

    private static void head(Arena arena, int at, int family, int port) {
        arena.write(at, (byte) family);
        arena.write(at + 2, (byte) port, (byte) (port >> 8));
    }

    private void unix(Arena arena, int at, String path) {
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        byte[] room = new byte[legacy ? 16 : 108];
        System.arraycopy(text, 0, room, 0, Math.min(text.length, room.length));
        arena.write(at + (legacy ? 4 : 2), room);
    }

    /** Where the address of a unix socket is. */
    int unix(Arena arena, String path) {
        int at = arena.alloc(128);
        arena.write(at, (byte) 3);
        unix(arena, at, path);
        return at;
    }

    /** Where an address of this machine is, as a program writes it. */
    int loopback(Arena arena, int family, int port) {
        int at = arena.alloc(32);
        arena.write(at, new byte[32]);
        head(arena, at, family, port);
        if (family == 1) {
            arena.write(at + 4, INET4[0]);
        } else {
            arena.write(at + 19, (byte) 1);
        }
        return at;
    }
}
