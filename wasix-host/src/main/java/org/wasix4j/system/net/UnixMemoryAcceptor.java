package org.wasix4j.system.net;

import org.wasix4j.system.fs.SocketNode;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.SocketAddr;

/** A unix listener whose name is in memory; the name stays when it is closed, as on Linux. */
final class UnixMemoryAcceptor extends MemoryAcceptor {

    private final SocketNode node;
    private final QueueRoomWaiters rooms;

    /**
     * Begins to listen.
     *
     * @param rooms the threads that wait for room in the queue
     * @param memory what the accepted ends write is taken from
     */
    UnixMemoryAcceptor(
            SocketAddr local,
            int backlog,
            SocketNode node,
            QueueRoomWaiters rooms,
            MemoryBudget memory) {
        super(local, backlog, memory);
        this.node = node;
        this.rooms = rooms;
        node.holder(this);
    }

    @Override
    public boolean isReachable() {
        return false;
    }

    @Override
    public StreamEndpoint accept() {
        StreamEndpoint next = super.accept();
        if (next != null) {
            rooms.madeOne(node);
        }
        return next;
    }

    @Override
    void release() {
        node.holder(null);
        rooms.gone(node);
    }
}
