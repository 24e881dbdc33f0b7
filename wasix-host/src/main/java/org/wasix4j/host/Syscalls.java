package org.wasix4j.host;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.ChicoryException;
import java.util.Set;
import org.wasix4j.jfr.FlightEvents;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestStack;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.trace.MemoryReader;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.trace.TracedCall;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SyscallSpec;

/**
 * The one place every host call goes through: it finds the calling thread, turns errors into errno
 * numbers, traces, delivers signals, and lets the end of the process through. A host function
 * catches an error only to undo what it has begun, or because the error is an answer.
 *
 * <p>A guest can get an errno or an unwinding out of here, nothing else: any other exception is a
 * fault of this host and ends the process, not the JVM.
 */
final class Syscalls {

    /** A call's result arrays, one an errno, shared and never written: a call allocates nothing. */
    private static final long[][] RESULTS = new long[Errno.values().length][];

    private static final long[] NO_RESULT = {};

    /** Calls that change nothing and use nothing of the JDK that an overflow could harm. */
    private static final Set<String> HARMLESS = Set.of("clock_time_get", "sched_yield");

    /** Frequent calls, for which less stack is enough. */
    private static final Set<String> TRANSFERS =
            Set.of(
                    "fd_read",
                    "fd_write",
                    "sock_recv",
                    "sock_send",
                    "sock_recv_from",
                    "sock_send_to",
                    "poll_oneoff",
                    "epoll_wait",
                    "futex_wait",
                    "futex_wake",
                    "futex_wake_all");

    /** How much stack a call needs. */
    private enum Room {
        NONE,
        TRANSFER,
        CALL;

        static Room of(SyscallSpec spec) {
            if (HARMLESS.contains(spec.name())) {
                return NONE;
            }
            return TRANSFERS.contains(spec.name()) ? TRANSFER : CALL;
        }

        /** Throws {@link StackOverflowError} when there is less. */
        void require(GuestThread thread) {
            if (this == CALL) {
                StackRoom.require(thread.syscalls());
            } else if (this == TRANSFER) {
                StackRoom.requireForTransfer(thread.syscalls());
            }
        }
    }

    /** Calls that go on after a signal whose default is to do nothing: those of SA_RESTART. */
    private static final Set<String> RESTARTED =
            Set.of(
                    "fd_read",
                    "fd_write",
                    "fd_pread",
                    "fd_pwrite",
                    "sock_accept",
                    "sock_accept_v2",
                    "sock_connect",
                    "sock_recv",
                    "sock_recv_from",
                    "sock_send",
                    "sock_send_to",
                    "sock_send_file",
                    "thread_join",
                    "proc_join");

    static {
        for (Errno errno : Errno.values()) {
            RESULTS[errno.code()] = new long[] {errno.code()};
        }
    }

    private final GuestProcess process;
    private final @Nullable SyscallListener listener;

    /**
     * Creates the choke point of a process.
     *
     * @param listener receives every call, or null
     */
    Syscalls(GuestProcess process, @Nullable SyscallListener listener) {
        this.process = process;
        this.listener = listener;
    }

    /** The engine's view of a host function. */
    WasmFunctionHandle handle(SyscallSpec spec, AbiProfile profile, HostModule.Syscall body) {
        Room room = Room.of(spec);
        boolean returns = spec.returnsErrno();
        return (instance, args) -> {
            int errno = invoke(spec, profile, body, room, instance, args, NO_RESULT);
            return returns ? RESULTS[errno] : NO_RESULT;
        };
    }

    /** The engine's view of a host function whose result is a number. */
    WasmFunctionHandle numberHandle(
            SyscallSpec spec, AbiProfile profile, HostModule.NumberSyscall body) {
        return (instance, args) -> {
            long[] result = new long[1];
            int errno =
                    invoke(
                            spec,
                            profile,
                            (call, arguments) -> {
                                result[0] = body.call(call, arguments);
                                return Errno.SUCCESS;
                            },
                            Room.CALL,
                            instance,
                            args,
                            result);
            if (errno != 0) {
                result[0] = Integer.toUnsignedLong(-errno);
            }
            return result;
        };
    }

    private int invoke(
            SyscallSpec spec,
            AbiProfile profile,
            HostModule.Syscall body,
            Room room,
            Instance instance,
            long[] args,
            long[] number) {
        GuestThread thread = process.threads().current();
        thread.countSyscall();
        GuestStack stack = thread.frames().stack();
        if (stack != null && stack.pending() != null && !isAwaited(stack, spec)) {
            process.end(
                    ExitReason.trapped(
                            spec.name() + " in the middle of a fork or jump by asyncify", null));
            throw Unwind.PROCESS;
        }
        thread.frames().enterCall();
        try {
            return invoke(spec, profile, body, room, thread, instance, args, number);
        } finally {
            thread.frames().leaveCall();
        }
    }

    /** Whether the guest was led back to this call. */
    private static boolean isAwaited(GuestStack stack, SyscallSpec spec) {
        return stack.isEntering() && spec.name().equals(stack.pending());
    }

