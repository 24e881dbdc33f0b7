package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;

/**
 * A stream socket as something to wait for: its readiness in each state, what a selector has to
 * watch and what its word means; and how busy it is, which a gentle end asks.
 */
abstract class StreamReadiness extends StreamState {

    StreamReadiness(NetContext net, Network network, AddressFamily family, StreamOptions options) {
        super(net, network, family, options);
    }

    // ---- readiness

    @Override
    public final int readiness(int interest) {
        StreamIo stream = io;
        AcceptQueue listener = acceptor;
        int ready =
                switch (state) {
                    case FRESH, BOUND -> Readiness.READ | Readiness.WRITE | Readiness.HANGUP;
                    case LISTEN -> listener != null && listener.isReady() ? Readiness.READ : 0;
                    case CONNECTING -> 0;
                    case FAILED ->
                            Readiness.READ
                                    | Readiness.WRITE
                                    | Readiness.HANGUP
                                    | Readiness.READ_HANGUP
                                    | (connectError != null ? Readiness.ERROR : 0);
                    case CONNECTED -> stream == null ? 0 : stream.readiness();
                };
        return ready & (interest | ~(Readiness.READ | Readiness.WRITE));
    }

    @Override
    public final SelectableChannel channel() {
        AcceptQueue listener = acceptor;
        if (listener != null) {
            return listener.channel();
        }
        StreamEndpoint endpoint = endpointOrNull();
        return endpoint == null ? null : endpoint.channel();
    }

    @Override
    public final int selectOps(int interest) {
        switch (state) {
            case LISTEN -> {
                AcceptQueue listener = acceptor;
                boolean known = listener == null || listener.isReady();
                return (interest & Readiness.READ) != 0 && !known ? SelectionKey.OP_ACCEPT : 0;
            }
            case CONNECTING -> {
                return SelectionKey.OP_CONNECT;
            }
            case CONNECTED -> {
                StreamIo stream = io;
                // what is known to be ready, and stays so, need not be watched
                int known = stream == null ? -1 : stream.readiness();
                int ops = 0;
                if ((interest & ~known & Readiness.READ) != 0) {
                    ops |= SelectionKey.OP_READ;
                }
                if ((interest & ~known & Readiness.WRITE) != 0) {
                    ops |= SelectionKey.OP_WRITE;
                }
                return ops;
            }
            default -> {
                return 0;
            }
        }
    }

    @Override
    public final int settle(int readyOps, int interest) {
        int ready = 0;
        switch (state) {
            case LISTEN -> {
                AcceptQueue listener = acceptor;
                if (listener != null) {
                    listener.somebodyCame();
                }
                ready = Readiness.READ;
            }
            case CONNECTING -> {
                progressNow();
                if (state == State.CONNECTED) {
                    ready = Readiness.WRITE;
                }
            }
            case CONNECTED -> {
                StreamIo stream = io;
                if ((readyOps & SelectionKey.OP_READ) != 0 && stream != null) {
                    if (stream.probe()) {
                        ready |= Readiness.READ;
                    }
                    if (stream.hasAhead()) {
                        // the kernel has nothing more to tell the others who wait for it
                        signal(Readiness.READ);
                    }
                }
                if ((readyOps & SelectionKey.OP_WRITE) != 0) {
                    ready |= Readiness.WRITE;
                }
            }
            default -> {}
        }
        return ready & interest | readiness(interest);
    }

    @Override
    public final void reported(int readyOps, int interest) {
        if (state != State.CONNECTED) {
            settle(readyOps, interest);
        }
    }

    @Override
    public final long arrivals() {
        StreamIo stream = io;
        AcceptQueue listener = acceptor;
        if (channel() == null) {
            return UNCOUNTED;
        }
        return switch (state) {
            case LISTEN -> listener == null ? UNCOUNTED : listener.arrivals();
            case CONNECTED -> stream == null ? UNCOUNTED : stream.arrivals();
            default -> UNCOUNTED;
        };
    }

    @Override
    public final int takeIn() {
        StreamIo stream = io;
        AcceptQueue listener = acceptor;
        int ops = 0;
        boolean moved = false;
        if (channel() == null) {
            return 0;
        }
        if (state == State.LISTEN && listener != null) {
            long before = listener.taken();
            ops = listener.takeIn() ? SelectionKey.OP_ACCEPT : 0;
            moved = listener.taken() != before;
        } else if (state == State.CONNECTED && stream != null) {
            long before = stream.lookedAhead();
            ops = stream.takeIn() ? SelectionKey.OP_READ : 0;
            moved = stream.lookedAhead() != before;
        }
        if (moved) {
            // whoever waits for the kernel to tell of it waits in vain
            signal(Readiness.READ);
        }
        return ops;
    }

    @Override
    public final long readableBytes() {
        StreamIo stream = io;
        return switch (state) {
            case LISTEN -> 1;
            case CONNECTED -> stream == null ? 0 : stream.readableBytes();
            default -> 0;
        };
    }

    @Override
    public final long writableBytes() {
        return state == State.CONNECTED ? super.writableBytes() : 0;
    }

    // ---- how busy it is

    @Override
    public final boolean isInbound() {
        AcceptQueue listener = acceptor;
        return listener == null ? inbound && state == State.CONNECTED : listener.isReady();
    }

    @Override
    public final boolean isInFlight() {
        StreamIo stream = io;
        if (stream == null) {
            AcceptQueue listener = acceptor;
            return listener != null && listener.isReady();
        }
        boolean inFlight = stream.isInFlight();
        if (stream.hasAhead()) {
            // the kernel has nothing more to tell those who wait for it
            signal(Readiness.READ);
        }
        return inFlight;
    }

    @Override
    public final void retire() {
        StreamIo stream = io;
        if (stream == null || isInFlight()) {
            return;
        }
        try {
            stream.shutdownWrite();
        } catch (IOException e) {
            net().reporter().hostError("shutdown", e);
        }
        signal(-1);
    }

    @Override
    public final long activity() {
        StreamIo stream = io;
        return stream == null ? 0 : stream.received() + stream.sent();
    }
}
