package org.wasix4j.hostile;

import java.util.List;
import org.wasix4j.types.SyscallSpec;
import org.wasix4j.types.SyscallSpec.Parameter;

/**
 * Makes the arguments of a call, by the kinds of its parameters: mostly such as a program would
 * give, so that a sequence gets somewhere, and now and then the worst there is. What is pointed to
 * is written into the guest's memory.
 */
final class CallMaker {

    private final Choices choices;
    private final Arena arena;
    private final int memorySize;
    private final Names names;
    private final Addresses addresses;
    private final Numbers numbers;

    CallMaker(
            Choices choices,
            Arena arena,
            int memorySize,
            Names names,
            Addresses addresses,
            Numbers numbers) {
        this.choices = choices;
        this.arena = arena;
        this.memorySize = memorySize;
        this.names = names;
        this.addresses = addresses;
        this.numbers = numbers;
    }

    /** The arguments of one call. */
    long[] arguments(SyscallSpec spec) {
        numbers.wantFor(spec.name());
        List<Parameter> parameters = spec.parameters();
        long[] args = new long[parameters.size()];
        for (int i = 0; i < args.length; i++) {
            i += fill(spec, parameters, args, i);
            if (spec.name().equals("epoll_ctl") || spec.name().equals("sock_send_file")) {
                numbers.wantAny();
            }
        }
        if (choices.percent(2) && args.length > 0) {
            args[choices.below(args.length)] = numbers.anyInt();
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
                byte[] text = names.text(spec, all.get(i).name());
                args[i] = pointer(arena.bytes(text), text.length);
                args[i + 1] = length(text.length);
                return 1;
            }
            case "&strings" -> {
                int count = choices.below(6);
                int array = arena.alloc(count * 4);
                for (int each = 0; each < count; each++) {
                    byte[] text = names.text(spec, all.get(i).name());
                    arena.i32(array + each * 4, (int) pointer(arena.bytes(text), text.length));
                }
                args[i] = pointer(array, count * 4);
                args[i + 1] = length(count);
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
                args[i] = pointer(arena.alloc(room + unit * 8), room);
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
                args[i + 1] = pointer(arena.alloc(count * 32), count * 32);
                args[i + 2] = length(count);
                return 2;
            }
            case "*epoll_event" -> {
                int count = choices.below(8);
                args[i] = pointer(arena.alloc(count * 32), count * 32);
                args[i + 1] = length(count);
                return 1;
            }
            case "*addr_cidr", "*route" -> {
                args[i] = pointer(arena.alloc(400), 400);
                args[i + 1] = pointer(inOut(2), 4);
                return 1;
            }
            default -> {
                args[i] =
                        kind.startsWith("&") || kind.startsWith("*")
                                ? pointed(kind)
                                : numbers.of(kind);
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
        int at = arena.alloc(4);
        arena.i32(at, choices.percent(90) ? value : (int) numbers.anyInt());
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
            case 4 -> numbers.odd();
            case 5 -> 1024 + choices.below(2000);
            case 6 -> good + 1 + choices.below(7);
            default -> numbers.anyInt();
        };
    }

    private long length(int good) {
        return choices.percent(95)
                ? good
                : choices.percent(50) ? numbers.odd() : Math.max(0, good - 1 + choices.below(3));
    }

    private long pointed(String kind) {
        return switch (kind) {
            case "&addr_port", "&addr" -> pointer(addresses.any(arena), 28);
            case "&addr_ip4", "&addr_ip6", "&addr_cidr" -> {
                yield pointer(addresses.ip(arena), 16);
            }
            case "&option_timestamp" -> {
                int at = arena.alloc(16);
                arena.i64(at, choices.percent(95) ? choices.below(2) : choices.any());
                arena.i64(at + 8, numbers.nanos());
                yield pointer(at, 16);
            }
            case "&epoll_event" -> {
                int at = arena.alloc(32);
                arena.i64(at, choices.percent(90) ? choices.below(256) : choices.any());
                arena.i64(at + 8, choices.any());
                yield choices.percent(5) ? 0 : pointer(at, 32);
            }
            case "*u32" -> {
                int at = arena.alloc(4);
                arena.i32(at, choices.below(3));
                yield pointer(at, 4);
            }
            default -> pointer(arena.alloc(176), 8);
        };
    }

    private int iovecs(int count) {
        int[] entries = new int[count * 2];
        for (int i = 0; i < count; i++) {
            int room =
                    choices.percent(70)
                            ? choices.below(100)
                            : choices.percent(80) ? choices.below(3000) : 0;
            entries[i * 2] = (int) pointer(arena.alloc(room), room);
            entries[i * 2 + 1] = (int) length(room);
        }
        return arena.words(entries);
    }

    private int subscriptions(SyscallSpec spec, int count) {
        boolean snapshot0 = spec.module().equals("wasi_unstable");
        int size = snapshot0 ? 56 : 48;
        int array = arena.alloc(count * size);
        for (int i = 0; i < count; i++) {
            int at = array + i * size;
            int tag = choices.percent(95) ? choices.below(3) : choices.below(256);
            arena.i64(at, choices.percent(90) ? choices.below(9) : numbers.oddLong());
            arena.i64(at + 8, tag);
            if (tag == 0) {
                int clock = at + (snapshot0 ? 24 : 16);
                arena.i64(clock, numbers.of("clockid"));
                arena.i64(clock + 8, numbers.nanos()).i64(clock + 16, 0);
                arena.i64(clock + 24, choices.percent(70) ? 0 : choices.below(4));
            } else {
                arena.i64(at + 16, numbers.of("fd"));
            }
        }
        return array;
    }
}
