package org.wasix4j.system.net;

import java.util.function.LongSupplier;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

/**
 * The options of a socket whose bytes never leave this JVM. They are kept and given back; only the
 * timeouts have an effect.
 */
final class MemoryOptions extends OptionStore {

    private final SockType type;
    private final int capacity;
    private final LongSupplier takeError;

    /**
     * Options of one socket.
     *
     * @param capacity how many bytes it keeps, the size of its buffers
     * @param takeError returns and clears the pending error, as its number; 0 for none
     */
    MemoryOptions(SockType type, int capacity, LongSupplier takeError) {
        this.type = type;
        this.capacity = capacity;
        this.takeError = takeError;
    }

    private static void require(SockOption option, SockOption.Kind kind) {
        if (option.kind() != kind) {
            throw Errno.INVAL.exception();
        }
    }

    @Override
    public void setFlag(SockOption option, boolean on) {
        require(option, SockOption.Kind.FLAG);
        set(option, on ? 1 : 0);
    }

    @Override
    public boolean getFlag(SockOption option) {
        require(option, SockOption.Kind.FLAG);
        return option != SockOption.LISTENING && isOn(option);
    }

    @Override
    public void setSize(SockOption option, long size) {
        require(option, SockOption.Kind.SIZE);
        switch (option) {
            case RECV_BUF_SIZE, SEND_BUF_SIZE, RECV_LOWAT -> set(option, size & Long.MAX_VALUE);
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    @Override
    public long getSize(SockOption option) {
        return switch (option) {
            case LAST_ERROR -> takeError.getAsLong();
            case PROTO -> 0;
            case TYPE -> type.code();
            case RECV_BUF_SIZE, SEND_BUF_SIZE -> get(option, capacity);
            case RECV_LOWAT, SEND_LOWAT -> get(option, 1);
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    @Override
    public void setTime(SockOption option, long nanos) {
        require(option, SockOption.Kind.TIME);
        super.setTime(option, nanos);
    }

    @Override
    public long getTime(SockOption option) {
        require(option, SockOption.Kind.TIME);
        return super.getTime(option);
    }
}
