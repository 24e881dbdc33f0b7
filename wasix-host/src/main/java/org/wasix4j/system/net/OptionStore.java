package org.wasix4j.system.net;

import java.io.IOException;
import java.net.SocketOption;
import java.util.Arrays;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockOption;

/**
 * The options of a socket as the guest set them. They are kept here, not in a channel, because the
 * channel comes later than the options and can be replaced.
 *
 * <p>Flags are 0 or 1, sizes are bytes or hops, times are nanoseconds.
 */
abstract class OptionStore implements SocketOptions {

    /** Not set by the guest. */
    static final long UNSET = NO_TIME;

    static final int DEFAULT_TTL = 64;

    private static final int MAX_TTL = 255;

    private final long[] values = new long[SockOption.values().length];

    OptionStore() {
        Arrays.fill(values, UNSET);
    }

    /** The value, or {@link #UNSET}. */
    final synchronized long get(SockOption option) {
        return values[option.code()];
    }

    /** The value, or a default when the guest has set none. */
    final long get(SockOption option, long preset) {
        long value = get(option);
        return value == UNSET ? preset : value;
    }

    /** Whether a flag is on. */
    final boolean isOn(SockOption option) {
        return get(option) == 1;
    }

    final synchronized void set(SockOption option, long value) {
        values[option.code()] = value;
    }

    /** Takes options over from a listener, as Linux has accepted sockets inherit them. */
    final void inherit(OptionStore listener, SockOption... inherited) {
        for (SockOption option : inherited) {
            set(option, listener.get(option));
        }
    }

    // ---- times

    /** Keeps a timeout; a negative time is none. */
    @Override
    public void setTime(SockOption option, long nanos) {
        requireTime(option);
        set(option, nanos < 0 ? UNSET : nanos);
    }

    @Override
    public long getTime(SockOption option) {
        requireTime(option);
        return get(option);
    }

    private static void requireTime(SockOption option) {
        if (option.kind() != SockOption.Kind.TIME) {
            throw Errno.NOPROTOOPT.exception();
        }
    }

    /**
     * The {@link System#nanoTime} until which a call waits from now on, by the option that limits
     * it; {@link GuestThread#FOREVER} when it is not set.
     */
    final long deadline(SockOption timeout) {
        long nanos = get(timeout);
        return nanos <= 0 ? GuestThread.FOREVER : Clocks.deadlineIn(nanos);
    }

    // ---- sizes

    /** setsockopt takes an int; a larger size is cut to the largest. */
    static int bufferSize(long size) {
        return size < 0 || size > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) size;
    }

    /** Keeps a buffer size, and sets it if there is a target. */
    final void setBuffer(
            SockOption option,
            SocketOption<Integer> carried,
            long size,
            @Nullable OptionTarget target)
            throws IOException {
        int bytes = bufferSize(size);
        apply(target, carried, bytes);
        set(option, bytes);
    }

    /** Keeps a number of hops. */
    final void setHops(SockOption option, long hops, int least) {
        requireHops(hops, least);
        set(option, hops);
    }

    static void requireHops(long hops, int least) {
        if (hops < least || hops > MAX_TTL) {
            throw Errno.INVAL.exception();
        }
    }

    // ---- setting options of the host

    /** Sets an option of the host if there is a target. */
    static <T> void apply(@Nullable OptionTarget target, SocketOption<T> option, T value)
            throws IOException {
        if (target != null) {
            target.set(option, value);
        }
    }

    /** Sets an option of a new target to what the guest has set before, if it has. */
    final void applyStored(OptionTarget target, SockOption stored, SocketOption<Integer> option)
            throws IOException {
        long value = get(stored);
        if (value != UNSET) {
            target.set(option, (int) value);
        }
    }

    /** Sets a flag of a new target if the guest has set it before. */
    final void applyIfOn(OptionTarget target, SockOption stored, SocketOption<Boolean> option)
            throws IOException {
        if (isOn(stored)) {
            target.set(option, true);
        }
    }

    // ---- families

    /** An option that only IPv6 sockets have. */
    static void requireInet6(AddressFamily family) {
        if (family != AddressFamily.INET6) {
            throw Errno.NOPROTOOPT.exception();
        }
    }
}
