package org.wasix4j.host;

import java.util.List;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.jfr.FlightEvents;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SyscallSpec;
import org.wasix4j.types.SyscallSpec.Parameter;

/** Records host calls with the flight recorder, while a recording runs. */
final class CallEvents {

    private CallEvents() {}

    /** A call begins: an event that was begun, or null when calls are not recorded. */
    static @Nullable Object begin(SyscallSpec spec, long[] args) {
        return FlightEvents.beginSyscall(descriptor(spec, args));
    }

    /**
     * A call is over.
     *
     * @param event from {@link #begin}, not null
     * @param call the context of the call
     * @param error null when the call does not return to the guest
     */
    static void end(
            Object event, CallContext call, SyscallSpec spec, long[] args, @Nullable Errno error) {
        if (!FlightEvents.endSyscall(event)) {
            return;
        }
        FlightEvents.syscall(
                event,
                call.process().guest(),
                call.thread().tid(),
                spec.name(),
                descriptor(spec, args),
                error,
                error == Errno.SUCCESS ? bytes(call.memory(), spec, args) : FlightEvents.NO_BYTES);
    }

    private static int descriptor(SyscallSpec spec, long[] args) {
        List<Parameter> parameters = spec.parameters();
        boolean first = !parameters.isEmpty() && parameters.get(0).kind().equals("fd");
        return first ? (int) args[0] : FlightEvents.NO_FD;
    }

    /** How many bytes a successful call has moved, by the count it returned to the guest. */
    private static long bytes(GuestMemory memory, SyscallSpec spec, long[] args) {
        List<Parameter> parameters = spec.parameters();
        boolean moves = spec.name().equals("sock_send_file");
        for (int i = 0; i < parameters.size(); i++) {
            String kind = parameters.get(i).kind();
            moves |= kind.endsWith("iovecs");
            if (moves && (kind.equals("*size") || kind.equals("*filesize"))) {
                try {
                    int address = (int) args[i];
                    return kind.equals("*size")
                            ? Integer.toUnsignedLong(memory.readI32(address))
                            : memory.readI64(address);
                } catch (ErrnoException e) {
                    return FlightEvents.NO_BYTES;
                }
            }
        }
        return FlightEvents.NO_BYTES;
    }
}
