package org.wasix4j.host;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.InvalidException;
import java.nio.charset.StandardCharsets;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.ProcessCodec;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.process.ChildStatus;
import org.wasix4j.system.process.ProcessTable;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Numbers, ends and signals of processes: most of {@code proc_*}, and {@code callback_signal}. A
 * guest sees the processes of its family, those that it has started itself; the parent of the first
 * is process 0.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * functions.
 */
public final class WasixProcesses implements HostModule {

    private static final int NON_BLOCKING = 1;
    private static final int WAKE_STOPPED = 2;

    @Override
    public boolean distinguishesTypes() {
        return true;
    }

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "proc_id" -> this::procId;
            case "proc_parent" -> this::procParent;
            case "proc_join iii:i" -> this::procJoin;
            case "proc_join ii:i" -> this::procJoinLegacy;
            case "proc_raise" -> this::procRaise;
            case "proc_raise_interval" -> this::procRaiseInterval;
            case "proc_signal" -> this::procSignal;
            case "proc_signals_sizes_get" -> this::procSignalsSizesGet;
            case "proc_signals_get" -> this::procSignalsGet;
            case "proc_snapshot" -> this::procSnapshot;
            case "callback_signal" -> this::callbackSignal;
            default -> null;
        };
    }

    /** {@code proc_id(ret: *pid)}: getpid(2). */
    private Errno procId(CallContext call, long[] args) {
        int pidOut = (int) args[0];
        call.memory().writeI32(pidOut, call.process().pid());
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_parent(pid, ret: *pid)}: getppid(2), of any process of the family. Errors: srch
     * when there is none of that number.
     */
    private Errno procParent(CallContext call, long[] args) {
        int pid = (int) args[0];
        int pidOut = (int) args[1];
        call.memory().check(pidOut, 4);
        int parent = call.process().table().parent(pid);
        call.memory().writeI32(pidOut, parent);
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_join(pid: *option_pid, flags, ret: *join_status)}: waitpid(2). The number is that
     * of a child, or none or 0 for any; the child that was found is written back. Flags: 1 not to
     * wait, when the answer can be the status nothing of process 0; 2 to include one that was
     * stopped too. Errors: child when there is no such child, inval for other flags, intr.
     */
    private Errno procJoin(CallContext call, long[] args) {
        int pidInOut = (int) args[0];
        int flags = (int) args[1];
        int statusOut = (int) args[2];
        GuestMemory memory = call.memory();
        memory.check(statusOut, ProcessCodec.JOIN_STATUS_SIZE);
        int wanted = ProcessCodec.readOptionPid(memory, pidInOut, ProcessTable.ANY);
        if ((flags & ~(NON_BLOCKING | WAKE_STOPPED)) != 0) {
            return Errno.INVAL;
        }
        ProcessTable.Joined joined =
                call.process()
                        .table()
                        .join(
                                call.thread(),
                                call.process().pid(),
                                // libc hands 0 on, for any of its group
                                wanted == 0 ? ProcessTable.ANY : wanted,
                                (flags & NON_BLOCKING) != 0,
                                (flags & WAKE_STOPPED) != 0);
        ProcessCodec.writeSomePid(memory, pidInOut, joined == null ? 0 : joined.pid());
        if (joined == null) {
            ProcessCodec.writeNothing(memory, statusOut);
            return Errno.SUCCESS;
        }
        int number = joined.status().number();
        switch (joined.status().kind()) {
            case EXITED -> ProcessCodec.writeExited(memory, statusOut, number);
            case SIGNALED -> ProcessCodec.writeSignaled(memory, statusOut, number);
            case STOPPED -> ProcessCodec.writeStopped(memory, statusOut, number);
        }
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_join(pid: *pid, ret: *exitcode)} of the first generation: waits for a child, with
     * 0xffffffff for any. One that a signal has ended has 128 and the signal for a code. Errors:
     * child, intr.
     */
    private Errno procJoinLegacy(CallContext call, long[] args) {
        int pidInOut = (int) args[0];
        int exitcodeOut = (int) args[1];
        GuestMemory memory = call.memory();
        memory.check(pidInOut, 4);
        memory.check(exitcodeOut, 4);
        ProcessTable.Joined joined =
                call.process()
                        .table()
                        .join(
                                call.thread(),
                                call.process().pid(),
                                memory.readI32(pidInOut),
                                false,
                                false);
        if (joined == null) {
            return Errno.AGAIN;
        }
        ChildStatus status = joined.status();
        boolean exited = status.kind() == ChildStatus.Kind.EXITED;
        memory.writeI32(pidInOut, joined.pid());
        memory.writeI32(exitcodeOut, exited ? status.number() : 128 + status.number());
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_raise(sig)}: raise(3), for the calling thread; its handler has run when this
     * returns. Errors: inval for a number that is no signal.
     */
    private Errno procRaise(CallContext call, long[] args) {
        int signal = signal(args[0]);
        if (signal != 0) {
            call.process().signals().raise(call.thread(), signal);
        }
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_raise_interval(sig, interval, repeat)}: alarm(2) and setitimer(2), one timer for
     * each signal; 0 takes it away. The interval is in nanoseconds and at least a millisecond.
     * Errors: inval for a number that is no signal.
     */
    private Errno procRaiseInterval(CallContext call, long[] args) {
        long interval = args[1];
        int repeat = (int) args[2];
        int signal = signal(args[0]);
        if (signal == 0) {
            return Errno.INVAL;
        }
        call.process().timers().set(signal, interval, repeat != 0);
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_signal(pid, signal)}: kill(2), to a process of the family, with 0 to the group of
     * the caller, with a negative number to that group, with -1 to all but the first process and
     * the caller; signal 0 asks whether there is such a process. Errors: srch when there is none,
     * inval for a number that is no signal.
     */
    private Errno procSignal(CallContext call, long[] args) {
        int pid = (int) args[0];
        int signal = signal(args[1]);
        GuestProcess process = call.process();
        process.table().signal(process.pid(), pid, signal);
        return Errno.SUCCESS;
    }

    /** A signal's number, 0 to 64. */
    static int signal(long code) {
        int signal = (int) code;
        if (signal < 0 || signal > Signals.MAX) {
            throw Errno.INVAL.exception();
        }
        return signal;
    }

    /**
     * {@code proc_signals_sizes_get(ret: *size)}: how many signal dispositions a parent has laid
     * down for this program, see {@code proc_spawn2}; none for the first process.
     */
    private Errno procSignalsSizesGet(CallContext call, long[] args) {
        int sizeOut = (int) args[0];
        int count = call.process().signals().dispositions().length / ProcessCodec.DISPOSITION_SIZE;
        call.memory().writeI32(sizeOut, count);
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_signals_get(buf)}: the dispositions, two bytes each; see {@code
     * proc_signals_sizes_get}.
     */
    private Errno procSignalsGet(CallContext call, long[] args) {
        int buf = (int) args[0];
        call.memory().writeBytes(buf, call.process().signals().dispositions());
        return Errno.SUCCESS;
    }

    /** {@code proc_snapshot()}: there is no journal to write. Errors: notsup. */
    private Errno procSnapshot(CallContext call, long[] args) {
        return Errno.NOTSUP;
    }

    /**
     * {@code callback_signal(callback, callback_len)}: names the export that is called with the
     * number of each signal. A name that the module does not export holds signals back on the
     * calling thread; this is how wasix-libc blocks them.
     */
    private Errno callbackSignal(CallContext call, long[] args) {
        int callback = (int) args[0];
        int callbackLen = (int) args[1];
        int length = Math.min(callbackLen & Integer.MAX_VALUE, GuestMemory.MAX_PATH);
        String name = new String(call.memory().readBytes(callback, length), StandardCharsets.UTF_8);
        GuestProcess process = call.process();
        process.signals().handler(call.thread(), name, exports(call.instance(), name));
        return Errno.SUCCESS;
    }

    /** Whether a module exports a function of that name. */
    static boolean exports(Instance instance, String name) {
        try {
            instance.exports().function(name);
            return true;
        } catch (InvalidException e) {
            return false;
        }
    }
}
