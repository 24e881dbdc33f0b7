package org.wasix4j.system.net;

import java.util.Arrays;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.SockOption;

/**
 * The options of a socket as the guest set them. They are kept here, not in a channel, because the
 * channel comes later than the options and can be replaced.
 *
 * <p>Flags are 0 or 1, sizes are bytes or hops, times are nanoseconds.
 */
final class OptionStore {

    /** Not set by the guest. */
    static final long UNSET = -1;

    private final long[] values = new long[SockOption.values().length];

    OptionStore() {
        Arrays.fill(values, UNSET);
    }

    /** The value, or {@link #UNSET}. */
    synchronized long get(SockOption option) {
        return values[option.code()];
    }

    /** The value, or what holds when the guest has set none. */
    long get(SockOption option, long preset) {
        long value = get(option);
        return value == UNSET ? preset : value;
    }

    /**
     * The {@link System#nanoTime} until which a call waits from now on, by the option that limits
     * it; {@link GuestThread#FOREVER} when it is not set.
     */
    long deadline(SockOption timeout) {
        long nanos = get(timeout);
        return nanos <= 0 ? GuestThread.FOREVER : Clocks.deadlineIn(nanos);
    }

    /** Whether a flag is on. */
    boolean isOn(SockOption option) {
        return get(option) == 1;
    }

    synchronized void set(SockOption option, long value) {
        values[option.code()] = value;
    }

    /** Takes options over from a listener, as Linux has accepted sockets inherit them. */
    void inherit(OptionStore listener, SockOption... inherited) {
        for (SockOption option : inherited) {
            set(option, listener.get(option));
        }
    }
}
