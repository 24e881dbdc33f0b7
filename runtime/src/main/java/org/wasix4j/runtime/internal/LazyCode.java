package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.types.FunctionBody;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.wasix4j.types.Nullable;

/**
 * The code of a module whose classes are compiled when the JVM asks for them. What a program has
 * not called when it has been quiet for a moment is compiled behind its back, so that later calls
 * need not wait.
 *
 * <p>Guest threads do nothing here but wait: they may have hardly any stack left, may be
 * interrupted, and may not be kept waiting when their process ends. All work is done by threads of
 * this class, which end when everything is compiled or has failed; a call of what has failed starts
 * one of them again. An error that is caused by the state of the host, as a full heap, is thrown to
 * those who wait, and the next call tries again; nothing is thrown that the JVM would remember.
 */
final class LazyCode {

    /** When the program has asked for nothing new for so long, the rest is compiled. */
    static final long QUIET_NANOS = 300_000_000;

    /**
     * The same when the cache had what a run before this one has called. A program that ends soon
     * calls the same again, and would only be slowed down by the compilation of the rest, which it
     * never ends.
     */
    static final long RESTORED_QUIET_NANOS = 5_000_000_000L;

    /**
     * So many threads compile what nobody waits for: half of the processors are left to the
     * program. One more is there for those who wait.
     */
    private static final int MOST_BEHIND =
            Math.max(1, Math.min(16, Runtime.getRuntime().availableProcessors()) / 2);

    /** The operator is told of so many functions that are interpreted. */
    private static final int MOST_NAMED = 64;

    /** Nobody has asked for it. */
    private static final byte ABSENT = 0;

    /** Somebody waits for it. */
    private static final byte WANTED = 1;

    /** A thread compiles it, and nobody waited for it when that began. */
    private static final byte UNDER_WAY = 2;

    /** The JVM has it. */
    private static final byte DEFINED = 3;

    private final LazyLoader loader;
    private final IntFunction<String> names;
    private final long quiet;

    private final Object making = new Object();
    private volatile @Nullable GroupCompiler compiler;

    // all of these are guarded by this

    /** What to do when all is compiled; null when that was done. */
    private @Nullable Runnable end;

    /** Makes what compiles groups when the first one is missing; null when all is compiled. */
    private @Nullable Supplier<GroupCompiler> source;

    private final byte[] states;

    /** Why the last attempt failed, until the next one. */
    private final Throwable[] failures;

    /** The classes that were there, for the cache. */
    private Map<String, ByteBuffer> before;

    /** The classes that were compiled, for the cache. */
    private final Map<String, ByteBuffer> classes = new TreeMap<>();

    /** What functions are called that are interpreted, until the operator was told. */
    private final Map<Integer, String> untold = new ConcurrentHashMap<>();

    /** How many functions were put there. */
    private final AtomicInteger named = new AtomicInteger();

    private final Queue<Integer> wanted = new ArrayDeque<>();
    private int left;
    private int next;
    private int behind;

    /** How many threads compile, or wait for something to compile. */
    private int threads;

    private long lastWanted = System.nanoTime();

    /**
     * The code of a module.
     *
     * @param loader defines its classes
     * @param classes those that are there, the one of the machine among them
     * @param groups how many classes with functions there are in all
     * @param source compiles the others, is asked once
     * @param names what a function is called in messages
     * @param quiet how long nothing new must be asked for before the rest is compiled, in
     *     nanoseconds
     * @param end is run when there are all, by a thread of this class
     */
    LazyCode(
            LazyLoader loader,
            Map<String, ByteBuffer> classes,
            int groups,
            Supplier<GroupCompiler> source,
            IntFunction<String> names,
            long quiet,
            Runnable end) {
        this.loader = loader;
        this.names = names;
        this.before = classes;
        this.source = source;
        this.quiet = quiet;
        this.end = end;
        this.states = new byte[groups];
        this.failures = new Throwable[groups];
        this.left = groups;
        loader.serve(this);
        loader.provide(classes);
        for (String each : classes.keySet()) {
            int group = loader.group(each);
            if (group >= 0) {
                states[group] = DEFINED;
                left--;
            }
        }
    }

