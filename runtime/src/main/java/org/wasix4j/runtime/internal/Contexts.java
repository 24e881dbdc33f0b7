package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MutabilityType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.wasix4j.runtime.internal.link.ThreadLibraries;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.GuestContexts;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Uninterrupted;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The contexts of one guest thread. In those beside the main one the guest cannot fork or jump by
 * asyncify, whose frames are those of the whole thread. Each has a Java thread and an instance of
 * its own, which share the memory; one of the Java threads runs, as the guest thread, and the
 * others wait.
 *
 * <p>No lock: only the running one touches the maps, and what it hands on it has written before.
 */
final class Contexts implements GuestContexts {

    /** How many there can be for a thread. */
    private static final int MOST = 4096;

    /** The time between two attempts to have a context leave. */
    private static final long LOOK_NANOS = 10_000_000;

    /** The C stack of a context, in pages. */
    private static final int STACK_PAGES = 16;

    private final GuestProcess process;
    private final GuestThread thread;
    private final @Nullable LinearMemory memory;
    private final Host host;
    private final Map<Long, Context> contexts = new HashMap<>();
    private final List<Integer> freeStacks = new ArrayList<>();
    private Context running;
    private long lastId = MAIN;

    /**
     * What a context begins with.
     *
     * @param space what its tables take, given back when it ends
     * @param tables those of the context that made it
     * @param globals those of the context that made it
     */
    private record Beginning(TableSpace space, Tables tables, long[] globals) {}

    /** What a process does for its contexts. */
    interface Host {
        /** Room for the tables of an instance; nomem when there is too little memory left. */
        TableSpace tables();

        /** A new instance on the same memory, to which nothing is written. */
        Instance create(TableSpace space, Tables like);

        /** The calling Java thread runs the guest thread now, in an instance. */
        void runs(@Nullable Instance instance, @Nullable AsyncifyStack stack);

        /** Runs a body in a host thread of its own. */
        ThreadLaunch start(Runnable body);

        /** The guest ends, by what was thrown. */
        void failed(Throwable thrown);
    }

    /** One context. */
    private final class Context implements Runnable {
        private final long id;
        private final int function;
        private final CountDownLatch gone = new CountDownLatch(1);
        private @Nullable ThreadLaunch launch;
        private volatile @Nullable Thread host;
        private @Nullable Instance instance;
        private @Nullable AsyncifyStack stack;
        private int room;
        private int depth;

        /** Null for the context of the thread itself, and after the beginning. */
        private @Nullable Beginning beginning;

        /** Null for the context of the thread itself. */
        private final @Nullable TableSpace space;

        private boolean started;
        private volatile boolean turn;
        private volatile boolean dead;

        private Context(long id, int function, @Nullable Beginning beginning) {
            this.id = id;
            this.function = function;
            this.beginning = beginning;
            this.space = beginning == null ? null : beginning.space();
        }

        private void free() {
            if (space != null) {
                space.free();
            }
        }

        /** The instance that it runs in; every context that runs has one. */
        private Instance instance() {
            return Objects.requireNonNull(instance);
        }

        /** Waits until it is this one's turn. */
        private void await() {
            while (!turn) {
                if (dead) {
                    throw Unwind.PROCESS;
                }
                LockSupport.park(this);
            }
            turn = false;
            resume();
        }

        private void resume() {
            running = this;
            process.threads().enter(thread);
            thread.frames().depth(depth);
            host().runs(instance, stack);
        }

        @Override
        public void run() {
            // before the first look at the turn: the giver finds the thread to wake, or is seen
            host = Thread.currentThread();
            try {
                live();
            } finally {
                gone.countDown();
            }
        }

        private Instance begin(Beginning with) {
            Instance own = host().create(with.space(), with.tables());
            instance = own;
            with.tables().putInto(own);
            setGlobals(own, with.globals(), room + (STACK_PAGES << 16));
            return own;
        }

        private void live() {
            boolean back = false;
            try {
                while (!turn) {
                    if (dead) {
                        return;
                    }
                    LockSupport.park(this);
                }
                turn = false;
                running = this;
                Instance own = begin(Objects.requireNonNull(beginning));
                beginning = null;
                resume();
                call(own, function);
                back = true;
            } catch (Unwind e) {
                // it was destroyed, or the process ends
            } catch (ChicoryInterruptedException e) {
                // the process ends
            } catch (Throwable e) {
                host().failed(e);
            } finally {
                dead = true;
                if (running == this) {
                    contexts.remove(id);
                    free();
                    if (back) {
                        freeStacks.add(room);
                    }
                    handOver(contexts.get(MAIN));
                }
            }
        }
    }

    /**
     * The contexts of a thread that has one.
     *
     * @param instance of the thread itself
     */
    Contexts(
            GuestProcess process,
            GuestThread thread,
            @Nullable LinearMemory memory,
            Instance instance,
            @Nullable AsyncifyStack stack,
            Host host) {
        this.process = process;
        this.thread = thread;
        this.memory = memory;
        this.host = host;
        Context main = new Context(MAIN, -1, null);
        main.host = Thread.currentThread();
        main.instance = instance;
        main.stack = stack;
        main.started = true;
        contexts.put(MAIN, main);
        running = main;
    }

