package org.wasix4j.host;

import org.wasix4j.abi.OptionTimestamp;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockOption;

/**
 * The options of sockets: getsockopt(2) and setsockopt(2), by the kind of value.
 *
 * <p>Source: wasix-witx {@code sock_option}; socket(7), tcp(7), ip(7), ipv6(7).
 */
public final class WasixSocketOptions implements HostModule {

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "sock_set_opt_flag" -> this::setFlag;
            case "sock_get_opt_flag" -> this::getFlag;
            case "sock_set_opt_size" -> this::setSize;
            case "sock_get_opt_size" -> this::getSize;
            case "sock_set_opt_time" -> this::setTime;
            case "sock_get_opt_time" -> this::getTime;
            default -> null;
        };
    }

    /** The option of a number; inval when it is none or travels with other calls. */
    private static SockOption option(long code, SockOption.Kind kind) {
        SockOption option = SockOption.of((int) code);
        if (option == null || option.kind() != kind) {
            throw Errno.INVAL.exception();
        }
        return option;
    }

    /**
     * {@code sock_set_opt_flag(fd, sockopt, flag)}. Errors: inval for a value that is not 0 or 1 or
     * an option of another kind, noprotoopt for one that means nothing here.
     */
    private Errno setFlag(CallContext call, long[] args) {
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        SockOption option = option(args[1], SockOption.Kind.FLAG);
        int flag = (int) args[2];
        if (flag != 0 && flag != 1) {
            return Errno.INVAL;
        }
        socket.options().setFlag(option, flag == 1);
        return Errno.SUCCESS;
    }

    /** {@code sock_get_opt_flag(fd, sockopt, ret: *bool)}. Errors: inval, noprotoopt. */
    private Errno getFlag(CallContext call, long[] args) {
        int flagOut = (int) args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        SockOption option = option(args[1], SockOption.Kind.FLAG);
        call.memory().writeU8(flagOut, socket.options().getFlag(option) ? 1 : 0);
        return Errno.SUCCESS;
    }

    /** {@code sock_set_opt_size(fd, sockopt, size: u64)}. Errors: inval, noprotoopt. */
    private Errno setSize(CallContext call, long[] args) {
        long sockopt = args[1];
        long size = args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        socket.options().setSize(option(sockopt, SockOption.Kind.SIZE), size);
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_get_opt_size(fd, sockopt, ret: *u64)}. The last error is returned as a WASI errno
     * and is over then. Errors: inval, noprotoopt.
     */
    private Errno getSize(CallContext call, long[] args) {
        int sizeOut = (int) args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        SockOption option = option(args[1], SockOption.Kind.SIZE);
        call.memory().check(sizeOut, 8);
        call.memory().writeI64(sizeOut, socket.options().getSize(option));
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_set_opt_time(fd, sockopt, timeout: &option_timestamp)}: nanoseconds; none is no
     * limit, for linger off. Errors: inval, noprotoopt.
     */
    private Errno setTime(CallContext call, long[] args) {
        int timeout = (int) args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        SockOption option = option(args[1], SockOption.Kind.TIME);
        socket.options().setTime(option, OptionTimestamp.read(call.memory(), timeout));
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_get_opt_time(fd, sockopt, ret: *option_timestamp)}. Errors: inval, noprotoopt.
     */
    private Errno getTime(CallContext call, long[] args) {
        int timeOut = (int) args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        SockOption option = option(args[1], SockOption.Kind.TIME);
        OptionTimestamp.write(call.memory(), timeOut, socket.options().getTime(option));
        return Errno.SUCCESS;
    }
}