    /**
     * Begins to compile.
     *
     * @param mainClass the name of the class of the machine
     * @return makes the machine of an instance
     * @throws LinkageError when the classes that are there are none
     */
    Function<Instance, Machine> machines(String mainClass) {
        Function<Instance, Machine> machines;
        try {
            machines =
                    CompiledCode.machines(
                            Class.forName(mainClass, true, loader).asSubclass(Machine.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("compiled code without its main class", e);
        }
        for (int i = 0; i <= MOST_BEHIND; i++) {
            try {
                startThread(i);
            } catch (OutOfMemoryError e) {
                // the host has no thread for one more: those that run do the work
                if (i == 0) {
                    throw e;
                }
            }
        }
        return machines;
    }

    private synchronized void startThread(int number) {
        Workers.start("wasix4j-compiler-" + number, this::work);
        threads++;
    }

    // ---- for guest threads

    /**
     * Waits until the JVM has the class of a group.
     *
     * @throws OutOfMemoryError when the host has no memory for that, or no thread
     * @throws ChicoryInterruptedException when this thread is interrupted, and it stays so
     */
    void require(int group) {
        synchronized (this) {
            while (states[group] != DEFINED) {
                lastWanted = System.nanoTime();
                if (states[group] == ABSENT) {
                    if (threads == 0) {
                        startThread(0);
                    }
                    failures[group] = null;
                    wanted.add(group);
                    states[group] = WANTED;
                    notifyAll();
                }
                awaitChange(this);
                Throwable failure = failures[group];
                if (failure != null && states[group] == ABSENT) {
                    if (failure instanceof VirtualMachineError) {
                        throw new OutOfMemoryError("compiling: " + failure.getMessage());
                    }
                    throw new IllegalStateException(
                            "functions of the module cannot be compiled: " + failure, failure);
                }
            }
        }
    }

    /**
     * Has a guest thread wait until something was told on a monitor that it holds; the caller looks
     * whether that is what it waits for.
     *
     * @throws ChicoryInterruptedException when this thread is interrupted, and it stays so
     */
    @SuppressWarnings("WaitNotInLoop")
    static void awaitChange(Object monitor) {
        try {
            monitor.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChicoryInterruptedException("Thread interrupted");
        }
    }

    /** Has a group compiled, and waits for nothing. */
    synchronized void want(int group) {
        if (states[group] == ABSENT && failures[group] == null && threads > 0) {
            lastWanted = System.nanoTime();
            wanted.add(group);
            states[group] = WANTED;
            notifyAll();
        }
    }

    /** Whether the JVM has the class of a group. */
    boolean isDefined(int group) {
        // without a lock: the class itself is asked for under one
        return states[group] == DEFINED;
    }

    // ---- for everybody

    /** What the interpreter needs of a function that could not be compiled, or null. */
    @Nullable
    FunctionBody late(int function) {
        GroupCompiler known = compiler;
        return known == null ? null : known.late(function);
    }

    /** What a function is called that could not be compiled, when this is asked first, or null. */
    @Nullable
    String takeUntold(int function) {
        return untold.remove(function);
    }

    /** Which globals are fields of the main class; null when that does not matter. */
    @Nullable
    TransferCode transfers() {
        GroupCompiler known = compiler;
        return known == null || known.isFlawless() ? null : known.transfers();
    }

    /** Whether all functions that were compiled so far could be. */
    boolean isFlawless() {
        GroupCompiler known = compiler;
        return known == null || known.isFlawless();
    }

    /** Whether there is anything to compile. */
    synchronized boolean isComplete() {
        return left == 0;
    }

    /** The classes that there are. */
    synchronized Map<String, ByteBuffer> classes() {
        Map<String, ByteBuffer> all = new TreeMap<>(before);
        all.putAll(classes);
        return all;
    }

    // ---- the threads that compile

    private void work() {
        for (int group = take(); group >= 0; group = take()) {
            boolean asked = isWanted(group);
            try {
                compile(group, asked);
            } catch (RuntimeException | Error e) {
                failed(group, e);
            } finally {
                done(asked);
            }
            if (isComplete()) {
                finish();
            }
        }
    }

    /** All is compiled: what that needed is not needed any more. */
    private void finish() {
        Runnable last;
        synchronized (this) {
            last = end;
            end = null;
        }
        if (last == null) {
            return;
        }
        try {
            last.run();
        } catch (RuntimeException | Error e) {
            // the cache does not get it; the program has it all the same
        }
        if (isFlawless()) {
            compiler = null;
        }
        synchronized (this) {
            source = null;
            before = Map.of();
            classes.clear();
        }
    }

    private synchronized void done(boolean asked) {
        if (!asked) {
            behind--;
            notifyAll();
        }
    }

    /** What is to be compiled next, or -1 when there is nothing left; then the thread ends. */
    private synchronized int take() {
        while (left > 0) {
            Integer first = wanted.poll();
            if (first != null) {
                return first;
            }
            long pause = lastWanted + quiet - System.nanoTime();
            if (pause <= 0) {
                while (next < states.length && (states[next] != ABSENT || failures[next] != null)) {
                    next++;
                }
                if (next == states.length) {
                    // the others are being compiled, or have failed
                    break;
                }
                if (behind < MOST_BEHIND) {
                    states[next] = UNDER_WAY;
                    behind++;
                    return next;
                }
            }
            try {
                wait(pause > 0 ? pause / 1_000_000 + 1 : 0);
            } catch (InterruptedException e) {
                // nobody interrupts these threads
            }
        }
        threads--;
        return -1;
    }

    private void compile(int group, boolean asked) {
        GroupCompiler known = compiler();
        String name = known.name(group);
        byte[] code = known.compile(group);
        for (int function : known.interpreted(group)) {
            if (named.getAndIncrement() < MOST_NAMED) {
                untold.put(function, names.apply(function));
            }
        }
        loader.define(name, ByteBuffer.wrap(code));
        if (asked) {
            // otherwise the JVM does it in the thread that makes the first call
            loader.link(name);
        }
        synchronized (this) {
            if (known.isFlawless(group)) {
                classes.put(name, ByteBuffer.wrap(code));
            }
            states[group] = DEFINED;
            left--;
            notifyAll();
        }
    }

    private synchronized boolean isWanted(int group) {
        return states[group] == WANTED;
    }

    private synchronized Supplier<GroupCompiler> source() {
        if (source == null) {
            throw new IllegalStateException("all is compiled");
        }
        return source;
    }

    private GroupCompiler compiler() {
        GroupCompiler known = compiler;
        if (known == null) {
            synchronized (making) {
                known = compiler;
                if (known == null) {
                    known = source().get();
                    compiler = known;
                }
            }
        }
        return known;
    }

    /** Tells those who wait. In the background no other attempt is made. */
    private synchronized void failed(int group, Throwable failure) {
        failures[group] = failure;
        states[group] = ABSENT;
        notifyAll();
    }
}
