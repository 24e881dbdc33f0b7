package org.wasix4j.host;

import com.dylibso.chicory.runtime.TrapException;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessRunner;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestStack;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;

/**
 * Copies of a process, and the end of one: {@code proc_fork}, {@code proc_fork_env}, {@code
 * proc_exit}, {@code proc_exit2}.
 *
 * <p>Source: wasix-witx, wasix-libc; fork(2), vfork(2), _exit(2).
 */
public final class WasixForks implements HostModule {

    private static final String FORK = "proc_fork";

    /** With what the last line of musl's abort(3) exits. */
    private static final int ABORTED = 127;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case FORK -> this::procFork;
            case "proc_fork_env" -> this::procForkEnv;
            case "proc_exit" -> this::procExit;
            case "proc_exit2" -> this::procExit2;
            default -> null;
        };
    }

    /**
     * {@code proc_fork(copy_memory, ret: *pid)}: fork(2), for modules that went through asyncify.
     * Answers twice: the child's number in the parent, 0 in the child. Without copy_memory it is
     * vfork(2): the parent waits until the child has started a program or has ended; the child has
     * a copy of the memory all the same. Other threads are not in the child, and go on meanwhile.
     *
     * <p>Errors: again when there are too many processes, mfile when there would be too many
     * descriptors, nomem; notsup for a module without asyncify, from a signal handler, below a
     * function of a shared library, and from the child of {@code proc_fork_env}.
     */
    private Errno procFork(CallContext call, long[] args) {
        int copyMemory = (int) args[0];
        GuestThread thread = call.thread();
        GuestStack stack = thread.frames().stack();
        int out = (int) args[1];
        if (stack != null && stack.isEntering()) {
            int answer = (int) stack.answer();
            call.memory().writeI32(out, Math.max(0, answer));
            return answer < 0 ? Errno.of(-answer) : Errno.SUCCESS;
        }
        call.memory().check(out, 4);
        ProcessRunner runner = call.process().runner();
        if (runner == null) {
            return Errno.NOTSUP;
        }
        if (stack == null) {
            runner.notice(
                    "the guest cannot fork: its module was not built with asyncify"
                            + " (wasm-opt --asyncify)");
            return Errno.NOTSUP;
        }
        if (thread.frames().isNested() || thread.acting() != null) {
            runner.notice("the guest cannot fork in a signal handler or after a vfork");
            return Errno.NOTSUP;
        }
        if (stack.obstacle() != null) {
            runner.notice("the guest cannot fork here: " + stack.obstacle());
            return Errno.NOTSUP;
        }
        GuestProcess process = call.process();
        boolean copy = copyMemory != 0;
        stack.leave(
                FORK,
                frames ->
                        new GuestStack.Entry(frames, fork(process, runner, thread, frames, copy)));
        return Errno.SUCCESS;
    }

    /** The child's number, or a negated errno; runs outside the guest. */
    private static int fork(
            GuestProcess process,
            ProcessRunner runner,
            GuestThread thread,
            GuestStack.Frames frames,
            boolean copy) {
        try {
            GuestProcess child = process.fork();
            try {
                if (!copy) {
                    child.beginVfork();
                }
                runner.fork(child, thread, frames);
            } catch (Throwable e) {
                child.abandon();
                throw e;
            }
            if (!copy) {
                child.awaitVfork(thread);
            }
            return child.pid();
        } catch (ErrnoException e) {
            return -e.errno().code();
        } catch (OutOfMemoryError e) {
            return -Errno.NOMEM.code();
        }
    }

    /**
     * {@code proc_fork_env(ret: *pid)}: the half of vfork(2) that a host can do without asyncify.
     * From here to {@code proc_exit2} or a successful {@code proc_exec3} the calling thread acts
     * for the child: its calls see the child's number, descriptors, working directory and signals.
     * Memory and control are the parent's all the time.
     *
     * <p>Errors: again, mfile; notsup in the child of another one: a libc that uses this call has
     * one place to go back to, so the exit of the second child would end the first parent.
     */
    private Errno procForkEnv(CallContext call, long[] args) {
        int pidOut = (int) args[0];
        call.memory().check(pidOut, 4);
        ProcessRunner runner = call.process().runner();
        if (runner == null) {
            return Errno.NOTSUP;
        }
        if (call.thread().acting() != null) {
            runner.notice("the guest cannot fork after a vfork");
            return Errno.NOTSUP;
        }
        GuestProcess child = call.process().fork();
        child.runner(runner);
        child.borrow(call.thread());
        call.memory().writeI32(pidOut, child.pid());
        return Errno.SUCCESS;
    }

    /**
     * {@code proc_exit(rval)}: exit_group(2). Does not return; every thread of the process ends. In
     * the child of {@code proc_fork_env} there is nowhere to go on, so its parent ends too. An exit
     * at the end of abort(3) is reported as the end by a signal.
     */
    private Errno procExit(CallContext call, long[] args) {
        int rval = (int) args[0];
        ExitReason reason = reason(call, rval);
        leaveChild(call.thread(), reason);
        call.process().end(reason);
        throw Unwind.PROCESS;
    }

    /**
     * {@code proc_exit2(rval)}: as {@code proc_exit}; in the child of {@code proc_fork_env} it ends
     * the child and returns in the parent.
     */
    private Errno procExit2(CallContext call, long[] args) {
        int rval = (int) args[0];
        GuestThread thread = call.thread();
        if (thread.acting() == null) {
            return procExit(call, args);
        }
        leaveChild(thread, reason(call, rval));
        return Errno.SUCCESS;
    }

    /** Why a process ends that exits: abort(3) is the end by a signal. */
    private static ExitReason reason(CallContext call, int code) {
        int signal = code == ABORTED ? Signals.aborting(call.thread()) : 0;
        if (signal == 0) {
            return ExitReason.exited(code);
        }
        if (call.process().signals().isRequested(signal)) {
            // the host has asked, and this is the answer no: leaves the handler
            throw new TrapException("abort at signal " + signal);
        }
        return ExitReason.killed(signal);
    }

    /** Ends the process for which a thread acts, if there is one. */
    public static void leaveChild(GuestThread thread, ExitReason reason) {
        GuestProcess child = (GuestProcess) thread.acting();
        if (child != null) {
            child.end(reason);
            child.giveBack(thread);
            child.finish();
        }
    }
}
