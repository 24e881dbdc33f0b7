package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.system.DynamicLinker;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The libraries of one process, the program among them: which there are, in what order, and where
 * each has its data and functions. What is here is the same for all threads; {@link
 * ThreadLibraries} has what each thread has for itself.
 *
 * <p>A library stays until the process ends, as with musl: dlclose(3) of wasix-libc only asks
 * whether a handle is one.
 */
public final class Linker implements DynamicLinker {

    private static final int GLOBAL = 4;
    private static final int NOLOAD = 8;
    private static final int NOW = 2;
    private static final int DEEPBIND = 32;

    /** How many libraries a process can have. */
    private static final int MOST_LIBRARIES = 1024;

    private final LinkHost host;
    private final Library program;
    private final boolean independent;
    private final FunctionTable table;
    private final LibraryMemory memory;
    private final Closures closures;
    private final HostFunctions functions;
    private final ProgramLayout layout;
    private final LibraryPlaces places;
    private final Symbols symbols = new Symbols(this);

    /** Held while libraries are loaded, and their constructors run: one thread at a time. */
    private final ReentrantLock loading = new ReentrantLock();

    /** All libraries by number. Replaced when there is another. */
    private volatile List<Library> libraries;

    /** Those whose symbols everybody sees, in order. Replaced when there is another. */
    private volatile List<Library> global;

    /** Names without a slash under which libraries were found. Guarded by {@link #loading}. */
    private final Map<String, Library> names = new HashMap<>();

    private final List<Library> startOrder;

    /**
     * Links a program to a process. With it come the libraries that it needs; nothing runs yet.
     *
     * @param libraryPath where these are looked for first, with colons between
     * @throws ModuleException with all that is missing
     */
    public Linker(LinkHost host, String name, LinkableModule code, String libraryPath) {
        this.host = host;
        DylinkSection section = DylinkSection.of(code.module());
        independent = section != null;
        program = new Library(0, name, 0, code, section == null ? DylinkSection.NONE : section);
        table = new FunctionTable();
        memory = new LibraryMemory(host.memory());
        closures = new Closures(this, table);
        functions = new HostFunctions(host);
        places = new LibraryPlaces(this, host, memory);
        libraries = List.of(program);
        global = List.of(program);
        layout =
                independent
                        ? ProgramLayout.independent(program, host, table)
                        : ProgramLayout.fixed(program, host, table);
        Batch batch = new Batch(this, libraryPath);
        try {
            batch.addNeeded(program);
            List<Library> scope = batch.all(global);
            program.bindings = places.bindings(program, scope, false);
            batch.resolve(scope, false);
            places.place(batch);
        } catch (LinkFailure e) {
            throw new ModuleException(e.getMessage(), e);
        }
        commit(batch);
        startOrder = batch.inOrder();
        global = libraries;
    }

    private Linker(Linker from, LinkHost host) {
        this.host = host;
        program = from.program;
        independent = from.independent;
        ProgramLayout.takeTable(host, from.table.entries().functions.length);
        table = from.table.copy();
        memory = from.memory.copy(host.memory());
        closures = from.closures.copy(this, table);
        functions = new HostFunctions(host);
        places = new LibraryPlaces(this, host, memory);
        layout = from.layout;
        libraries = from.libraries;
        global = from.global;
        names.putAll(from.names);
        startOrder = from.startOrder;
    }

    /** The same libraries, for a process that was forked. */
    public Linker fork(LinkHost its) {
        return new Linker(this, its);
    }

    // ---- for ThreadLibraries

    Library program() {
        return program;
    }

    List<Library> libraries() {
        return libraries;
    }

    /** Those whose symbols everybody sees, in order. */
    List<Library> global() {
        return global;
    }

    boolean isIndependent() {
        return independent;
    }

    /** Whether the program was built with asyncify: its frames can be left and entered again. */
    boolean isLeavable() {
        return program.function("asyncify_start_unwind") >= 0;
    }

    int stackTop() {
        return layout.stackTop();
    }

    /** The libraries that the program needs, each after those that it needs itself. */
    List<Library> startOrder() {
        return startOrder;
    }

    LinkHost host() {
        return host;
    }

    FunctionTable table() {
        return table;
    }

    HostFunctions functions() {
        return functions;
    }

    ProgramLayout layout() {
        return layout;
    }

    LibraryPlaces places() {
        return places;
    }

    LibraryMemory memory() {
        return memory;
    }

    /** Runs something that loads libraries, when no other thread does. */
    <T> T loading(Supplier<T> work) {
        try {
            loading.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Unwind.PROCESS;
        }
        try {
            return work.get();
        } finally {
            loading.unlock();
        }
    }

