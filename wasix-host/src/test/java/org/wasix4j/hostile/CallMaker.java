package org.wasix4j.hostile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.wasix4j.host.HostHarness;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.poll.Epoll;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.FileType;
import org.wasix4j.types.SyscallSpec;
import org.wasix4j.types.SyscallSpec.Parameter;

/**
 * Makes the arguments of a call, by the kinds of its parameters: mostly such as a program would
 * give, so that a sequence gets somewhere, and now and then the worst there is. What is pointed to
 * is written into the guest's memory.
 */
final class CallMaker {

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
    private static final List<String> NAMES =
            List.of(
                    "a",
                    "b",
                    "dir",
                    "sub",
                    "out",
                    "up",
                    "in",
                    "loop",
                    "file",
                    "outside",
                    "socket",
                    "volume",
                    "readonly",
                    "ro",
                    "..",
                    "..",
                    ".",
                    "",
                    "c",
                    "d",
                    "x\0y",
                    "ü",
                    "proc",
                    "self",
                    "root",
                    "dev",
                    "etc");
    private static final List<String> HOSTS =
            List.of(
                    "localhost",
                    "127.0.0.1",
                    "::1",
                    "",
                    "example.invalid",
                    "a\0b",
                    "ip6-localhost");
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

    private final Choices choices;
    private final HostHarness guest;
    private final int memorySize;
    private final Ground ground;

    /** Ports that this machine's other programs have nothing to do with. */
    final List<Integer> ports = new ArrayList<>();

    private Predicate<OpenDescription> kind = any -> true;

    /** How many calls named something that is not granted. */
    int attempts;

