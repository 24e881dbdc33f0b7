package org.wasix4j.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;

/** What numbers of the ABI mean, by their types; a number that is no constant stays a number. */
final class NumberWords {

    private static final int TCP = 6;
    private static final int UDP = 17;

    private static final String[] SIGNALS = {
        "none", "hup", "int", "quit", "ill", "trap", "abrt", "bus", "fpe", "kill", "usr1", "segv",
        "usr2", "pipe", "alrm", "term", "stkflt", "chld", "cont", "stop", "tstp", "ttin", "ttou",
        "urg", "xcpu", "xfsz", "vtalrm", "prof", "winch", "poll", "pwr", "sys"
    };

    private NumberWords() {}

    /** A number of a type as it is to be written. */
    static Shown shown(String type, long value, AbiProfile profile) {
        int code = (int) value;
        return switch (type) {
            case "address_family" -> named(AddressFamily.of(code & 0xff), value);
            case "sock_type" -> named(profile.sockType(code & 0xff), value);
            case "sock_option" -> named(SockOption.of(code & 0xff), value);
            case "sock_status" -> named(at(SockStatus.values(), code), value);
            case "sock_proto" ->
                    code == TCP || code == UDP
                            ? new Shown.Word(code == TCP ? "tcp" : "udp")
                            : new Shown.Number(code);
            case "clockid" -> named(ClockId.of(code), value);
            case "bool" -> new Shown.Truth(code != 0);
            case "fdflags" -> flags(code, "append", "dsync", "nonblock", "rsync", "sync");
            case "fdflagsext" -> flags(code, "cloexec");
            case "eventfdflags" -> flags(code, "semaphore");
            case "riflags" -> flags(code, "peek", "waitall", "trunc", "dontwait");
            case "roflags" -> flags(code, "truncated");
            case "siflags" -> flags(code, "dontwait");
            case "sdflags" -> flags(code, "rd", "wr");
            case "oflags" -> flags(code, "creat", "directory", "excl", "trunc");
            case "lookupflags" -> flags(code, "follow");
            case "fstflags" -> flags(code, "atim", "atim_now", "mtim", "mtim_now");
            case "join_flags" -> flags(code, "non_blocking", "wake_stopped");
            case "epoll_ctl" -> word(code, "add", "mod", "del", "mod");
            case "signal" -> word(code, SIGNALS);
            case "advice" ->
                    word(code, "normal", "sequential", "random", "willneed", "dontneed", "noreuse");
            case "whence" ->
                    profile.snapshot0()
                            ? word(code, "cur", "end", "set")
                            : word(code, "set", "cur", "end");
            case "rights" -> new Shown.Word("0x" + Long.toHexString(value));
            case "function_pointer" -> Shown.pointer(value);
            default -> new Shown.Number(value);
        };
    }

    @Nullable
    private static <E> E at(E[] constants, int code) {
        return code >= 0 && code < constants.length ? constants[code] : null;
    }

    private static Shown named(@Nullable Enum<?> constant, long value) {
        return constant == null
                ? new Shown.Number((int) value)
                : new Shown.Word(constant.name().toLowerCase(Locale.ROOT));
    }

    private static Shown word(int code, String... words) {
        String word = at(words, code);
        return word == null ? new Shown.Number(code) : new Shown.Word(word);
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
}
