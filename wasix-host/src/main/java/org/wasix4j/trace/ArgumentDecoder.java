package org.wasix4j.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.wasix4j.trace.MemoryReader.Event;
import org.wasix4j.trace.MemoryReader.Subscription;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.SyscallSpec.Parameter;

/**
 * Turns the arguments of a call into what they mean, by the kinds that its signature gives them.
 * Where a pointer leads nowhere, or a number is no constant, the number itself is shown.
 */
final class ArgumentDecoder {

    /** As many bytes of a buffer as strace shows. */
    static final int MOST_BYTES = 32;

    private static final int MOST_ELEMENTS = 8;
    private static final String[] EVENT_TYPES = {"clock", "read", "write"};

    private final TracedCall call;
    private final List<Parameter> parameters;

    private ArgumentDecoder(TracedCall call) {
        this.call = call;
        this.parameters = call.spec().parameters();
    }

    /** The arguments by name, in order. The length behind a text is part of the text. */
    static Map<String, Shown> decode(TracedCall call) {
        ArgumentDecoder decoder = new ArgumentDecoder(call);
        Map<String, Shown> shown = new LinkedHashMap<>();
        for (int i = 0; i < decoder.parameters.size() && i < call.arguments().length; i++) {
            Parameter parameter = decoder.parameters.get(i);
            if (!parameter.kind().equals("len")) {
                shown.put(parameter.name(), decoder.shown(i, parameter.kind()));
            }
        }
        return shown;
    }

    private Shown shown(int index, String kind) {
        long value = call.arguments()[index];
        boolean pointer =
                kind.startsWith("*")
                        || kind.startsWith("&")
                        || kind.equals("string")
                        || kind.endsWith("iovecs")
                        || kind.equals("u8s");
        if (!pointer) {
            return constant(kind, value);
        }
        if (call.memory() == null || kind.startsWith("*") && !call.succeeded()) {
            return Shown.pointer(value);
        }
        try {
            return pointee(index, kind, (int) value);
        } catch (ErrnoException e) {
            return Shown.pointer(value);
        }
    }

    // ---- numbers

    private Shown constant(String kind, long value) {
        int code = (int) value;
        return switch (kind) {
            case "address_family" -> named(AddressFamily.of(code & 0xff), value);
            case "sock_type" -> {
                SockType type = call.profile().sockType(code & 0xff);
                yield named(type, value);
            }
            case "sock_option" -> named(SockOption.of(code & 0xff), value);
            case "clockid" -> named(ClockId.of(code), value);
            case "bool" -> new Shown.Word(code == 0 ? "false" : "true");
            case "fdflags" -> flags(code, "append", "dsync", "nonblock", "rsync", "sync");
            case "fdflagsext" -> flags(code, "cloexec");
            case "riflags" -> flags(code, "peek", "waitall", "trunc", "dontwait");
            case "siflags" -> flags(code, "dontwait");
            case "sdflags" -> flags(code, "rd", "wr");
            case "oflags" -> flags(code, "creat", "directory", "excl", "trunc");
            case "lookupflags" -> flags(code, "follow");
            case "epoll_ctl" -> word(code, "add", "mod", "del");
            case "whence" ->
                    call.profile().snapshot0()
                            ? word(code, "cur", "end", "set")
                            : word(code, "set", "cur", "end");
            case "rights" -> new Shown.Word("0x" + Long.toHexString(value));
            case "function_pointer" -> Shown.pointer(value);
            default -> new Shown.Number(isLong(kind) ? value : code);
        };
    }

    private static boolean isLong(String kind) {
        return switch (kind) {
            case "filesize", "filedelta", "timestamp", "dircookie", "u64", "tl_val", "longsize" ->
                    true;
            default -> false;
        };
    }

    private static Shown named(Enum<?> constant, long value) {
        return constant == null
                ? new Shown.Number((int) value)
                : new Shown.Word(constant.name().toLowerCase(Locale.ROOT));
    }

    private static Shown word(int code, String... words) {
        return code >= 0 && code < words.length
                ? new Shown.Word(words[code])
                : new Shown.Number(code);
    }

    /** Flags by name, the first for bit 0; what has no name as a number. */
    private static Shown flags(int bits, String... names) {
        if (bits == 0) {
            return new Shown.Number(0);
        }
        List<String> set = new ArrayList<>();
        int rest = bits;
        for (int i = 0; i < names.length; i++) {
            if ((bits & 1 << i) != 0) {
                set.add(names[i]);
                rest &= ~(1 << i);
            }
        }
        if (rest != 0) {
            set.add("0x" + Integer.toHexString(rest));
        }
        return new Shown.Word(String.join("|", set));
    }

    // ---- pointers

