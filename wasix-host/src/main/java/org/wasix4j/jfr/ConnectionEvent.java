package org.wasix4j.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/** What the events of a connection say. */
abstract class ConnectionEvent extends GuestEvent {

    @Label("File Descriptor")
    @Description("The descriptor of the call in which it happened, -1 outside of such a call")
    int fd;

    @Label("Local Address")
    @Nullable
    String local;

    @Label("Peer Address")
    @Nullable
    String peer;

    final void of(
            Guest whose,
            int thread,
            int descriptor,
            @Nullable SocketAddr here,
            @Nullable SocketAddr there) {
        of(whose, thread);
        fd = descriptor;
        local = here == null ? null : here.toString();
        peer = there == null ? null : there.toString();
    }
}