    /** Whether the calling thread is one that loads libraries. */
    boolean isLoading() {
        return loading.isHeldByCurrentThread();
    }

    /** Makes the table larger, at the guest's cost; -1 when that is too much. */
    int growTable(long count) {
        if (count < 0
                || count > FunctionTable.MOST
                || !host.take(count * FunctionTable.BYTES_AN_ENTRY)) {
            return -1;
        }
        return table.grow(count);
    }

    /** The address of a function, or a failure when there is no room for it. */
    int address(Library library, int function) {
        int address = table.address(library, function);
        if (address < 0) {
            throw new LinkFailure(Errno.NOMEM, "the table of functions is full");
        }
        return address;
    }

    /** The address of a missing function. */
    int missing(String problem) {
        int address = growTable(1);
        if (address < 0) {
            throw new LinkFailure(Errno.NOMEM, "the table of functions is full");
        }
        table.set(address, 0, HostMachine.missing(problem));
        return address;
    }

    // ---- libraries

    /** A library that is there already, by a name without a slash; or null. */
    @Nullable
    Library named(String name) {
        return names.get(name);
    }

    void requireRoomFor(int count) {
        if (libraries.size() + count > MOST_LIBRARIES) {
            throw new LinkFailure(
                    Errno.NOMEM, "there are " + MOST_LIBRARIES + " libraries already");
        }
    }

    private void commit(Batch batch) {
        List<Library> more = new ArrayList<>(libraries);
        more.addAll(batch.libraries());
        libraries = List.copyOf(more);
        names.putAll(batch.names());
    }

    @Override
    public Answer open(String name, int flags, String libraryPath) {
        if (name.isEmpty()) {
            return Answer.of(PROGRAM);
        }
        ThreadLibraries here = ThreadLibraries.current();
        return loading(
                () -> {
                    try {
                        return open(here, name, flags, libraryPath);
                    } catch (LinkFailure e) {
                        return e.answer();
                    }
                });
    }

    private Answer open(ThreadLibraries here, String name, int flags, String libraryPath) {
        Batch batch = new Batch(this, libraryPath);
        Library root = StackRoom.callForeign(() -> plan(batch, name, flags));
        if (!batch.libraries().isEmpty()) {
            places.place(batch);
            commit(batch);
            try {
                here.initialise(batch.inOrder());
            } catch (Throwable e) {
                here.forget(batch.libraries());
                throw e;
            }
        }
        if ((flags & GLOBAL) != 0) {
            promote(root);
        }
        here.construct(batch.inOrder());
        return Answer.of(root.handle());
    }

    /** Finds a library and all that it needs, and what their symbols are. */
    private Library plan(Batch batch, String name, int flags) {
        Library root = batch.open(name, (flags & NOLOAD) != 0);
        List<Library> local = root.withNeeded();
        Set<Library> scope = new LinkedHashSet<>();
        if ((flags & DEEPBIND) != 0) {
            scope.addAll(local);
        }
        scope.addAll(global);
        scope.addAll(local);
        batch.resolve(List.copyOf(scope), (flags & NOW) != 0);
        return root;
    }

    private void promote(Library root) {
        Set<Library> all = new LinkedHashSet<>(global);
        all.addAll(root.withNeeded());
        global = List.copyOf(all);
    }

    // ---- symbols

    @Override
    public boolean isHandle(int handle) {
        return symbols.isHandle(handle);
    }

    @Override
    public Answer symbol(int handle, String name) {
        return symbols.find(handle, name);
    }

    // ---- functions by number

    @Override
    public @Nullable Signature signature(int function) {
        TableView view = ThreadLibraries.current().table();
        if (!table.contains(function) || view.ref(function) == Value.REF_NULL_VALUE) {
            return null;
        }
        Instance instance = view.instance(function);
        return instance == null
                ? null
                : Closures.signature(instance.type(instance.functionType(view.ref(function))));
    }

    @Override
    public long[] call(int function, long[] arguments) {
        return ThreadLibraries.current().call(function, arguments);
    }

    @Override
    public Answer allocateClosure() {
        int place = closures.allocate();
        return place < 0
                ? Answer.failure(Errno.NOMEM, "the table of functions is full")
                : Answer.of(place);
    }

    @Override
    public Errno prepareClosure(int closure, Signature signature, int backing, int userData) {
        return closures.prepare(closure, signature, backing, userData)
                ? Errno.SUCCESS
                : Errno.INVAL;
    }

    @Override
    public boolean isClosure(int function) {
        return closures.has(function);
    }

    @Override
    public void freeClosure(int closure) {
        closures.free(closure);
    }
}
