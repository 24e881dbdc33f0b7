package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The instances of one thread: of the program, and of each library that this thread has used. They
 * share the memory of the process, and the stack pointer and the tags of the thread.
 *
 * <p>A library that another thread has opened gets its instance here when something of it is first
 * called: when a function is found in the table, or a symbol in an import. So no thread has to be
 * stopped for another one that opens a library, and a thread that does not use a library has no
 * thread-locals of it.
 */
public final class ThreadLibraries {

    private static final ThreadLocal<ThreadLibraries> CURRENT = new ThreadLocal<>();

    static final String THREAD_LOCALS = "__tls_base";
    private static final String STACK_POINTER = "__stack_pointer";

    private final Linker linker;
    private final TableView table;
    private final InstanceRoom room;
    private final InstanceImports imports;
    private final InstanceMaker maker;
    private final LibraryStart start;

    /** By number of the library. */
    private Instance[] instances = new Instance[4];

    /** Where the thread-locals of each library are, by its number. */
    private int[] threadLocals = new int[4];

    /** The stack pointer, when no module has it. */
    private final GlobalInstance ownStackPointer;

    /** How the instances of the thread are that this one goes on for, or null. */
    private final @Nullable ThreadCopy copied;

    /** The libraries of which instances are being made: one can need another. */
    private final Set<Library> making = new HashSet<>();

    /** The library of which an instance is being made. */
    private @Nullable Library building;

    /** How many calls of libraries are on the stack. */
    private int depth;

    /** Whether entries of the table are left as they are: they are there already. */
    private boolean quiet;

    /**
     * The libraries of a new thread.
     *
     * @param room makes the tables that a module has for itself
     * @param copied those of the thread that it goes on for, or null
     */
    public ThreadLibraries(Linker linker, InstanceRoom room, @Nullable ThreadCopy copied) {
        this.room = room;
        this.linker = linker;
        this.copied = copied;
        this.table = new TableView(linker.table(), this);
        this.imports = new InstanceImports(linker, this);
        this.maker = new InstanceMaker(linker, this, room, imports);
        this.start = new LibraryStart(this, linker.program());
        long top = copied == null ? linker.stackTop() : copied.stackPointer();
        ownStackPointer = new GlobalInstance(Value.i32(top), MutabilityType.Var);
        for (int i = 0; copied != null && i < copied.threadLocals().length; i++) {
            requireRoom(i);
            threadLocals[i] = copied.threadLocals()[i];
        }
    }

    /** Those of the calling thread, or null when its program needs no linker. */
    public static ThreadLibraries current() {
        return CURRENT.get();
    }

    /** The calling Java thread runs the guest thread that these belong to. */
    public void enter() {
        CURRENT.set(this);
    }

    /** The calling Java thread has left the guest. */
    public static void leave() {
        CURRENT.remove();
    }

    /** What a copy of this thread begins with. */
    public ThreadCopy copy() {
        Map<Integer, Instance> made = new HashMap<>();
        for (int i = 0; i < instances.length; i++) {
            if (instances[i] != null) {
                made.put(i, instances[i]);
            }
        }
        return new ThreadCopy(made, threadLocals, ownStackPointer.getValue());
    }

    /** A function of a library is called, in a program whose frames can be left. */
    void enterLibrary() {
        depth++;
    }

    /** It has returned. */
    void leaveLibrary() {
        depth--;
    }

    /**
     * Whether a function of a library is on the stack; known only when the program has asyncify.
     */
    public boolean isInLibrary() {
        return depth > 0;
    }

    TableView table() {
        return table;
    }

    /** Whether a table is the one that all modules share. */
    public boolean isTable(TableInstance other) {
        return other == table;
    }

    /** Whether the program has its stack pointer from here, and not among its own globals. */
    public boolean ownsStackPointer() {
        return linker.program().importsStackPointer();
    }

    @Nullable
    Memory memory() {
        return linker.host().memory();
    }

    /**
     * Calls the function at a place of the table.
     *
     * @throws ChicoryException when it takes other arguments than that many
     */
    public long[] call(int place, long[] arguments) {
        int function = table.requiredRef(place);
        Instance instance = table.instance(place);
        if (instance.getMachine() instanceof HostMachine machine) {
            machine.requirePresent();
        }
        FunctionType type = instance.type(instance.functionType(function));
        if (type.params().size() != arguments.length) {
            throw new ChicoryException("indirect call type mismatch");
        }
        return instance.getMachine().call(function, arguments);
    }

    /** Where the stack of this thread is. */
    public GlobalInstance stackPointer() {
        Library program = linker.program();
        if (ownsStackPointer()) {
            return ownStackPointer;
        }
        int global = program.mutableGlobal(STACK_POINTER);
        if (global < 0) {
            throw new LinkFailure(
                    Errno.NOEXEC,
                    program + " does not export " + STACK_POINTER + ", which its libraries need");
        }
        return instance(program).global(global);
    }

    // ---- the program

    /**
     * The first instance of the program, with the libraries that it needs; their constructors have
     * run.
     */
    public Instance start() {
        Library program = linker.program();
        return linker.loading(
                () -> {
                    Instance main = make(program, true);
                    List<Library> needed = linker.startOrder();
                    initialise(needed);
                    start.relocate(program);
                    start.construct(needed);
                    return main;
                });
    }

