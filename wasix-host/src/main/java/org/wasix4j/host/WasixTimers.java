package org.wasix4j.host;

import org.wasix4j.abi.GuestMemory;
import org.wasix4j.system.clock.IntervalTimers;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * {@code proc_raise_interval2}: setitimer(2) with a first time and a period of its own. Two types
 * exist under the one name, distinguished by it: with two records as setitimer has them, and with
 * the times in nanoseconds.
 */
public final class WasixTimers implements HostModule {

    /** An itimerval: the period, then the first time, each 8 bytes of seconds and 8 of micros. */
    private static final int ITIMERVAL = 32;

    private static final int VALUE = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MICRO = 1_000L;
    private static final long MICROS_PER_SECOND = 1_000_000L;

    @Override
    public boolean distinguishesTypes() {
        return true;
    }

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "proc_raise_interval2 iIIi:i" -> this::setTimes;
            case "proc_raise_interval2 iii:i" -> this::setRecord;
            default -> null;
        };
    }

    private static int signal(long code) {
        int signal = WasixProcesses.signal(code);
        if (signal == 0) {
            throw Errno.INVAL.exception();
        }
        return signal;
    }

    /**
     * {@code proc_raise_interval2(sig, initial, interval, repeat)}, in nanoseconds; an initial time
     * of 0 takes the timer away. Errors: inval for a number that is no signal.
     */
    private Errno setTimes(CallContext call, long[] args) {
        long initial = args[1];
        long interval = args[2];
        int repeat = (int) args[3];
        int signal = signal(args[0]);
        long period = repeat != 0 ? interval : 0;
        call.process().timers().set(signal, initial, period);
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_raise_interval2(sig, new: &itimerval, old: *itimerval or null)}: as setitimer(2).
     * Errors: inval for a number that is no signal, negative times and a million micros or more.
     */
    private Errno setRecord(CallContext call, long[] args) {
        int signal = signal(args[0]);
        GuestMemory memory = call.memory();
        int set = (int) args[1];
        int old = (int) args[2];
        memory.check(set, ITIMERVAL);
        if (old != 0) {
            memory.check(old, ITIMERVAL);
        }
        long period = nanos(memory, set);
        long first = nanos(memory, set + VALUE);
        IntervalTimers.Setting before = call.process().timers().set(signal, first, period);
        if (old != 0) {
            write(memory, old, before.period());
            write(memory, old + VALUE, before.left());
        }
        return Errno.SUCCESS;
    }

    private static long nanos(GuestMemory memory, int address) {
        long seconds = memory.readI64(address);
        long micros = memory.readI64(address + 8);
        if (seconds < 0 || micros < 0 || micros >= MICROS_PER_SECOND) {
            throw Errno.INVAL.exception();
        }
        if (seconds > Long.MAX_VALUE / NANOS_PER_SECOND - 1) {
            return Long.MAX_VALUE;
        }
        return seconds * NANOS_PER_SECOND + micros * NANOS_PER_MICRO;
    }

    private static void write(GuestMemory memory, int address, long nanos) {
        // the remaining time of an active timer is never reported as 0
        long micros = (nanos + NANOS_PER_MICRO - 1) / NANOS_PER_MICRO;
        memory.writeI64(address, micros / MICROS_PER_SECOND);
        memory.writeI64(address + 8, micros % MICROS_PER_SECOND);
    }
}
