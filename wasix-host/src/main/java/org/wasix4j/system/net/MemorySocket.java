package org.wasix4j.system.net;

import java.util.Arrays;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/** A socket whose bytes never leave this JVM: what its options are. */
abstract class MemorySocket extends SocketDescription {

    static final SocketAddr UNNAMED = new UnixAddr("");

    private final long[] options = new long[SockOption.values().length];

    MemorySocket(NetContext net, AddressFamily family, SockType type) {
        super(net, family, type);
        Arrays.fill(options, NO_TIME);
    }

    /** How many bytes it keeps, for the options that tell. */
    abstract int capacity();

    /** The number of an error that is to be told, which is forgotten then; 0 for none. */
    long takeError() {
        return 0;
    }

    /** Until when a call waits, by the option that limits it. */
    final long deadline(SockOption option) {
        long nanos = getTime(option);
        return nanos <= 0 ? GuestThread.FOREVER : Clocks.deadlineIn(nanos);
    }

    // ---- options: taken and given back; only the timeouts mean something

    private static void require(SockOption option, SockOption.Kind kind) {
        if (option.kind() != kind) {
            throw Errno.INVAL.exception();
        }
    }

    private void store(SockOption option, long value) {
        synchronized (options) {
            options[option.code()] = value;
        }
    }

    private long stored(SockOption option, long preset) {
        synchronized (options) {
            long value = options[option.code()];
            return value == NO_TIME ? preset : value;
        }
    }

    @Override
    public final void setFlag(SockOption option, boolean on) {
        require(option, SockOption.Kind.FLAG);
        store(option, on ? 1 : 0);
    }

    @Override
    public final boolean getFlag(SockOption option) {
        require(option, SockOption.Kind.FLAG);
        return option != SockOption.LISTENING && stored(option, 0) == 1;
    }

    @Override
    public final void setSize(SockOption option, long size) {
        require(option, SockOption.Kind.SIZE);
        switch (option) {
            case RECV_BUF_SIZE, SEND_BUF_SIZE, RECV_LOWAT -> store(option, size & Long.MAX_VALUE);
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    @Override
    public final long getSize(SockOption option) {
        return switch (option) {
            case LAST_ERROR -> takeError();
            case PROTO -> 0;
            case TYPE -> sockType().code();
            case RECV_BUF_SIZE, SEND_BUF_SIZE -> stored(option, capacity());
            case RECV_LOWAT, SEND_LOWAT -> stored(option, 1);
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    @Override
    public final void setTime(SockOption option, long nanos) {
        require(option, SockOption.Kind.TIME);
        store(option, nanos < 0 ? NO_TIME : nanos);
    }

    @Override
    public final long getTime(SockOption option) {
        require(option, SockOption.Kind.TIME);
        return stored(option, NO_TIME);
    }
}
