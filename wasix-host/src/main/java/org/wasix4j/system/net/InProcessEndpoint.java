package org.wasix4j.system.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.util.function.IntConsumer;
import org.wasix4j.system.poll.ByteQueue;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;

/**
 * One end of a TCP connection inside the process: a {@link ByteQueue} each way, with TCP's ends. A
 * close is the end of the stream to the peer; a close with something unread, or a forced one, is a
 * reset, before which the peer can still read what it has. Unlike with the kernel, writing to a
 * peer that has closed fails at once, and not the second time.
 */
final class InProcessEndpoint implements StreamEndpoint {

    private final InProcessSwitch network;
    private final AddressFamily family;
    private final InProcessSwitch.Held held;

    private volatile InetAddr local;
    private volatile InetAddr remote;

    /** The three are set in this order, and the last one says that the connection is there. */
    private volatile ByteQueue out;

    private volatile InProcessEndpoint peer;
    private volatile ByteQueue in;

    private volatile InProcessAcceptor waitsAt;
    private volatile boolean refused;
    private volatile boolean reset;
    private volatile boolean resetDelivered;
    private volatile boolean writeShut;
    private volatile boolean closed;
    private volatile IntConsumer listener = conditions -> {};

    /**
     * An end that is not connected.
     *
     * @param held the address it has, or null
     */
    InProcessEndpoint(InProcessSwitch network, AddressFamily family, InProcessSwitch.Held held) {
        this.network = network;
        this.family = family;
        this.held = held;
        this.local = held == null ? null : held.address();
    }

    @Override
    public SelectableChannel channel() {
        return null;
    }

    @Override
    public void onReadiness(IntConsumer listener) {
        this.listener = listener;
    }

    /** Tells whoever holds this end; no lock of the network is held. */
    void tell(int conditions) {
        listener.accept(conditions);
    }

    // ---- connecting

    @Override
    public boolean connect(SocketAddr to) throws IOException {
        InetAddr target = (InetAddr) to;
        InProcessAcceptor acceptor = network.listener(target);
        if (acceptor == null) {
            throw new ConnectException("Connection refused");
        }
        remote = target;
        local = network.source(family, held == null ? null : held.address(), target);
        waitsAt = acceptor;
        return acceptor.offer(this);
    }

    /**
     * The connection is there.
     *
     * @param accepting the family of the listener
     * @return the other end
     */
    InProcessEndpoint establish(AddressFamily accepting) {
        InProcessEndpoint other = new InProcessEndpoint(network, accepting, null);
        other.local = InProcessSwitch.as(accepting, remote);
        other.remote = InProcessSwitch.as(accepting, local);
        ByteQueue forth = new ByteQueue(MemoryBudget.unlimited());
        ByteQueue back = new ByteQueue(MemoryBudget.unlimited());
        other.out = back;
        other.peer = this;
        other.in = forth;
        out = forth;
        peer = other;
        in = back;
        return other;
    }

    /** The listener at which it waited is gone. */
    void refuse() {
        refused = true;
        tell(Readiness.READ | Readiness.WRITE);
    }

    @Override
    public boolean finishConnect() throws IOException {
        if (refused) {
            throw new ConnectException("Connection refused");
        }
        return in != null;
    }

    // ---- bytes

    @Override
    public long read(ByteBuffer[] buffers, int count) throws IOException {
        ByteQueue queue = in;
        // first how it ended, then the bytes: those that came before the end are seen
        boolean wasReset = reset;
        boolean ended = queue.hasEnded();
        int given;
        boolean madeRoom;
        synchronized (queue) {
            // one step: else a writer could fill it and wait after the first look
            boolean full = !queue.isWritable();
            given = queue.read(buffers, count, false);
            madeRoom = full && queue.isWritable();
        }
        if (madeRoom) {
            peer.tell(Readiness.WRITE);
        }
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
    public long write(ByteBuffer[] buffers, int count) throws IOException {
        if (reset) {
            throwResetOnce();
        }
        int taken;
        try {
            taken = out.write(buffers, count, false);
        } catch (ErrnoException e) {
            throw (SocketException) new SocketException("Broken pipe").initCause(e);
        }
        if (taken > 0) {
            peer.tell(Readiness.READ);
        }
        return taken;
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
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
    public int available() {
        ByteQueue queue = in;
        return queue == null ? 0 : queue.size();
    }

    @Override
    public int readiness() {
        ByteQueue reading = in;
        if (reading == null) {
            return 0;
        }
        int ready = 0;
        boolean ended = reading.hasEnded();
        if (ended || reading.size() > 0) {
            ready |= Readiness.READ;
        }
        if (out.isWritable()) {
            ready |= Readiness.WRITE;
        }
        if (ended) {
            ready |= Readiness.READ_HANGUP;
        }
        if (ended && writeShut || reset) {
            ready |= Readiness.HANGUP;
        }
        if (reset && !resetDelivered) {
            ready |= Readiness.ERROR;
        }
        return ready;
    }

    // ---- ends

    @Override
    public void shutdownOutput() {
        writeShut = true;
        out.end();
        peer.tell(-1);
    }

    @Override
    public void close(boolean forced) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        InProcessAcceptor waited = waitsAt;
        if (waited != null) {
            waited.withdraw(this);
        }
        ByteQueue reading = in;
        if (reading != null) {
            boolean unread;
            synchronized (reading) {
                unread = reading.size() > 0;
                if (forced || unread) {
                    // before the end is seen
                    peer.reset = true;
                }
                reading.abandon();
            }
            out.end();
            peer.tell(-1);
        }
        if (held != null) {
            held.release().run();
        }
    }

    // ---- addresses and options

    @Override
    public SocketAddr local() {
        return local;
    }

    @Override
    public SocketAddr remote() {
        return in == null ? null : remote;
    }

    @Override
    public <T> boolean set(SocketOption<T> option, T value) {
        return false;
    }

    @Override
    public <T> T get(SocketOption<T> option) {
        return null;
    }

    @Override
    public void oobInline(boolean on) {
        // there are no urgent data
    }
}