    private Shown pointee(int index, String kind, int address) {
        MemoryReader memory = call.memory();
        return switch (kind) {
            case "string" -> text(address, following(index));
            case "u8s" -> text(address, following(index));
            case "&addr_port" -> endpoint(memory.address(address));
            case "*addr_port" ->
                    address == 0 ? Shown.pointer(0) : out(endpoint(memory.address(address)));
            case "&addr_ip4" -> inet4(memory.bytes(address, 4));
            case "&option_timestamp" -> time(memory.optionalTime(address));
            case "*option_timestamp" -> out(time(memory.optionalTime(address)));
            case "ciovecs" -> buffers(index, address, Long.MAX_VALUE);
            case "iovecs" -> call.succeeded() ? received(index, address) : Shown.pointer(address);
            case "&subscription" -> subscriptions(address, (int) call.arguments()[2]);
            case "*event" -> events(address);
            case "*fd", "*size", "*pid", "*tid", "*exitcode", "*u32", "*pointersize" ->
                    out(new Shown.Number((int) number(address, 4)));
            case "*filesize", "*timestamp", "*longsize" ->
                    out(new Shown.Number(number(address, 8)));
            case "*roflags" -> out(flags((int) number(address, 2), "truncated"));
            case "*fdflags" -> out(constant("fdflags", number(address, 2)));
            case "*bool" -> out(constant("bool", number(address, 1)));
            case "*sock_status" -> {
                int code = (int) number(address, 1);
                SockStatus[] all = SockStatus.values();
                yield out(named(code < all.length ? all[code] : null, code));
            }
            default -> Shown.pointer(address);
        };
    }

    private static Shown out(Shown value) {
        return Shown.out(value);
    }

    private int following(int index) {
        return index + 1 < call.arguments().length ? (int) call.arguments()[index + 1] : 0;
    }

    private long number(int address, int size) {
        byte[] bytes = call.memory().bytes(address, size);
        long number = 0;
        for (int i = size - 1; i >= 0; i--) {
            number = number << 8 | bytes[i] & 0xff;
        }
        return number;
    }

    private Shown text(int address, int length) {
        boolean more = Integer.compareUnsigned(length, MOST_BYTES) > 0;
        return new Shown.Bytes(call.memory().bytes(address, more ? MOST_BYTES : length), more);
    }

    private static Shown endpoint(SocketAddr address) {
        return new Shown.Word(address == null ? "unspec" : address.toString());
    }

    private static Shown inet4(byte[] octets) {
        return new Shown.Word(
                (octets[0] & 255)
                        + "."
                        + (octets[1] & 255)
                        + "."
                        + (octets[2] & 255)
                        + "."
                        + (octets[3] & 255));
    }

    private static Shown time(long nanos) {
        return nanos < 0 ? new Shown.Word("none") : new Shown.Number(nanos);
    }

    // ---- buffers

    private Shown buffers(int index, int address, long filled) {
        int count = following(index);
        long length = Math.min(filled, call.memory().capacity(address, count));
        int shown = (int) Math.min(length, MOST_BYTES);
        return new Shown.Bytes(call.memory().gather(address, count, shown), length > shown);
    }

    /** Of what was received only as much is there as the call says. */
    private Shown received(int index, int address) {
        for (int i = index + 1; i < parameters.size(); i++) {
            if (parameters.get(i).kind().equals("*size")) {
                long size = number((int) call.arguments()[i], 4);
                return buffers(index, address, size);
            }
        }
        return Shown.pointer(address);
    }

    // ---- poll_oneoff

    private Shown subscriptions(int array, int count) {
        List<Shown> all = new ArrayList<>();
        int most = Math.min(Math.max(count, 0), MOST_ELEMENTS);
        for (int i = 0; i < most; i++) {
            Subscription each = call.memory().subscription(array, i);
            all.add(new Shown.Word(words(each)));
        }
        return shortened(all, count);
    }

    private static String words(Subscription wanted) {
        if (wanted.type() != 0) {
            return type(wanted.type()) + " " + wanted.descriptor();
        }
        ClockId clock = ClockId.of(wanted.clock());
        return "clock "
                + (clock == null ? wanted.clock() : clock.name().toLowerCase(Locale.ROOT))
                + (wanted.absolute() ? " at " : " in ")
                + Long.toUnsignedString(wanted.timeout());
    }

    private static String type(int code) {
        return code >= 0 && code < EVENT_TYPES.length ? EVENT_TYPES[code] : "type " + code;
    }

    private Shown events(int array) {
        if (!call.spec().name().equals("poll_oneoff")) {
            return Shown.pointer(array);
        }
        int count = (int) number((int) call.arguments()[3], 4);
        List<Shown> all = new ArrayList<>();
        for (int i = 0; i < Math.min(count, MOST_ELEMENTS); i++) {
            Event each = call.memory().event(array, i);
            boolean known = each.error() < Errno.values().length;
            String error = known ? Errno.of(each.error()).wasiName() : "" + each.error();
            all.add(
                    new Shown.Word(
                            type(each.type())
                                    + (each.error() == 0 ? "" : " " + error)
                                    + (each.type() == 0 ? "" : " " + each.bytes())
                                    + " for 0x"
                                    + Long.toHexString(each.userData())));
        }
        return shortened(all, count);
    }

    private static Shown shortened(List<Shown> elements, int count) {
        if (count > elements.size()) {
            elements.add(new Shown.Word("..."));
        }
        return new Shown.Several(elements);
    }
}
