package org.wasix4j.host;

import org.wasix4j.types.Errno;

/**
 * {@code sock_send_msg} and {@code sock_recv_msg}: sendmsg(2) and recvmsg(2) with room for control
 * data, of which there are none: descriptors do not pass through sockets.
 *
 * <p>Source: wasix-witx, the functions that came in 2026-06.
 */
public final class WasixMessages implements HostModule {

    private final WasixSockets sockets = new WasixSockets();

    @Override
    public void register(Registry registry) {
        registry.on("sock_send_msg", this::sockSendMsg);
        registry.on("sock_recv_msg", this::sockRecvMsg);
    }

    /**
     * {@code sock_send_msg(fd, si_data, si_data_len, si_flags, addr: &addr_port or null,
     * si_control, si_control_len, ret: *size)}: sendmsg(2). Errors: notsup for control data, and
     * those of {@code sock_send} or, with an address, {@code sock_send_to}.
     */
    private Errno sockSendMsg(CallContext call, long[] args) {
        if ((int) args[5] != 0 && (int) args[6] != 0) {
            return Errno.NOTSUP;
        }
        boolean addressed = (int) args[4] != 0;
        long[] inner =
                addressed
                        ? new long[] {args[0], args[1], args[2], args[3], args[4], args[7]}
                        : new long[] {args[0], args[1], args[2], args[3], args[7]};
        return addressed ? sockets.sockSendTo(call, inner) : sockets.sockSend(call, inner);
    }

    /**
     * {@code sock_recv_msg(fd, ri_data, ri_data_len, ri_flags, addr: *addr_port or null,
     * ro_control, ro_control_len, ret: *size, ret: *roflags, ret: *size)}: recvmsg(2). There are
     * never any control data, so their length is 0. Errors: those of {@code sock_recv}.
     */
    private Errno sockRecvMsg(CallContext call, long[] args) {
        call.memory().check((int) args[9], 4);
        boolean addressed = (int) args[4] != 0;
        long[] inner =
                addressed
                        ? new long[] {args[0], args[1], args[2], args[3], args[7], args[8], args[4]}
                        : new long[] {args[0], args[1], args[2], args[3], args[7], args[8]};
        Errno errno = addressed ? sockets.sockRecvFrom(call, inner) : sockets.sockRecv(call, inner);
        if (errno == Errno.SUCCESS) {
            call.memory().writeI32((int) args[9], 0);
        }
        return errno;
    }
}