    CallMaker(Choices choices, HostHarness guest, Ground ground) {
        this.choices = choices;
        this.guest = guest;
        this.ground = ground;
        memorySize = guest.memory().pages() * 65536;
        ports.add(0);
        ports.add(ground.grantedPort());
        ports.add(10275);
        ports.addAll(ground.forbiddenPorts());
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

    /** The arguments of one call. */
    long[] arguments(SyscallSpec spec) {
        kind = kind(spec.name());
        List<Parameter> parameters = spec.parameters();
        long[] args = new long[parameters.size()];
        for (int i = 0; i < args.length; i++) {
            i += fill(spec, parameters, args, i);
            if (spec.name().equals("epoll_ctl") || spec.name().equals("sock_send_file")) {
                kind = any -> true;
            }
        }
        if (choices.percent(2) && args.length > 0) {
            args[choices.below(args.length)] = anyInt();
        }
        String core = spec.core();
        for (int i = 0; i < args.length; i++) {
            if (core.charAt(i) == 'i') {
                // an engine gives an i32 with either sign
                args[i] = choices.percent(50) ? (int) args[i] : args[i] & 0xffffffffL;
            }
        }
        return args;
    }

    /** Fills the parameter, and says how many more it has filled. */
    private int fill(SyscallSpec spec, List<Parameter> all, long[] args, int i) {
        String kind = all.get(i).kind();
        boolean hasLength = i + 1 < all.size() && isLength(all.get(i + 1).kind());
        switch (kind) {
            case "string" -> {
                byte[] text = text(spec, all.get(i).name());
                args[i] = pointer(guest.bytes(text), text.length);
                args[i + 1] = length(text.length);
                return 1;
            }
            case "iovecs", "ciovecs" -> {
                int count = choices.percent(90) ? choices.below(5) : choices.below(40);
                args[i] = pointer(iovecs(count), count * 8);
                args[i + 1] = length(count);
                return 1;
            }
            case "*u8",
                    "u8s",
                    "wasm_value_types",
                    "*wasm_value_type",
                    "proc_spawn_fd_ops",
                    "signal_dispositions",
                    "*addr_ip" -> {
                int unit = kind.equals("*addr_ip") ? 18 : 1;
                int room = choices.percent(80) ? choices.below(600) : choices.below(20_000);
                args[i] = pointer(guest.alloc(room + unit * 8), room);
                if (kind.equals("*u8") && hasLength && all.get(i + 1).kind().startsWith("*")) {
                    args[i + 1] = pointer(inOut(room), 4);
                    return 1;
                }
                if (hasLength) {
                    args[i + 1] = length(room / unit);
                    return 1;
                }
                return 0;
            }
            case "&subscription" -> {
                int count = 1 + choices.below(choices.percent(90) ? 4 : 30);
                args[i] = pointer(subscriptions(spec, count), count * 48);
                args[i + 1] = pointer(guest.alloc(count * 32), count * 32);
                args[i + 2] = length(count);
                return 2;
            }
            case "*epoll_event" -> {
                int count = choices.below(8);
                args[i] = pointer(guest.alloc(count * 32), count * 32);
                args[i + 1] = length(count);
                return 1;
            }
            case "*addr_cidr", "*route" -> {
                args[i] = pointer(guest.alloc(400), 400);
                args[i + 1] = pointer(inOut(2), 4);
                return 1;
            }
            default -> {
                args[i] =
                        kind.startsWith("&") || kind.startsWith("*") ? pointed(kind) : scalar(kind);
                return 0;
            }
        }
    }

    private static boolean isLength(String kind) {
        return switch (kind) {
            case "len", "count", "size", "pointersize", "u16", "*pointersize" -> true;
            default -> false;
        };
    }

    private int inOut(int value) {
        int at = guest.alloc(4);
        guest.i32(at, choices.percent(90) ? value : (int) anyInt());
        return at;
    }

    // ---- pointers

    /** Mostly the good address of so many bytes, sometimes one that is wrong or nearly. */
    private long pointer(int good, int bytes) {
        if (choices.percent(94)) {
            return good;
        }
        return switch (choices.below(8)) {
            case 0 -> 0;
            case 1 -> memorySize;
            case 2 -> memorySize - Math.max(1, bytes);
            case 3 -> memorySize - choices.below(Math.max(2, bytes));
            case 4 -> choices.of(NUMBERS);
            case 5 -> 1024 + choices.below(2000);
            case 6 -> good + 1 + choices.below(7);
            default -> anyInt();
        };
    }

    private long length(int good) {
        return choices.percent(95)
                ? good
                : choices.percent(50)
                        ? choices.of(NUMBERS)
                        : Math.max(0, good - 1 + choices.below(3));
    }

    private long pointed(String kind) {
        return switch (kind) {
            case "&addr_port", "&addr" -> pointer(address(), 28);
            case "&addr_ip4", "&addr_ip6", "&addr_cidr" -> {
                int at = guest.alloc(40);
                guest.memory().write(at, choices.of(List.of(INET6)));
                if (choices.percent(50)) {
                    guest.memory().write(at, new byte[] {(byte) 224, 0, 0, 7});
                }
                yield pointer(at, 16);
            }
            case "&option_timestamp" -> {
                int at = guest.alloc(16);
                guest.i64(at, choices.percent(95) ? choices.below(2) : choices.any());
                guest.i64(at + 8, nanos());
                yield pointer(at, 16);
            }
            case "&epoll_event" -> {
                int at = guest.alloc(32);
                guest.i64(at, choices.percent(90) ? choices.below(256) : choices.any());
                guest.i64(at + 8, choices.any());
                yield choices.percent(5) ? 0 : pointer(at, 32);
            }
            case "*u32" -> {
                int at = guest.alloc(4);
                guest.i32(at, choices.below(3));
                yield pointer(at, 4);
            }
            default -> pointer(guest.alloc(176), 8);
        };
    }

    private int iovecs(int count) {
        int[] entries = new int[count * 2];
        for (int i = 0; i < count; i++) {
            int room =
                    choices.percent(70)
                            ? choices.below(100)
                            : choices.percent(80) ? choices.below(3000) : 0;
            entries[i * 2] = (int) pointer(guest.alloc(room), room);
            entries[i * 2 + 1] = (int) length(room);
        }
        return guest.iovec(entries);
    }

    private int subscriptions(SyscallSpec spec, int count) {
        boolean snapshot0 = spec.module().equals("wasi_unstable");
        int size = snapshot0 ? 56 : 48;
        int array = guest.alloc(count * size);
        for (int i = 0; i < count; i++) {
            int at = array + i * size;
            int tag = choices.percent(95) ? choices.below(3) : choices.below(256);
            guest.i64(at, choices.percent(90) ? choices.below(9) : choices.of(LONGS));
            guest.i64(at + 8, tag);
            if (tag == 0) {
                int clock = at + (snapshot0 ? 24 : 16);
                guest.i64(clock, scalar("clockid"));
                guest.i64(clock + 8, nanos()).i64(clock + 16, 0);
                guest.i64(clock + 24, choices.percent(70) ? 0 : choices.below(4));
            } else {
                guest.i64(at + 16, scalar("fd"));
            }
        }
        return array;
    }

    /** Where a socket address is: nearly always one that no stranger's program answers at. */
    private int address() {
        int at = guest.alloc(128);
        int port = choices.of(ports);
        if (ground.forbiddenPorts().contains(port)) {
            attempts++;
        }
        guest.memory().writeShort(at + 2, (short) port);
        int family = choices.percent(97) ? 1 + choices.below(3) : choices.below(256);
        guest.memory().writeByte(at, (byte) family);
        if (family == 1) {
            guest.memory().write(at + 4, choices.of(List.of(INET4)));
        } else if (family == 2) {
            guest.memory().write(at + 4, choices.of(List.of(INET6)));
            guest.memory().write(at + 20, new byte[8]);
            if (choices.percent(10)) {
                guest.i64(at + 20, choices.any());
            }
        } else if (family == 3) {
            byte[] path = path().getBytes(StandardCharsets.UTF_8);
            boolean legacy = guest.profile() == AbiProfile.LEGACY;
            byte[] room = new byte[legacy ? 16 : 108];
            System.arraycopy(path, 0, room, 0, Math.min(path.length, room.length));
            guest.memory().write(at + (legacy ? 4 : 2), room);
        }
        return at;
    }

    // ---- texts

    private byte[] text(SyscallSpec spec, String parameter) {
        if (choices.percent(2)) {
            byte[] rubbish = new byte[choices.below(20)];
            for (int i = 0; i < rubbish.length; i++) {
                rubbish[i] = (byte) choices.below(256);
            }
            return rubbish;
        }
        if (choices.percent(1)) {
            return "d/".repeat(choices.below(5000)).getBytes(StandardCharsets.UTF_8);
        }
        String text =
                parameter.equals("host") || parameter.equals("url") ? choices.of(HOSTS) : path();
        if (spec.name().startsWith("path_") && text.contains("..")) {
            attempts++;
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String path() {
        StringBuilder path = new StringBuilder(choices.percent(20) ? "/" : "");
        if (choices.percent(3)) {
            return path.append(ground.outside).append("/file").substring(1);
        }
        int names = 1 + choices.below(choices.percent(80) ? 2 : 5);
        for (int i = 0; i < names; i++) {
            if (i > 0) {
                path.append('/');
            }
            path.append(choices.of(NAMES));
        }
        return path.append(choices.percent(5) ? "/" : "").toString();
    }

    // ---- numbers

    private long nanos() {
        return choices.percent(80)
                ? choices.below(2_000_000)
                : choices.percent(50) ? 0 : choices.of(LONGS);
    }

    private long anyInt() {
        return choices.percent(50) ? choices.of(NUMBERS) : choices.any() & 0xffffffffL;
    }

    /** A descriptor in use, mostly of the kind that a function wants, or nearly any number. */
    long descriptor() {
        FdTable table = guest.process().descriptors();
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

    private long scalar(String kind) {
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