    private int invoke(
            SyscallSpec spec,
            AbiProfile profile,
            HostModule.Syscall body,
            Room room,
            GuestThread thread,
            Instance instance,
            long[] args,
            long[] number) {
        Object event = null;
        long start = 0;
        Errno errno;
        try {
            room.require(thread);
            if (FlightEvents.recording()) {
                event = CallEvents.begin(spec, args);
            }
            if (listener != null) {
                start = System.nanoTime();
            }
            errno = run(spec, body, thread, instance, profile, args);
        } catch (Unwind | ChicoryException | WasmException e) {
            // the guest's own business: its end, a trap or a throw of code that we called back
            if (event != null) {
                CallEvents.end(event, enter(thread, instance, profile), spec, args, null);
            }
            report(thread, spec, profile, instance, args, null, 0, start);
            throw e;
        } catch (OutOfMemoryError e) {
            errno = Errno.NOMEM;
        } catch (StackOverflowError e) {
            // to end the process takes stack too: that is done where there is some
            process.overflowed(spec.name(), e);
            throw Unwind.PROCESS;
        } catch (InternalError e) {
            // a page of the guest's memory that the host could not provide
            process.end(ExitReason.trapped("memory fault in " + spec.name(), e));
            throw Unwind.PROCESS;
        } catch (RuntimeException | Error e) {
            process.end(ExitReason.hostFault(spec.toString(), e));
            throw Unwind.PROCESS;
        }
        GuestStack stack = thread.frames().stack();
        if (stack != null && stack.pending() != null) {
            // the guest's functions are about to return; the call is over when they are back
            return errno.code();
        }
        if (event != null) {
            CallEvents.end(event, enter(thread, instance, profile), spec, args, errno);
        }
        process.reporter().deliver();
        report(
                thread,
                spec,
                profile,
                instance,
                args,
                errno,
                number.length == 0 ? 0 : number[0],
                start);
        deliverSignals(thread);
        if (process.isEnding()) {
            throw Unwind.PROCESS;
        }
        return errno.code();
    }

    /**
     * Runs the body, once more for each time that it was interrupted by what no program expects:
     * the end of a child, say, when there is no handler for it.
     */
    private Errno run(
            SyscallSpec spec,
            HostModule.Syscall body,
            GuestThread thread,
            Instance instance,
            AbiProfile profile,
            long[] args) {
        for (; ; ) {
            Errno errno;
            try {
                errno = body.call(enter(thread, instance, profile), args);
            } catch (ErrnoException e) {
                errno = e.errno();
            }
            if (errno != Errno.INTR
                    || !RESTARTED.contains(spec.name())
                    || !acting(thread).signals().onlyIgnorable(thread)) {
                return errno;
            }
            deliverSignals(thread);
            if (process.isEnding()) {
                throw Unwind.PROCESS;
            }
        }
    }

    /**
     * The number that a traced call is logged under: of the thread, or of the process it acts for.
     */
    private static int caller(GuestThread thread) {
        return thread.acting() == null ? thread.tid() : ((GuestProcess) thread.acting()).pid();
    }

    /** The process whose descriptors and signals a thread uses. */
    private GuestProcess acting(GuestThread thread) {
        return thread.acting() == null ? process : (GuestProcess) thread.acting();
    }

    /** The context of a call; a call that came in between may have left another one there. */
    private CallContext enter(GuestThread thread, Instance instance, AbiProfile profile) {
        return CallContext.enter(process, thread, instance, profile);
    }

    /** Reports a call to the listener; errno is null when it does not return to the guest. */
    private void report(
            GuestThread thread,
            SyscallSpec spec,
            AbiProfile profile,
            Instance instance,
            long[] args,
            @Nullable Errno errno,
            long number,
            long start) {
        if (listener == null) {
            return;
        }
        long nanos = System.nanoTime() - start;
        CallContext call = enter(thread, instance, profile);
        MemoryReader memory =
                instance.memory() == null ? null : new CallMemory(call.memory(), profile);
        TracedCall traced =
                new TracedCall(caller(thread), spec, profile, args, errno, number, nanos, memory);
        StackRoom.runForeign(() -> listener.completed(traced));
    }

    /** Whether the guest's code has done what it must not; and neither ended nor overflowed. */
    private static boolean isTrap(ChicoryException thrown) {
        return !(thrown instanceof ChicoryInterruptedException)
                && !(thrown.getCause() instanceof StackOverflowError);
    }

    /**
     * Runs the guest's signal handler, as soon as the process is not stopped any more; it may call
     * back in here.
     */
    private void deliverSignals(GuestThread thread) {
        process.awaitContinue(thread);
        Signals signals = acting(thread).signals();
        for (int signal = signals.take(thread); signal != 0; signal = signals.take(thread)) {
            long handling = thread.signals().handling();
            boolean held = thread.signals().areHeld();
            thread.signals().handling(handling | 1L << signal);
            try {
                if (signals.handled()) {
                    process.signalHandler().call(thread, signals.export(), signal);
                }
            } catch (ChicoryException e) {
                if (!isTrap(e) || !signals.refuse(thread, signal)) {
                    throw e;
                }
                // libc blocks signals before it does what is default
                thread.signals().hold(held);
            } finally {
                thread.signals().handling(handling);
            }
        }
    }
}