    private Host host() {
        return host;
    }

    @Override
    public long create(int function) {
        Instance caller = running.instance();
        requireFunction(caller, function);
        if (contexts.size() >= MOST) {
            throw Errno.AGAIN.exception();
        }
        Tables tables = Tables.of(caller);
        long[] globals = globals(caller);
        Beginning beginning = new Beginning(spaceFor(tables), tables, globals);
        Context made = new Context(++lastId, function, beginning);
        try {
            made.room = stack();
        } catch (Throwable e) {
            made.free();
            throw e;
        }
        contexts.put(made.id, made);
        return made.id;
    }

    /** Checks that there is a function of the type () -> () at a place of the table. */
    private static void requireFunction(Instance instance, int place) {
        if (instance.tableCount() == 0) {
            throw Errno.INVAL.exception();
        }
        TableInstance table = instance.table(0);
        int index = place < 0 || place >= table.size() ? -1 : table.ref(place);
        if (index < 0) {
            throw Errno.INVAL.exception();
        }
        Instance owner = table.instance(place);
        boolean foreign = owner != null && owner != instance;
        if (foreign && ThreadLibraries.current() == null) {
            throw Errno.INVAL.exception();
        }
        Instance its = foreign ? owner : instance;
        FunctionType type = its.type(its.functionType(index));
        if (!type.params().isEmpty() || !type.returns().isEmpty()) {
            throw Errno.INVAL.exception();
        }
    }

    /** Calls the function at a place of the table, which can be that of a library. */
    private static void call(Instance instance, int place) {
        ThreadLibraries libraries = ThreadLibraries.current();
        if (libraries != null) {
            libraries.call(place, new long[0]);
        } else {
            instance.getMachine().call(instance.table(0).requiredRef(place), new long[0]);
        }
    }

    private TableSpace spaceFor(Tables tables) {
        TableSpace space = host.tables();
        try {
            space.require(tables.entries());
            return space;
        } catch (Throwable e) {
            space.free();
            throw e;
        }
    }

    private int stack() {
        if (!freeStacks.isEmpty()) {
            return freeStacks.remove(freeStacks.size() - 1);
        }
        int pages = memory == null ? -1 : memory.grow(STACK_PAGES);
        if (pages < 0) {
            throw Errno.NOMEM.exception();
        }
        return pages << 16;
    }

    private static long[] globals(Instance from) {
        int first = from.imports().globalCount();
        long[] values = new long[from.globalCount() - first];
        for (int i = 0; i < values.length; i++) {
            values[i] = from.global(first + i).getValue();
        }
        return values;
    }

    /** The first mutable global of wasm-ld is the stack pointer; all others are the thread's. */
    private static void setGlobals(Instance to, long[] values, int stackTop) {
        int first = to.imports().globalCount();
        ThreadLibraries libraries = ThreadLibraries.current();
        boolean stackPointer = libraries == null || !libraries.ownsStackPointer();
        if (!stackPointer) {
            libraries.stackPointer().setValue(stackTop);
        }
        for (int i = 0; i < values.length; i++) {
            GlobalInstance global = to.global(first + i);
            if (global.getMutabilityType() == MutabilityType.Var) {
                global.setValue(stackPointer ? stackTop : values[i]);
                stackPointer = false;
            }
        }
    }

    @Override
    public void switchTo(long id) {
        Context next = contexts.get(id);
        if (next == null) {
            throw Errno.INVAL.exception();
        }
        Context self = running;
        if (next == self) {
            return;
        }
        self.depth = thread.frames().depth();
        if (!next.started) {
            next.depth = 0;
            try {
                next.launch = host.start(next);
            } catch (OutOfMemoryError | RuntimeException e) {
                throw Errno.AGAIN.exception();
            }
            next.started = true;
        }
        handOver(next);
        self.await();
    }

    private static void handOver(@Nullable Context next) {
        if (next != null) {
            next.turn = true;
            LockSupport.unpark(next.host);
        }
    }

    @Override
    public void destroy(long id) {
        if (id == MAIN || id == running.id) {
            throw Errno.INVAL.exception();
        }
        Context gone = contexts.remove(id);
        if (gone != null) {
            end(gone);
            freeStacks.add(gone.room);
        }
    }

    /** Has a context leave the guest, and waits until it has. */
    private static void end(Context context) {
        context.dead = true;
        ThreadLaunch launch = context.launch;
        boolean gone = launch == null || launch.cancel();
        try (Uninterrupted wait = new Uninterrupted()) {
            while (!gone) {
                LockSupport.unpark(context.host);
                gone = wait.await(context.gone, LOOK_NANOS);
            }
            context.free();
        }
    }

    /** The thread leaves the guest: so do all its contexts. On the main context's Java thread. */
    void close() {
        contexts.remove(MAIN);
        for (Context context : List.copyOf(contexts.values())) {
            end(context);
        }
        contexts.clear();
    }
}