    /** The instance of the program in a thread that is not the first. */
    public Instance program() {
        return instance(linker.program());
    }

    // ---- instances

    /** The instance of a library; it is made when there is none. */
    Instance instance(Library library) {
        int number = library.number;
        Instance known = number < instances.length ? instances[number] : null;
        if (known != null) {
            return known;
        }
        try {
            return make(library, false);
        } catch (LinkFailure e) {
            if (linker.isLoading()) {
                throw e;
            }
            // it can be reported to no one: the guest is in the middle of something else
            throw new ChicoryException(e.getMessage(), e);
        }
    }

    private void requireRoom(int number) {
        if (number >= instances.length) {
            int size = Math.max(number + 1, 2 * instances.length);
            instances = Arrays.copyOf(instances, size);
            threadLocals = Arrays.copyOf(threadLocals, size);
        }
    }

    /** Makes the first instances of new libraries, and lets them find what they refer to. */
    void initialise(List<Library> fresh) {
        for (Library library : fresh) {
            instance(library);
        }
        for (Library library : fresh) {
            start.relocate(library);
        }
    }

    /** Runs the constructors of libraries. */
    void construct(List<Library> fresh) {
        start.construct(fresh);
    }

    /** Takes back instances of libraries that could not be initialised. */
    void forget(List<Library> libraries) {
        for (Library library : libraries) {
            if (library.number < instances.length) {
                instances[library.number] = null;
            }
        }
    }

    private Instance make(Library library, boolean first) {
        // an overflow has to strike before anything is changed
        StackRoom.require(1);
        // that of the program was taken before its thread began
        if (library != linker.program() && !room.takeInstance(library.code)) {
            throw new LinkFailure(
                    Errno.NOMEM,
                    library + ": there is too little memory left for its tables and globals");
        }
        boolean fresh = first || !library.born && linker.isLoading();
        long[] globals = copied == null ? null : copied.globals(library);
        WasmModule form = InstanceMaker.form(library, fresh, globals != null);
        requireRoom(library.number);
        Library outer = building;
        boolean outerQuiet = quiet;
        building = library;
        making.add(library);
        quiet = !fresh;
        Instance made;
        try {
            made = StackRoom.callForeign(() -> maker.build(library, form, fresh));
            instances[library.number] = made;
            if (made.getMachine() instanceof TypedMachine machine) {
                machine.belong(library, this);
            }
            threadLocals(library, fresh, globals != null);
            library.born = true;
            InstanceForm common = library.form(form);
            if (common == null) {
                made.initialize(false);
            } else {
                common.initialise(made);
            }
        } catch (RuntimeException e) {
            instances[library.number] = null;
            throw e instanceof LinkFailure || !fresh || library == linker.program()
                    ? e
                    : failure(library, e);
        } finally {
            building = outer;
            quiet = outerQuiet;
            making.remove(library);
        }
        if (globals != null) {
            ThreadCopy.setGlobals(made, globals);
        } else if (!fresh && library != linker.program()) {
            int place = start.makeThreadLocals(library);
            if (place != 0) {
                threadLocals[library.number] = place;
            }
        }
        imports.settle(library, threadLocals(library));
        return made;
    }

    private static RuntimeException failure(Library library, RuntimeException e) {
        if (e.getClass().getPackageName().startsWith("com.dylibso.chicory.wasm")
                && !e.getClass().equals(ChicoryException.class)) {
            return new LinkFailure(Errno.NOEXEC, library + ": " + e.getMessage());
        }
        return e;
    }

    private void threadLocals(Library library, boolean fresh, boolean isCopy) {
        if (!isCopy) {
            // the first thread uses the place that the library has among its data
            threadLocals[library.number] = fresh ? library.memoryBase : 0;
        }
    }

    /** Whether the instance of a library is being made, and has no thread-locals yet. */
    boolean isMaking(Library library) {
        return making.contains(library);
    }

    /** Where the thread-locals of a library are in this thread. */
    int threadLocals(Library library) {
        Instance instance = instance(library);
        int global = library.mutableGlobal(THREAD_LOCALS);
        return global >= 0
                ? (int) instance.global(global).getValue()
                : threadLocals[library.number];
    }

    // ---- the table

    private @Nullable Library libraryOf(Instance instance) {
        for (int i = 0; i < instances.length; i++) {
            if (instances[i] == instance) {
                return linker.libraries().get(i);
            }
        }
        return null;
    }

    int growTable(int count, int value, Instance instance) {
        int first = linker.growTable(count);
        if (first >= 0 && value != Value.REF_NULL_VALUE) {
            for (int i = 0; i < count; i++) {
                setEntry(first + i, value, instance);
            }
        }
        return first;
    }

    /** Sets entries to functions of the library of which an instance is being made. */
    void setEntries(int from, int[] functions) {
        if (!quiet && building != null) {
            linker.table().set(from, functions, building);
        }
    }

    void setEntry(int index, int value, Instance instance) {
        if (quiet) {
            return;
        }
        if (value == Value.REF_NULL_VALUE) {
            linker.table().set(index, value, null);
            return;
        }
        Object owner;
        if (building != null && (instance == null || instances[building.number] == instance)) {
            owner = building;
        } else {
            owner = instance == null ? linker.program() : libraryOf(instance);
        }
        linker.table().set(index, value, owner == null ? instance : owner);
    }
}
