package org.wasix4j.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.trace.MemoryReader.Event;
import org.wasix4j.trace.MemoryReader.Subscription;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
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
            boolean wide = call.spec().core().charAt(index) == 'I';
            return NumberWords.shown(kind, wide ? value : (int) value, call.profile());
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

    // ---- pointers

    /** The memory of a guest that has one; pointers are not followed without it. */
    private MemoryReader memory() {
        return Objects.requireNonNull(call.memory());
    }

    private Shown pointee(int index, String kind, int address) {
        MemoryReader memory = memory();
        return switch (kind) {
            case "string" -> text(address, following(index));
            case "u8s" -> text(address, following(index));
            case "&strings" -> strings(address, following(index));
            case "&addr_port" -> endpoint(memory.address(address));
            case "*addr_port" ->
                    address == 0 ? Shown.pointer(0) : out(endpoint(memory.address(address)));
            case "&option_timestamp" -> time(memory.optionalTime(address));
            case "*option_timestamp" -> out(time(memory.optionalTime(address)));
            case "ciovecs" -> buffers(index, address, Long.MAX_VALUE);
            case "iovecs" -> call.succeeded() ? received(index, address) : Shown.pointer(address);
            case "&subscription" -> subscriptions(address, (int) call.arguments()[2]);
            case "*event" -> events(address);
            case "*epoll_event" -> records(kind, address, (int) call.arguments()[4]);
            case "*addr_ip" -> records(kind, address, (int) call.arguments()[5]);
            case "*addr_cidr" -> records(kind, address, (int) call.arguments()[1]);
            case "*fd", "*size", "*pid", "*tid", "*exitcode", "*tl_key", "*pointersize" ->
                    out(new Shown.Number((int) number(address, 4)));
            case "*filesize", "*timestamp", "*longsize", "*tl_val" ->
                    out(new Shown.Number(number(address, 8)));
            case "*roflags", "*fdflags", "*fdflagsext" -> number(kind, address, 2);
            case "*bool", "*sock_status" -> number(kind, address, 1);
            case "*u8" -> filled(index, address);
            default -> record(kind, address);
        };
    }

    private static Shown out(Shown value) {
        return Shown.out(value);
    }

    private int following(int index) {
        return index + 1 < call.arguments().length ? (int) call.arguments()[index + 1] : 0;
    }

    private long number(int address, int size) {
        byte[] bytes = memory().bytes(address, size);
        long number = 0;
        for (int i = size - 1; i >= 0; i--) {
            number = number << 8 | bytes[i] & 0xff;
        }
        return number;
    }

    private Shown text(int address, int length) {
        boolean more = Integer.compareUnsigned(length, MOST_BYTES) > 0;
        return new Shown.Bytes(memory().bytes(address, more ? MOST_BYTES : length), more);
    }

    /** An array of pointers to strings that end with NUL. */
    private Shown strings(int array, int count) {
        if (array == 0) {
            return Shown.pointer(0);
        }
        int most = Math.min(Math.max(count, 0), MOST_ELEMENTS);
        List<Shown> all = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            int string = (int) number(array + 4 * i, 4);
            int length = 0;
            while (length <= MOST_BYTES && number(string + length, 1) != 0) {
                length++;
            }
            all.add(text(string, length));
        }
        return shortened(all, count);
    }

    private static Shown endpoint(@Nullable SocketAddr address) {
        return new Shown.Word(address == null ? "unspec" : address.toString());
    }

    private Shown number(String kind, int address, int size) {
        return out(NumberWords.shown(kind.substring(1), number(address, size), call.profile()));
    }

    /** A record that the host can put into words, or else where it is. */
    private Shown record(String kind, int address) {
        boolean typed = kind.startsWith("&") || kind.startsWith("*") && !kind.startsWith("**");
        String words = typed ? memory().record(kind.substring(1), address, 0) : null;
        if (words == null || address == 0) {
            return Shown.pointer(address);
        }
        return kind.startsWith("*") ? out(new Shown.Word(words)) : new Shown.Word(words);
    }

    /** An array that was filled, with a pointer to the number of its records. */
    private Shown records(String kind, int array, int counter) {
        int count = (int) number(counter, 4);
        List<Shown> all = new ArrayList<>();
        for (int i = 0; i < Math.min(count, MOST_ELEMENTS); i++) {
            String words = memory().record(kind.substring(1), array, i);
            if (words == null) {
                return Shown.pointer(array);
            }
            all.add(new Shown.Word(words));
        }
        return shortened(all, count);
    }

    /** A text that the host wrote into a buffer of the guest. */
    private Shown filled(int index, int address) {
        return switch (call.spec().name()) {
            case "fd_prestat_dir_name" -> out(text(address, following(index)));
            case "getcwd" -> out(text(address, (int) number(following(index), 4)));
            case "path_readlink" ->
                    out(text(address, (int) number((int) call.arguments()[index + 2], 4)));
            default -> Shown.pointer(address);
        };
    }

    private static Shown time(long nanos) {
        return nanos < 0 ? new Shown.Word("none") : new Shown.Number(nanos);
    }

    // ---- buffers

    private Shown buffers(int index, int address, long filled) {
        int count = following(index);
        long length = Math.min(filled, memory().capacity(address, count));
        int shown = (int) Math.min(length, MOST_BYTES);
        return new Shown.Bytes(memory().gather(address, count, shown), length > shown);
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
            Subscription each = memory().subscription(array, i);
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
            Event each = memory().event(array, i);
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
