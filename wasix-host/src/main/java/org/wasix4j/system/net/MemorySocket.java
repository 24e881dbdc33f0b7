package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/** A socket whose bytes never leave this JVM: what its options are. */
abstract class MemorySocket extends SocketDescription {

    static final SocketAddr UNNAMED = new UnixAddr("");

    private final OptionStore options = new OptionStore();

    MemorySocket(NetContext net, AddressFamily family, SockType type) {
        super(net, family, type);
    }

    /** How many bytes it keeps, for the options that tell. */
    abstract int capacity();

    /** Returns and clears the pending error, as its number; 0 for none. */
    long takeError() {
        return 0;
    }

    /** Until when a call waits, by the option that limits it. */
    final long deadline(SockOption option) {
        return options.deadline(option);
    }

    // ---- options: taken and given back; only the timeouts mean something

    private static void require(SockOption option, SockOption.Kind kind) {
        if (option.kind() != kind) {
            throw Errno.INVAL.exception();
        }
    }

    @Override
    public final void setFlag(SockOption option, boolean on) {
        require(option, SockOption.Kind.FLAG);
        options.set(option, on ? 1 : 0);
    }

    @Override
    public final boolean getFlag(SockOption option) {
        require(option, SockOption.Kind.FLAG);
        return option != SockOption.LISTENING && options.isOn(option);
    }

    @Override
    public final void setSize(SockOption option, long size) {
        require(option, SockOption.Kind.SIZE);
        switch (option) {
            case RECV_BUF_SIZE, SEND_BUF_SIZE, RECV_LOWAT ->
                    options.set(option, size & Long.MAX_VALUE);
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    @Override
    public final long getSize(SockOption option) {
        return switch (option) {
            case LAST_ERROR -> takeError();
            case PROTO -> 0;
            case TYPE -> sockType().code();
            case RECV_BUF_SIZE, SEND_BUF_SIZE -> options.get(option, capacity());
            case RECV_LOWAT, SEND_LOWAT -> options.get(option, 1);
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    @Override
    public final void setTime(SockOption option, long nanos) {
        require(option, SockOption.Kind.TIME);
        options.setTime(option, nanos);
    }

    @Override
    public final long getTime(SockOption option) {
        require(option, SockOption.Kind.TIME);
        return options.getTime(option);
    }
}
