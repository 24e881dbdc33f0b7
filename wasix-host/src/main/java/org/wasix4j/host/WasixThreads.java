package org.wasix4j.host;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.OptionTimestamp;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ThreadLocals;
import org.wasix4j.system.thread.ThreadStarter.Entry;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.system.thread.WaitQueue.Outcome;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Threads and futexes: {@code thread_*}, {@code futex_*}, {@code thread-spawn}.
 *
 * <p>Source: wasix-witx, the wasi-threads proposal; the man pages of the POSIX functions.
 */
public final class WasixThreads implements HostModule {

    /** Size of the record that describes a new thread's stack and entry. */
    private static final int THREAD_START_SIZE = 64;

    private static final String DESTRUCTOR = "_thread_local_destroy";

    /** How often destructors may set new values, PTHREAD_DESTRUCTOR_ITERATIONS. */
    private static final int DESTRUCTOR_ROUNDS = 4;

    /**
     * What wasix-libc has for the number of its first thread, since it never asks for it; it was 0
     * in the first generation.
     */
    private static final int FIRST_OF_LIBC = 0x3fffffff;

    @Override
    public boolean distinguishesTypes() {
        return true;
    }

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "futex_wait" -> this::futexWait;
            case "futex_wake" -> (call, args) -> futexWake(call, args, 1);
            case "futex_wake_all" -> (call, args) -> futexWake(call, args, -1);
            case "thread_id" -> this::threadId;
            case "thread_parallelism" -> this::threadParallelism;
            case "thread_sleep" -> this::threadSleep;
            case "thread_join" -> this::threadJoin;
            case "thread_exit" -> this::threadExit;
            case "thread_signal" -> this::threadSignal;
            case "thread_spawn_v2", "thread_spawn ii:i" -> this::threadSpawn;
            case "thread_spawn IIIii:i" -> this::threadSpawnLegacy;
            case "thread_local_create" -> this::threadLocalCreate;
            case "thread_local_destroy" -> this::threadLocalDestroy;
            case "thread_local_set" -> this::threadLocalSet;
            case "thread_local_get" -> this::threadLocalGet;
            default -> null;
        };
    }

    @Override
    public @Nullable NumberSyscall findNumber(String name) {
        return name.equals("thread-spawn") ? this::threadSpawnNumber : null;
    }

    // ---- futexes

    /**
     * {@code futex_wait(futex: *u32, expected, timeout: &option_timestamp, ret: *bool)}: FUTEX_WAIT
     * of futex(2) with a relative timeout in nanoseconds.
     *
     * <p>Succeeds, as guests trap on any error: the answer is true when the thread was woken, when
     * the word was another one already and when a signal interrupted the wait, and false when the
     * time was up. Callers look at the word again in any case. Errors: inval for a timeout that is
     * neither none nor some.
     */
    private Errno futexWait(CallContext call, long[] args) {
        int timeout = (int) args[2];
        int wokenOut = (int) args[3];
        GuestMemory memory = call.memory();
        int address = (int) args[0];
        int expected = (int) args[1];
        memory.check(address, 4);
        memory.check(wokenOut, 1);
        long deadline = Clocks.deadlineIn(OptionTimestamp.read(memory, timeout));
        Outcome outcome =
                call.process()
                        .waitQueue()
                        .await(
                                call.thread(),
                                address,
                                () -> memory.readI32(address) == expected,
                                deadline,
                                true);
        if (outcome == Outcome.ENDING) {
            throw Unwind.PROCESS;
        }
        memory.writeU8(wokenOut, outcome == Outcome.TIMED_OUT ? 0 : 1);
        return Errno.SUCCESS;
    }

    /**
     * {@code futex_wake(futex, ret: *bool)}, {@code futex_wake_all(futex, ret: *bool)}: FUTEX_WAKE.
     * The answer is always true: guests of the first generation call again until it is.
     */
    private Errno futexWake(CallContext call, long[] args, int count) {
        int futex = (int) args[0];
        int wokenOut = (int) args[1];
        call.memory().check(futex, 4);
        call.memory().check(wokenOut, 1);
        call.process().waitQueue().wake(futex, count);
        call.memory().writeU8(wokenOut, 1);
        return Errno.SUCCESS;
    }

    // ---- threads

    /** {@code thread_id(ret: *tid)}: gettid(2). */
    private Errno threadId(CallContext call, long[] args) {
        int tidOut = (int) args[0];
        call.memory().writeI32(tidOut, call.thread().tid());
        return Errno.SUCCESS;
    }

    /** {@code thread_parallelism(ret: *size)}: how many threads can run at once, at least 1. */
    private Errno threadParallelism(CallContext call, long[] args) {
        int sizeOut = (int) args[0];
        call.memory().writeI32(sizeOut, Runtime.getRuntime().availableProcessors());
        return Errno.SUCCESS;
    }

    /** {@code thread_sleep(duration)}: nanosleep(2). Errors: intr. */
    private Errno threadSleep(CallContext call, long[] args) {
        long duration = args[0];
        call.thread().sleepUntil(Clocks.deadlineIn(duration));
        return Errno.SUCCESS;
    }

    /**
     * {@code thread_join(tid)}: pthread_join(3), but any number of threads may wait for one, and
     * one that has ended, or never was, is no error. Errors: deadlk for itself, intr.
     */
    private Errno threadJoin(CallContext call, long[] args) {
        int tid = (int) args[0];
        GuestThread thread = thread(call, tid);
        if (thread != null) {
            thread.end().await(call.thread());
        }
        return Errno.SUCCESS;
    }

    /**
     * {@code thread_exit(rval)}: pthread_exit(3). Does not return; when it was the last thread, the
     * process ends.
     */
    private Errno threadExit(CallContext call, long[] args) {
        runDestructors(call.instance(), call.process().threadLocals(), call.thread());
        throw Unwind.THREAD;
    }

    /** The thread of a number: the host's, or the one wasix-libc has for the first thread. */
    private static @Nullable GuestThread thread(CallContext call, int tid) {
        GuestProcess process = call.process();
        return process.threads().get(tid == FIRST_OF_LIBC || tid == 0 ? process.pid() : tid);
    }

    /**
     * {@code thread_signal(tid, signal)}: pthread_kill(3); signal 0 asks whether the thread exists.
     * Errors: srch, inval for a number that is no signal.
     */
    private Errno threadSignal(CallContext call, long[] args) {
        int tid = (int) args[0];
        int signal = WasixProcesses.signal(args[1]);
        GuestThread thread = thread(call, tid);
        if (thread == null) {
            return Errno.SRCH;
        }
        if (signal != 0) {
            call.process().signals().raise(thread, signal);
        }
        return Errno.SUCCESS;
    }

    /**
     * {@code wasi.thread-spawn(start_arg: &thread_start) -> tid}: clone(2) as the wasi-threads
     * proposal has it: the export {@code wasi_thread_start} is called with the number and the
     * record on a new thread. A negated errno when it fails: again at the limit, notcapable without
     * that export, notsup when the embedder gives one thread only.
     */
    private int threadSpawnNumber(CallContext call, long[] args) {
        int record = (int) args[0];
        return spawn(call, record);
    }

    /**
     * {@code thread_spawn_v2(args: &thread_start, ret: *tid)}, and {@code thread_spawn} with the
     * same parameters: as {@code thread-spawn}.
     */
    private Errno threadSpawn(CallContext call, long[] args) {
        int record = (int) args[0];
        int tidOut = (int) args[1];
        call.memory().check(tidOut, 4);
        call.memory().writeI32(tidOut, spawn(call, record));
        return Errno.SUCCESS;
    }

    private static int spawn(CallContext call, int record) {
        call.memory().check(record, THREAD_START_SIZE);
        return call.process().startThread(Entry.WASI_THREAD_START, Integer.toUnsignedLong(record));
    }

    /**
     * {@code thread_spawn(user_data, stack_base, stack_start, reactor, ret: *tid)} of the first
     * generation: the export {@code _start_thread} is called with the halves of the user data and
     * sets up its stack itself. Errors: as {@code thread-spawn}; notsup for a reactor, which no
     * guest is known to ask for.
     */
    private Errno threadSpawnLegacy(CallContext call, long[] args) {
        long userData = args[0];
        int reactor = (int) args[3];
        int tidOut = (int) args[4];
        call.memory().check(tidOut, 4);
        if (reactor != 0) {
            return Errno.NOTSUP;
        }
        call.memory().writeI32(tidOut, call.process().startThread(Entry.START_THREAD, userData));
        return Errno.SUCCESS;
    }

    // ---- thread-local values of the first generation

    /**
     * {@code thread_local_create(user_data, ret: *tl_key)}: pthread_key_create(3); the user data
     * are handed to the export {@code _thread_local_destroy} for each value when its thread ends.
     * Errors: again.
     */
    private Errno threadLocalCreate(CallContext call, long[] args) {
        long userData = args[0];
        int tlKeyOut = (int) args[1];
        call.memory().check(tlKeyOut, 4);
        call.memory().writeI32(tlKeyOut, call.process().threadLocals().create(userData));
        return Errno.SUCCESS;
    }

    /** {@code thread_local_destroy(key)}: pthread_key_delete(3). Errors: inval. */
    private Errno threadLocalDestroy(CallContext call, long[] args) {
        int key = (int) args[0];
        call.process().threadLocals().destroy(key);
        return Errno.SUCCESS;
    }

    /** {@code thread_local_set(key, val)}: pthread_setspecific(3). Errors: inval. */
    private Errno threadLocalSet(CallContext call, long[] args) {
        int key = (int) args[0];
        long value = args[1];
        call.process().threadLocals().set(call.thread(), key, value);
        return Errno.SUCCESS;
    }

    /** {@code thread_local_get(key, ret: *tl_val)}: pthread_getspecific(3); 0 when never set. */
    private Errno threadLocalGet(CallContext call, long[] args) {
        int key = (int) args[0];
        int tlValOut = (int) args[1];
        long value = call.process().threadLocals().get(call.thread(), key);
        call.memory().writeI64(tlValOut, value);
        return Errno.SUCCESS;
    }

    /**
     * Calls the guest's destructor for each thread-local value of a thread that ends; on that
     * thread. The engine side calls it when a thread's entry has returned; {@code thread_exit} does
     * so itself.
     *
     * @param locals those of the process
     */
    public static void runDestructors(Instance instance, ThreadLocals locals, GuestThread thread) {
        if (locals.isEmpty(thread) || !WasixProcesses.exports(instance, DESTRUCTOR)) {
            return;
        }
        ExportFunction destructor = instance.export(DESTRUCTOR);
        for (int round = 0; round < DESTRUCTOR_ROUNDS && !locals.isEmpty(thread); round++) {
            for (ThreadLocals.Leaving leaving : locals.takeLeaving(thread)) {
                destructor.apply(
                        low(leaving.userData()),
                        high(leaving.userData()),
                        low(leaving.value()),
                        high(leaving.value()));
            }
        }
    }

    private static long low(long value) {
        return Integer.toUnsignedLong((int) value);
    }

    private static long high(long value) {
        return value >>> 32;
    }
}
