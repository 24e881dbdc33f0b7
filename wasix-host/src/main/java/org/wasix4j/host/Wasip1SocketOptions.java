package org.wasix4j.host;

import java.util.concurrent.TimeUnit;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.net.SocketOptions;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockOption;

/**
 * The options of {@link Wasip1Sockets}: getsockopt(2) and setsockopt(2) with values as Linux lays
 * them out: an int of 4 bytes, a {@code struct linger} of 8, a {@code struct timeval} of 16
 * (seconds and microseconds, 8 bytes each). There is one level, 0, which is SOL_SOCKET.
 *
 * <p>Source: the crate {@code wasmedge_wasi_socket}, {@code SocketOptName}; socket(7).
 */
public final class Wasip1SocketOptions implements HostModule {

    private static final String MODULE = "wasi_snapshot_preview1";

    private static final int SOL_SOCKET = 0;
    private static final int INT_SIZE = 4;
    private static final int LINGER_SIZE = 8;
    private static final int TIMEVAL_SIZE = 16;

    /** A time limit of more than a century is cut, so that it fits into nanoseconds. */
    private static final long LONGEST_SECONDS = 1L << 32;

    private static final int SO_TYPE = 1;
    private static final int SO_LINGER = 9;
    private static final int SO_BINDTODEVICE = 14;

    /** The options by their numbers; null where there is no counterpart. */
    private static final SockOption[] OPTIONS = {
        SockOption.REUSE_ADDR,
        SockOption.TYPE,
        SockOption.LAST_ERROR,
        SockOption.DONT_ROUTE,
        SockOption.BROADCAST,
        SockOption.SEND_BUF_SIZE,
        SockOption.RECV_BUF_SIZE,
        SockOption.KEEP_ALIVE,
        SockOption.OOB_INLINE,
        SockOption.LINGER,
        SockOption.RECV_LOWAT,
        SockOption.RECV_TIMEOUT,
        SockOption.SEND_TIMEOUT,
        SockOption.LISTENING,
    };

    @Override
    public boolean distinguishesTypes() {
        return true;
    }

    @Override
    public @Nullable Syscall find(String key) {
        if (!key.startsWith(MODULE)) {
            return null;
        }
        return switch (key.substring(MODULE.length() + 1)) {
            case "sock_getsockopt iiiii:i" -> this::getSockOpt;
            case "sock_setsockopt iiiii:i" -> this::setSockOpt;
            default -> null;
        };
    }

    private static SockOption option(int level, int name) {
        if (level != SOL_SOCKET || name < 0 || name >= OPTIONS.length) {
            throw Errno.NOPROTOOPT.exception();
        }
        return OPTIONS[name];
    }

    private static int size(int name, SockOption option) {
        if (name == SO_LINGER) {
            return LINGER_SIZE;
        }
        return option.kind() == SockOption.Kind.TIME ? TIMEVAL_SIZE : INT_SIZE;
    }

    /**
     * {@code sock_getsockopt(fd, level, name, value: *u8, len: in and out *size)}: getsockopt(2). A
     * socket is bound to no device: that name is empty. Errors: noprotoopt, inval when there is
     * less room than the value takes.
     */
    private Errno getSockOpt(CallContext call, long[] args) {
        int level = (int) args[1];
        int lenInOut = (int) args[4];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        GuestMemory memory = call.memory();
        int value = (int) args[3];
        int room = memory.readI32(lenInOut);
        memory.check(value, Integer.toUnsignedLong(room));
        int name = (int) args[2];
        if (level == SOL_SOCKET && name == SO_BINDTODEVICE) {
            memory.writeI32(lenInOut, 0);
            return Errno.SUCCESS;
        }
        SockOption option = option(level, name);
        int size = size(name, option);
        if (Integer.compareUnsigned(room, size) < 0) {
            return Errno.INVAL;
        }
        switch (size) {
            case LINGER_SIZE -> writeLinger(memory, value, socket.options().getTime(option));
            case TIMEVAL_SIZE -> writeTimeval(memory, value, socket.options().getTime(option));
            default -> memory.writeI32(value, number(socket, name, option));
        }
        memory.writeI32(lenInOut, size);
        return Errno.SUCCESS;
    }

    private static int number(SocketDescription socket, int name, SockOption option) {
        if (name == SO_TYPE) {
            return Wasip1Sockets.typeCode(socket.sockType());
        }
        if (option.kind() == SockOption.Kind.FLAG) {
            return socket.options().getFlag(option) ? 1 : 0;
        }
        return (int) Math.min(socket.options().getSize(option), Integer.MAX_VALUE);
    }

    private static void writeLinger(GuestMemory memory, int address, long nanos) {
        boolean on = nanos != SocketOptions.NO_TIME;
        memory.writeI32(address, on ? 1 : 0);
        memory.writeI32(address + 4, on ? (int) TimeUnit.NANOSECONDS.toSeconds(nanos) : 0);
    }

    private static void writeTimeval(GuestMemory memory, int address, long nanos) {
        long micros = Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
        memory.writeI64(address, micros / 1_000_000);
        memory.writeI64(address + 8, micros % 1_000_000);
    }

    /**
     * {@code sock_setsockopt(fd, level, name, value: &u8, len)}: setsockopt(2). Errors: noprotoopt,
     * also for what can only be read; inval when the value is too short or out of range; perm for a
     * device, which Linux permits to root only.
     */
    private Errno setSockOpt(CallContext call, long[] args) {
        int level = (int) args[1];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        GuestMemory memory = call.memory();
        int value = (int) args[3];
        int length = (int) args[4];
        memory.check(value, Integer.toUnsignedLong(length));
        int name = (int) args[2];
        if (level == SOL_SOCKET && name == SO_BINDTODEVICE) {
            return length == 0 ? Errno.SUCCESS : Errno.PERM;
        }
        SockOption option = option(level, name);
        int size = size(name, option);
        if (Integer.compareUnsigned(length, size) < 0) {
            return Errno.INVAL;
        }
        switch (size) {
            case LINGER_SIZE -> socket.options().setTime(option, readLinger(memory, value));
            case TIMEVAL_SIZE -> socket.options().setTime(option, readTimeval(memory, value));
            default -> {
                if (option.kind() == SockOption.Kind.FLAG) {
                    socket.options().setFlag(option, memory.readI32(value) != 0);
                } else {
                    socket.options().setSize(option, Math.max(0, memory.readI32(value)));
                }
            }
        }
        return Errno.SUCCESS;
    }

    private static long readLinger(GuestMemory memory, int address) {
        return memory.readI32(address) == 0
                ? SocketOptions.NO_TIME
                : TimeUnit.SECONDS.toNanos(Math.max(0, memory.readI32(address + 4)));
    }

    /** Nanoseconds; none for a time of 0, as Linux has it. */
    private static long readTimeval(GuestMemory memory, int address) {
        long seconds = memory.readI64(address);
        long micros = memory.readI64(address + 8);
        if (seconds < 0 || micros < 0 || micros >= 1_000_000) {
            throw Errno.DOM.exception();
        }
        if (seconds == 0 && micros == 0) {
            return SocketOptions.NO_TIME;
        }
        long bounded = Math.min(seconds, LONGEST_SECONDS);
        return TimeUnit.SECONDS.toNanos(bounded) + TimeUnit.MICROSECONDS.toNanos(micros);
    }
}
