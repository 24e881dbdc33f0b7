package org.wasix4j.host;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.nio.charset.StandardCharsets;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;

/**
 * Processes and signals: {@code proc_*} and {@code callback_signal}. A guest is the only process it
 * can see: it has no children, and its parent is process 0.
 *
 * <p>Source: wasi-witx {@code wasi_snapshot_preview1.witx}, wasix-witx; the man pages of the POSIX
 * cousins.
 */
public final class WasixProcesses implements HostModule {

    private static final int PROCESS_GROUP = 0;
    private static final int ANY_CHILD = -1;

    @Override
    public void register(Registry registry) {
        registry.on("proc_exit", this::procExit);
        registry.on("proc_exit2", this::procExit);
        registry.on("proc_id", this::procId);
        registry.on("proc_parent", this::procParent);
        registry.on("proc_join", "iii:i", this::procJoin);
        registry.on("proc_join", "ii:i", this::procJoinLegacy);
        registry.on("proc_raise", this::procRaise);
        registry.on("proc_raise_interval", this::procRaiseInterval);
        registry.on("proc_signal", this::procSignal);
        registry.on("proc_signals_sizes_get", this::procSignalsSizesGet);
        registry.on("proc_signals_get", this::procSignalsGet);
        registry.on("proc_snapshot", this::procSnapshot);
        registry.on("callback_signal", this::callbackSignal);
    }

    /**
     * {@code proc_exit(rval)}, {@code proc_exit2(rval)}: exit_group(2). Does not return; every
     * thread of the process ends.
     */
    private Errno procExit(CallContext call, long[] args) {
        call.process().end(ExitReason.exited((int) args[0]));
        throw Unwind.PROCESS;
    }

    /** {@code proc_id(ret: *pid)}: getpid(2). */
    private Errno procId(CallContext call, long[] args) {
        call.memory().writeI32((int) args[0], call.process().pid());
        return Errno.SUCCESS;
    }

    /** {@code proc_parent(pid, ret: *pid)}: getppid(2). Errors: srch for another process. */
    private Errno procParent(CallContext call, long[] args) {
        call.memory().check((int) args[1], 4);
        requireSelf(call, (int) args[0]);
        call.memory().writeI32((int) args[1], 0);
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_join(pid: *option_pid, flags, ret: *join_status)}: waitpid(2). Errors: child, as
     * there are no children.
     */
    private Errno procJoin(CallContext call, long[] args) {
        call.memory().check((int) args[0], 8);
        call.memory().check((int) args[2], 6);
        return Errno.CHILD;
    }

    /** {@code proc_join(pid: *pid, ret: *exitcode)} of the first generation. Errors: child. */
    private Errno procJoinLegacy(CallContext call, long[] args) {
        call.memory().check((int) args[0], 4);
        call.memory().check((int) args[1], 4);
        return Errno.CHILD;
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
        int signal = signal(args[0]);
        if (signal == 0) {
            return Errno.INVAL;
        }
        call.process().timers().set(signal, args[1], (int) args[2] != 0);
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_signal(pid, signal)}: kill(2), to itself or its process group only; signal 0 asks
     * whether the process exists. Errors: srch for another process, inval for a number that is no
     * signal.
     */
    private Errno procSignal(CallContext call, long[] args) {
        int signal = signal(args[1]);
        if ((int) args[0] != PROCESS_GROUP && (int) args[0] != ANY_CHILD) {
            requireSelf(call, (int) args[0]);
        }
        if (signal != 0) {
            call.process().signals().raise(signal);
        }
        return Errno.SUCCESS;
    }

    private static void requireSelf(CallContext call, int pid) {
        if (pid != call.process().pid()) {
            throw Errno.SRCH.exception();
        }
    }

    /** A signal's number, 0 to 31. */
    static int signal(long code) {
        int signal = (int) code;
        if (signal < 0 || signal > Signals.MAX) {
            throw Errno.INVAL.exception();
        }
        return signal;
    }

    /**
     * {@code proc_signals_sizes_get(ret: *size)}: how many signal dispositions a parent has left to
     * this program: none.
     */
    private Errno procSignalsSizesGet(CallContext call, long[] args) {
        call.memory().writeI32((int) args[0], 0);
        return Errno.SUCCESS;
    }

    /** {@code proc_signals_get(buf)}: the dispositions; see {@code proc_signals_sizes_get}. */
    private Errno procSignalsGet(CallContext call, long[] args) {
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
        int length = Math.min((int) args[1] & Integer.MAX_VALUE, GuestMemory.MAX_PATH);
        String name =
                new String(call.memory().readBytes((int) args[0], length), StandardCharsets.UTF_8);
        GuestProcess process = call.process();
        process.signals().handler(call.thread(), name, exports(call.instance(), name));
        return Errno.SUCCESS;
    }

    /** Whether a module exports a function of that name. */
    static boolean exports(Instance instance, String name) {
        ExportSection exports = instance.module().exportSection();
        for (int i = 0; i < exports.exportCount(); i++) {
            Export export = exports.getExport(i);
            if (export.exportType() == ExternalType.FUNCTION && export.name().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
