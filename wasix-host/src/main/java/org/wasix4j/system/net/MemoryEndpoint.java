package org.wasix4j.system.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.wasix4j.system.poll.ByteQueue;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * One end of a stream inside the process: a {@link ByteQueue} each way. A close is the end of the
 * stream to the peer; a close with something unread, or a forced one, is a reset, before which the
 * peer can still read what it has. What the addresses are is the subclasses' business.
 *
 * <p>What an end has written and the other has not read is taken from the memory of the writer. So
 * is what a connection takes besides, from the end that connects: a listener's queue can be filled
 * by any guest.
 */
abstract class MemoryEndpoint implements StreamEndpoint, ByteQueue.Writer {

    /** What a connection takes besides the bytes in it: both ends, and their place in queues. */
    private static final int COST = 512;

    private final MemoryBudget budget;

    private volatile @Nullable SocketAddr local;
    private volatile @Nullable SocketAddr remote;

    /** What a connection is made of. */
    private record Link(ByteQueue in, ByteQueue out, MemoryEndpoint peer) {}

    /** The connection, or null before it is established. */
    private volatile @Nullable Link link;

    /** The outgoing bytes of a connection that is not there yet. */
    private volatile @Nullable ByteQueue prepared;

    private volatile @Nullable MemoryAcceptor waitsAt;
    private volatile boolean refused;
    private volatile boolean reset;
    private volatile boolean resetDelivered;
    private volatile boolean writeShut;
    private volatile boolean closed;
    private volatile IntConsumer listener = conditions -> {};

    /**
     * An end that is not connected.
     *
     * @param local its address, or null
     * @param budget what this end writes is taken from
     */
    MemoryEndpoint(@Nullable SocketAddr local, MemoryBudget budget) {
        this.local = local;
        this.budget = budget;
    }

    @Override
    public final @Nullable SelectableChannel channel() {
        return null;
    }

    @Override
    public final void onReadiness(IntConsumer listener) {
        this.listener = listener;
    }

    /** Announces readiness to the holder of this end; no lock of the network is held. */
    final void announce(int conditions) {
        listener.accept(conditions);
    }

    @Override
    public final void roomMade() {
        announce(Readiness.WRITE);
    }

    // ---- connecting

    /**
     * The end that belongs to the listener, with addresses that fit to it.
     *
     * @param memory what it writes is taken from
     */
    abstract MemoryEndpoint accepted(SocketAddr listener, MemoryBudget memory);

    /** What is done when this end is closed. */
    abstract void release();

    /**
     * Comes to a listener, which establishes the connection when it has room.
     *
     * @return whether the connection is established; else this waits for room
     * @throws ErrnoException nomem when there is too little memory left
     */
    final boolean offer(MemoryAcceptor acceptor, SocketAddr source, SocketAddr target)
            throws IOException {
        remote = target;
        local = source;
        giveBackPrepared();
        prepared = new ByteQueue(budget, COST);
        waitsAt = acceptor;
        try {
            return acceptor.offer(this, !endIsHangup());
        } catch (Throwable e) {
            giveBackPrepared();
            throw e;
        }
    }

    /** There will be no connection. */
    private void giveBackPrepared() {
        ByteQueue unused = prepared;
        if (unused != null) {
            unused.abandon();
        }
    }

    /**
     * The connection is there.
     *
     * @param listener the address of the listener
     * @param itsMemory what the other end writes is taken from
     * @return the other end
     */
    final MemoryEndpoint establish(SocketAddr listener, MemoryBudget itsMemory) {
        MemoryEndpoint other = accepted(listener, itsMemory);
        ByteQueue forth = Objects.requireNonNull(prepared);
        ByteQueue back = new ByteQueue(itsMemory);
        other.link = new Link(forth, back, this);
        link = new Link(back, forth, other);
        return other;
    }

    /** Sets both addresses of an accepted end. */
    final void addresses(SocketAddr own, SocketAddr other) {
        local = own;
        remote = other;
    }

    /** The listener at which it waited is gone. */
    final void refuse() {
        refused = true;
        giveBackPrepared();
        announce(Readiness.READ | Readiness.WRITE);
    }

    @Override
    public final boolean finishConnect() throws IOException {
        if (refused) {
            throw new ConnectException("Connection refused");
        }
        return link != null;
    }

