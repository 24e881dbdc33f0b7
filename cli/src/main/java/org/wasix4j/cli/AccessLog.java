package org.wasix4j.cli;

import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.types.SocketAddr;

/** A line for each connection, {@code --access-log}. */
final class AccessLog implements ProcessListener {

    private final Messages messages;

    AccessLog(Messages messages) {
        this.messages = messages;
    }

    @Override
    public void accepted(SocketAddr local, SocketAddr peer) {
        messages.access("accepted", local, peer);
    }

    @Override
    public void connected(SocketAddr local, SocketAddr peer) {
        messages.access("connected", local, peer);
    }
}
