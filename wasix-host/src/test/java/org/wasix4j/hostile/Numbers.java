package org.wasix4j.hostile;

import java.util.function.Predicate;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.poll.Epoll;
import org.wasix4j.types.FileType;

/** Numbers that a hostile guest gives: descriptors in use, flags, times, and the worst there is. */
final class Numbers {

    private static final long[] NUMBERS = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        16,
        63,
        64,
        255,
        1024,
        4096,
        65535,
        65536,
        0x7fffffffL,
        0x80000000L,
        0xfffffff8L,
        0xffffffffL
    };
    private static final long[] LONGS = {
        0,
        1,
        2,
        8,
        100,
        4096,
        65536,
        0x7fffffffL,
        0x80000000L,
        0xffffffffL,
        1L << 40,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2,
        -4096
    };
    private final Choices choices;
    private final FdTable table;
    private final Focus focus;
    private Predicate<OpenDescription> kind = any -> true;

    /**
     * Creates the numbers of a thread.
     *
     * @param focus what the threads of the guest are after, or null when there is one thread
     */
    Numbers(Choices choices, FdTable table, Focus focus) {
        this.choices = choices;
        this.table = table;
        this.focus = focus;
    }

    /** Has descriptors be such as a function wants. */
    void wantFor(String function) {
        kind = kind(function);
    }

    /** Has descriptors be any. */
    void wantAny() {
        kind = any -> true;
    }

    /** What a function wants its descriptor to be. */
    private static Predicate<OpenDescription> kind(String function) {
        if (function.startsWith("sock_")) {
            return description -> description instanceof SocketDescription;
        }
        if (function.startsWith("path_") || function.equals("fd_readdir")) {
            return description -> description.type() == FileType.DIRECTORY;
        }
        if (function.startsWith("epoll_")) {
            return description -> description instanceof Epoll;
        }
        return description -> description.type() != FileType.DIRECTORY;
    }

    /** A number of 32 bits at an edge. */
    long odd() {
        return choices.of(NUMBERS);
    }

    /** A number of 64 bits at an edge. */
    long oddLong() {
        return choices.of(LONGS);
    }

    long nanos() {
        return choices.percent(80)
                ? choices.below(2_000_000)
                : choices.percent(50) ? 0 : choices.of(LONGS);
    }

    /** Any 32 bits, often those that are at an edge. */
    long anyInt() {
        return choices.percent(50) ? choices.of(NUMBERS) : choices.any() & 0xffffffffL;
    }

    /** A descriptor in use, mostly of the kind that a function wants, or nearly any number. */
    long descriptor() {
        long chosen = chooseDescriptor();
        return focus == null ? chosen : focus.of((int) chosen, choices);
    }

    private long chooseDescriptor() {
        if (choices.percent(95)) {
            Predicate<OpenDescription> wanted = choices.percent(80) ? kind : any -> true;
            int start = choices.below(table.limit());
            for (int i = 0; i < table.limit(); i++) {
                int fd = (start + i) % table.limit();
                OpenDescription description = table.find(fd);
                if (description != null && wanted.test(description)) {
                    return fd;
                }
            }
        }
        return choices.percent(50) ? choices.below(table.limit() + 2) : anyInt();
    }

    /** A number for a parameter of a kind. */
    long of(String kind) {
        return switch (kind) {
            case "fd" -> descriptor();
            case "fdflags" -> choices.percent(60) ? 4 : small(32);
            case "rights" ->
                    choices.percent(80)
                            ? -1L >>> 35
                            : choices.percent(50) ? choices.any() & 0x1fffffff : choices.of(LONGS);
            case "filesize",
                    "filedelta",
                    "dircookie",
                    "u64",
                    "longsize",
                    "tl_val",
                    "cid",
                    "context_id" ->
                    choices.percent(80) ? choices.below(5000) : choices.of(LONGS);
            case "timestamp" -> nanos();
            case "signal" -> choices.percent(97) ? 1 + choices.below(8) : small(40);
            case "lookupflags",
                    "bool",
                    "riflags",
                    "siflags",
                    "whence",
                    "clockid",
                    "advice",
                    "fstflags",
                    "oflags",
                    "sdflags",
                    "epoll_ctl",
                    "eventfdflags",
                    "address_family" ->
                    small(5);
            case "sock_type" -> small(choices.percent(80) ? 3 : 12);
            case "sock_option" -> small(29);
            case "sock_proto" -> choices.percent(70) ? 0 : small(20);
            case "tid", "pid", "tl_key" -> small(10);
            case "size", "u32" -> choices.percent(80) ? choices.below(64) : anyInt();
            default -> choices.percent(70) ? choices.below(8) : anyInt();
        };
    }

    private long small(int bound) {
        return choices.percent(96) ? choices.below(bound) : anyInt();
    }
}
