package org.wasix4j.host;

import java.util.Locale;
import org.wasix4j.abi.EpollCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.FileType;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/** Records of the ABI in words, for a trace: what of them matters to a reader. */
final class RecordWords {

    private static final String[] EPOLL = {
        "in", "out", "rdhup", "pri", "err", "hup", "et", "oneshot"
    };
    private static final String[] FD_FLAGS = {"append", "dsync", "nonblock", "rsync", "sync"};

    private final GuestMemory memory;
    private final AbiProfile profile;

    private RecordWords(GuestMemory memory, AbiProfile profile) {
        this.memory = memory;
        this.profile = profile;
    }

    /**
     * A record of an array in words.
     *
     * @return null for a type that is not put into words
     * @throws org.wasix4j.types.ErrnoException when it cannot be read
     */
    static @Nullable String of(
            String type, GuestMemory memory, AbiProfile profile, int array, int index) {
        return new RecordWords(memory, profile).words(type, array, index);
    }

    private @Nullable String words(String type, int array, int index) {
        return switch (type) {
            case "addr_ip4" -> host(AddressFamily.INET4, array + index * 4);
            case "addr_ip6" -> host(AddressFamily.INET6, array + index * 16);
            case "addr_ip" -> ip(array + index * 18);
            case "addr_cidr" -> cidr(array + index * cidrSize());
            case "hardware_address" -> hardware(array);
            case "filestat" -> filestat(array);
            case "fdstat" -> fdstat(array);
            case "prestat" -> "dir " + memory.readI32(array + 4);
            case "epoll_event" -> epoll(array + index * EpollCodec.SIZE);
            case "option_pid" ->
                    memory.readU8(array) == 0 ? "none" : "" + memory.readI32(array + 4);
            case "tty" -> memory.readI32(array) + "x" + memory.readI32(array + 4);
            default -> null;
        };
    }

    private String host(AddressFamily family, int address) {
        return family == AddressFamily.INET4
                ? InetAddr.v4(memory.readBytes(address, 4), 0).host()
                : InetAddr.v6(memory.readBytes(address, 16), 0, 0, 0).host();
    }

    private String ip(int address) {
        AddressFamily family = AddressFamily.of(memory.readU8(address));
        return family == AddressFamily.INET4 || family == AddressFamily.INET6
                ? host(family, address + 2)
                : "unspec";
    }

    private int cidrSize() {
        return profile.inet6AddrBytes() >= 28 ? 28 : 20;
    }

    private String cidr(int address) {
        boolean four = AddressFamily.of(memory.readU8(address)) == AddressFamily.INET4;
        int prefix = address + (four ? 6 : cidrSize() - 2);
        return ip(address) + "/" + memory.readU8(prefix);
    }

    private String hardware(int address) {
        StringBuilder words = new StringBuilder();
        for (byte octet : memory.readBytes(address, 6)) {
            words.append(words.length() == 0 ? "" : ":").append(String.format("%02x", octet));
        }
        return words.toString();
    }

    private String filestat(int address) {
        int size = address + (profile.snapshot0() ? 24 : 32);
        return fileType(memory.readU8(address + 16)) + " size " + memory.readI64(size);
    }

    private String fdstat(int address) {
        String flags = flags(memory.readU16(address + 2), FD_FLAGS);
        return fileType(memory.readU8(address)) + (flags.isEmpty() ? "" : " " + flags);
    }

    private static String fileType(int code) {
        FileType[] all = FileType.values();
        return code < all.length ? all[code].name().toLowerCase(Locale.ROOT) : "type " + code;
    }

    private String epoll(int address) {
        return flags(EpollCodec.events(memory, address), EPOLL)
                + " for 0x"
                + Long.toHexString(EpollCodec.data(memory, address, 0));
    }

    /** Flags by name, the first for bit 0; what has no name as a number. */
    private static String flags(int bits, String... names) {
        StringBuilder words = new StringBuilder();
        int rest = bits;
        for (int i = 0; i < names.length; i++) {
            if ((bits & 1 << i) != 0) {
                words.append(words.length() == 0 ? "" : "|").append(names[i]);
                rest &= ~(1 << i);
            }
        }
        if (rest != 0) {
            words.append(words.length() == 0 ? "0x" : "|0x").append(Integer.toHexString(rest));
        }
        return words.toString();
    }
}
