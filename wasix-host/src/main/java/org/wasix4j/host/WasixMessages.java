package org.wasix4j.host;

import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * {@code sock_send_msg} and {@code sock_recv_msg}: sendmsg(2) and recvmsg(2) with room for control
 * data, of which there are none: descriptors do not pass through sockets.
 *
 * <p>Source: wasix-witx, the functions that came in 2026-06.
 */
public final class WasixMessages implements HostModule {

    private final WasixTransfers transfers = new WasixTransfers();

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "sock_send_msg" -> this::sockSendMsg;
            case "sock_recv_msg" -> this::sockRecvMsg;
            default -> null;
        };
    }

    /**
     * {@code sock_send_msg(fd, si_data, si_data_len, si_flags, addr: &addr_port or null,
     * si_control, si_control_len, ret: *size)}: sendmsg(2). Errors: notsup for control data, and
     * those of {@code sock_send} or, with an address, {@code sock_send_to}.
     */
    private Errno sockSendMsg(CallContext call, long[] args) {
        long fd = args[0];
        long siData = args[1];
        long siDataLen = args[2];
        long siFlags = args[3];
        long addr = args[4];
        int siControl = (int) args[5];
        int siControlLen = (int) args[6];
        long sizeOut = args[7];
        if (siControl != 0 && siControlLen != 0) {
            return Errno.NOTSUP;
        }
        boolean addressed = (int) addr != 0;
        long[] inner =
                addressed
                        ? new long[] {fd, siData, siDataLen, siFlags, addr, sizeOut}
                        : new long[] {fd, siData, siDataLen, siFlags, sizeOut};
        return addressed ? transfers.sockSendTo(call, inner) : transfers.sockSend(call, inner);
    }

    /**
     * {@code sock_recv_msg(fd, ri_data, ri_data_len, ri_flags, addr: *addr_port or null,
     * ro_control, ro_control_len, ret: *size, ret: *roflags, ret: *size)}: recvmsg(2). There are
     * never any control data, so their length is 0. Errors: those of {@code sock_recv}.
     */
    private Errno sockRecvMsg(CallContext call, long[] args) {
        long fd = args[0];
        long riData = args[1];
        long riDataLen = args[2];
        long riFlags = args[3];
        long addr = args[4];
        long sizeOut = args[7];
        long roflagsOut = args[8];
        int controlSizeOut = (int) args[9];
        call.memory().check(controlSizeOut, 4);
        boolean addressed = (int) addr != 0;
        long[] inner =
                addressed
                        ? new long[] {fd, riData, riDataLen, riFlags, sizeOut, roflagsOut, addr}
                        : new long[] {fd, riData, riDataLen, riFlags, sizeOut, roflagsOut};
        Errno errno =
                addressed ? transfers.sockRecvFrom(call, inner) : transfers.sockRecv(call, inner);
        if (errno == Errno.SUCCESS) {
            call.memory().writeI32(controlSizeOut, 0);
        }
        return errno;
    }
}
