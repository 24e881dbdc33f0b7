package org.wasix4j.system.fd;

import java.nio.ByteBuffer;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Nullable;

/**
 * What {@code sock_recv} and {@code sock_send} work on: sockets, and pipes and pairs too, because
 * guests use them alike.
 */
public interface MessageIo {

    /**
     * Receives; recvmsg(2).
     *
     * @param count how many of the buffers are meant
     * @param flags {@link org.wasix4j.types.SockFlags} RECV_*
     * @param info takes the sender and whether a datagram was cut; null when it is not wanted
     * @return bytes, 0 at the end of a stream, or {@link
     *     org.wasix4j.system.fd.OpenDescription#WOULD_BLOCK}
     */
    long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info);

    /**
     * Sends to the peer; sendmsg(2) without an address.
     *
     * @param flags {@link org.wasix4j.types.SockFlags} SEND_*
     * @return bytes, or {@link org.wasix4j.system.fd.OpenDescription#WOULD_BLOCK}
     */
    long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags);
}