    private Link link() {
        Link established = link;
        if (established == null) {
            throw new NotYetConnectedException();
        }
        return established;
    }

    // ---- bytes

    @Override
    public final long read(ByteBuffer[] buffers, int count) throws IOException {
        Link now = link();
        ByteQueue queue = now.in;
        // first how it ended, then the bytes: those that came before the end are seen
        boolean wasReset = reset;
        boolean ended = queue.hasEnded();
        int given = queue.read(buffers, count, false, now.peer);
        if (given > 0) {
            return given;
        }
        if (wasReset) {
            throwResetOnce();
        }
        return ended ? -1 : 0;
    }

    /** A reader and a writer may find the reset at once: only one of them gets the error. */
    private synchronized void throwResetOnce() throws SocketException {
        if (!resetDelivered) {
            resetDelivered = true;
            throw new SocketException("Connection reset");
        }
    }

    @Override
    public final long write(ByteBuffer[] buffers, int count) throws IOException {
        if (reset && !endIsHangup()) {
            throwResetOnce();
        }
        Link now = link();
        int taken;
        try {
            taken = now.out.write(buffers, count, false);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.PIPE) {
                throw e;
            }
            throw (SocketException) new SocketException("Broken pipe").initCause(e);
        }
        if (taken > 0) {
            now.peer.announce(Readiness.READ);
        }
        return taken;
    }

    @Override
    public final long transfer(FileChannel file, long position, long count) throws IOException {
        ByteQueue out = link().out;
        int room = (int) Math.min(count, out.room());
        ByteBuffer piece = ByteBuffer.allocate(room);
        while (piece.hasRemaining() && file.read(piece, position + piece.position()) > 0) {
            // until the room or the file is at its end
        }
        piece.flip();
        // another writer may have taken the room meanwhile; what did not fit is read again
        return piece.hasRemaining() || room == 0 && out.hasEnded()
                ? write(new ByteBuffer[] {piece}, 1)
                : 0;
    }

    @Override
    public final int available() {
        Link now = link;
        return now == null ? 0 : now.in.size();
    }

    @Override
    public final int readiness() {
        Link now = link;
        if (now == null) {
            return 0;
        }
        int ready = 0;
        boolean ended = now.in.hasEnded();
        if (ended || now.in.size() > 0) {
            ready |= Readiness.READ;
        }
        if (now.out.isWritable()) {
            ready |= Readiness.WRITE;
        }
        if (ended) {
            ready |= Readiness.READ_HANGUP;
        }
        if (ended && writeShut || reset || isOver()) {
            ready |= Readiness.HANGUP;
        }
        if (reset && !resetDelivered) {
            ready |= Readiness.ERROR;
        }
        return ready;
    }

    // ---- ends

    @Override
    public final boolean isOver() {
        Link now = link;
        return endIsHangup() && now != null && now.peer.closed;
    }

    @Override
    public final void shutdownOutput() {
        Link now = link();
        writeShut = true;
        now.out.end();
        now.peer.announce(-1);
    }

    @Override
    public final void close(boolean forced) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        MemoryAcceptor waited = waitsAt;
        if (waited != null) {
            waited.withdraw(this);
        }
        Link now = link;
        if (now != null) {
            ByteQueue reading = now.in;
            boolean unread;
            synchronized (reading) {
                unread = reading.size() > 0;
                if (forced || unread) {
                    // before the end is seen
                    now.peer.reset = true;
                }
                reading.abandon();
            }
            now.out.end();
            now.peer.announce(-1);
        } else {
            giveBackPrepared();
        }
        release();
    }

    // ---- addresses and options

    /** The peer's address, also before the connection is there. */
    final @Nullable SocketAddr target() {
        return remote;
    }

    @Override
    public final @Nullable SocketAddr local() {
        return local;
    }

    @Override
    public final @Nullable SocketAddr remote() {
        return link == null ? null : remote;
    }

    @Override
    public <T> boolean set(SocketOption<T> option, T value) {
        return false;
    }

    @Override
    public @Nullable <T> T get(SocketOption<T> option) {
        return null;
    }

    @Override
    public void oobInline(boolean on) {
        // there are no urgent data
    }
}
