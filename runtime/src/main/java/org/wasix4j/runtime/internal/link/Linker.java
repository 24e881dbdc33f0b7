package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.GlobalImport;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.Table;
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
import org.wasix4j.types.Printable;

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

    /** The C stack of a position-independent program, as on Linux; only used pages take memory. */
    private static final int STACK = 8 << 20;

    /** Nothing is below, so that no address of a datum is null. */
    private static final int FIRST_ADDRESS = 1024;

    private static final int STACK_ALIGNMENT = 16;

    private final LinkHost host;
    private final Library program;
    private final boolean independent;
    private final FunctionTable table;
    private final LibraryMemory memory;
    private final Closures closures;
    private final HostFunctions functions;

    /** Addresses that the linker decides. */
    private final Map<String, Integer> wellKnown = new HashMap<>();

    /** Held while libraries are loaded, and their constructors run: one thread at a time. */
    private final ReentrantLock loading = new ReentrantLock();

    /** All libraries by number. Replaced when there is another. */
    private volatile List<Library> libraries;

    /** Those whose symbols everybody sees, in order. Replaced when there is another. */
    private volatile List<Library> global;

    /** Names without a slash under which libraries were found. Guarded by {@link #loading}. */
    private final Map<String, Library> names = new HashMap<>();

    private final List<Library> startOrder;
    private int stackTop;

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
        program = new Library(0, name, 0, code, independent ? section : DylinkSection.NONE);
        table = new FunctionTable();
        memory = new LibraryMemory(host.memory());
        closures = new Closures(this, table);
        functions = new HostFunctions(host);
        libraries = List.of(program);
        global = List.of(program);
        if (independent) {
            layOut();
        } else {
            reserveOwnTable();
        }
        Batch batch = new Batch(this, libraryPath);
        try {
            batch.addNeeded(program);
            List<Library> scope = batch.all(global);
            program.bindings = bindings(program, scope, false);
            batch.resolve(scope, false);
            place(batch);
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
        table = from.table.copy();
        memory = from.memory.copy(host.memory());
        closures = from.closures.copy(this, table);
        functions = new HostFunctions(host);
        wellKnown.putAll(from.wellKnown);
        libraries = from.libraries;
        global = from.global;
        names.putAll(from.names);
        startOrder = from.startOrder;
        stackTop = from.stackTop;
    }

    /** Whether a module needs a linker: it is position-independent, or asks for one. */
    public static boolean isNeededBy(LinkableModule code) {
        return isNeededBy(code.module());
    }

    /** Whether a module needs a linker. */
    public static boolean isNeededBy(WasmModule module) {
        if (module.customSection(DylinkSection.NAME) != null) {
            return true;
        }
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import entry = module.importSection().getImport(i);
            if (ASKING.contains(entry.name())) {
                return true;
            }
        }
        return false;
    }

    private static final Set<String> ASKING =
            Set.of(
                    "dlopen",
                    "dlsym",
                    "dl_invalid_handle",
                    "call_dynamic",
                    "reflect_signature",
                    "closure_allocate",
                    "closure_prepare",
                    "closure_free");

    /** Whether a module is position-independent. */
    public static boolean isIndependent(LinkableModule code) {
        return isIndependent(code.module());
    }

    /** Whether a module is position-independent. */
    public static boolean isIndependent(WasmModule module) {
        return module.customSection(DylinkSection.NAME) != null;
    }

    /**
     * The libraries that a module needs, by the names it has for them.
     *
     * @throws ModuleException when it is damaged
     */
    public static List<String> needed(WasmModule module) {
        DylinkSection section = DylinkSection.of(module);
        return section == null ? List.of() : section.needed();
    }

    /** The same libraries, for a process that was forked. */
    public Linker fork(LinkHost its) {
        return new Linker(this, its);
    }

    // ---- the program

    /** Data, then the stack, then the heap. */
    private void layOut() {
        long data = align(FIRST_ADDRESS, program.section.memoryAlignment());
        long low = align(data + program.section.memorySize(), STACK_ALIGNMENT);
        long top = low + STACK;
        Memory its = host.memory();
        if (its != null && top <= Integer.MAX_VALUE) {
            long missing = (top - 1) / Memory.PAGE_SIZE + 1 - its.pages();
            if (missing > 0 && its.grow((int) missing) < 0) {
                throw new ModuleException(
                        "there is no memory for its data and its stack: " + top + " bytes");
            }
        } else {
            throw new ModuleException("it asks for more memory than there is: " + top + " bytes");
        }
        program.memoryBase = (int) data;
        stackTop = (int) top;
        wellKnown.put("__stack_low", (int) low);
        wellKnown.put("__stack_high", (int) top);
        wellKnown.put("__heap_base", (int) top);
        wellKnown.put("__heap_end", (int) ((long) its.pages() * Memory.PAGE_SIZE));
        // entry 0 is the null pointer
        program.tableBase = (int) align(1, program.section.tableAlignment());
        requireTable(program.tableBase + program.section.tableSize());
    }

    private void reserveOwnTable() {
        if (program.code.module().tableSection().tableCount() > 0) {
            Table own = program.code.module().tableSection().getTable(0);
            requireTable(own.limits().min());
        }
    }

    private void requireTable(long size) {
        if (!host.take(size * FunctionTable.BYTES_AN_ENTRY) || !table.reserve(size)) {
            throw new ModuleException("there is no room for its table: " + size + " entries");
        }
    }

    private static long align(long address, int alignment) {
        return (address + alignment - 1) / alignment * alignment;
    }

    // ---- for ThreadLibraries

    Library program() {
        return program;
    }

    List<Library> libraries() {
        return libraries;
    }

    boolean isIndependent() {
        return independent;
    }

    int stackTop() {
        return stackTop;
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

    LibraryMemory memory() {
        return memory;
    }

    Map<String, Integer> wellKnown() {
        return wellKnown;
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

    /** The address of a function that nobody has. */
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
    Library named(String name) {
        return names.get(name);
    }

    void requireRoomFor(int count) {
        if (libraries.size() + count > MOST_LIBRARIES) {
            throw new LinkFailure(
                    Errno.NOMEM, "there are " + MOST_LIBRARIES + " libraries already");
        }
    }

    /** What the imports of a library stand for. */
    List<Binding> bindings(Library library, List<Library> scope, boolean now) {
        Resolver resolver = new Resolver(library, scope, wellKnown, functions.of(library).keySet());
        List<String> problems = new ArrayList<>(resolver.problems());
        if (now) {
            problems.addAll(resolver.missingFunctions());
        }
        if (!problems.isEmpty()) {
            functions.forget(library);
            throw new LinkFailure(Errno.NOEXEC, library + ": " + shorten(problems));
        }
        return resolver.bindings();
    }

    /** A few of many sentences: the guest has little room for them. */
    private static String shorten(List<String> problems) {
        int shown = Math.min(4, problems.size());
        String text = String.join("; ", problems.subList(0, shown));
        return problems.size() == shown
                ? text
                : text + "; and " + (problems.size() - shown) + " more";
    }

    /** Gives new libraries memory and entries of the table. */
    private void place(Batch batch) {
        for (Library library : batch.libraries()) {
            DylinkSection section = library.section;
            if (!host.take(library.size)) {
                throw new LinkFailure(
                        Errno.NOMEM, library + ": the memory that the guest may use is used up");
            }
            int base = memory.allocate(section.memorySize(), section.memoryAlignment());
            if (base < 0) {
                throw new LinkFailure(
                        Errno.NOMEM,
                        library + ": no memory for its " + section.memorySize() + " bytes of data");
            }
            library.memoryBase = base;
            int first = growTable(section.tableSize() + section.tableAlignment() - 1);
            if (first < 0) {
                throw new LinkFailure(
                        Errno.NOMEM,
                        library
                                + ": no room for its "
                                + section.tableSize()
                                + " entries of the function table");
            }
            library.tableBase = (int) align(first, section.tableAlignment());
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
            place(batch);
            commit(batch);
            boolean born = false;
            try {
                here.initialise(batch.inOrder());
                born = true;
            } finally {
                if (!born) {
                    here.forget(batch.libraries());
                }
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
        List<Library> local = withNeeded(root);
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
        all.addAll(withNeeded(root));
        global = List.copyOf(all);
    }

    /** A library and all that it needs, what is nearer first. */
    static List<Library> withNeeded(Library root) {
        Set<Library> seen = new LinkedHashSet<>();
        seen.add(root);
        List<Library> queue = new ArrayList<>(seen);
        for (int i = 0; i < queue.size(); i++) {
            for (Library each : queue.get(i).needed) {
                if (seen.add(each)) {
                    queue.add(each);
                }
            }
        }
        return queue;
    }

    // ---- symbols

    @Override
    public boolean isHandle(int handle) {
        return handle >= PROGRAM && handle - PROGRAM < libraries.size();
    }

    @Override
    public Answer symbol(int handle, String name) {
        List<Library> scope;
        if (handle == 0 || handle == PROGRAM) {
            scope = global;
        } else if (isHandle(handle)) {
            scope = withNeeded(libraries.get(handle - PROGRAM));
        } else {
            return Answer.failure(Errno.INVAL, "dlsym: " + handle + " is no handle of a library");
        }
        try {
            for (Library each : scope) {
                Answer found = symbol(each, name);
                if (found != null) {
                    return found;
                }
            }
        } catch (LinkFailure e) {
            return e.answer();
        }
        String where =
                handle == 0 || handle == PROGRAM
                        ? "the program and its libraries"
                        : libraries.get(handle - PROGRAM).toString();
        return Answer.failure(
                Errno.NOENT, "undefined symbol " + Printable.foreign(name) + " in " + where);
    }

    private Answer symbol(Library library, String name) {
        Export export = library.export(name);
        if (export == null) {
            return null;
        }
        if (export.exportType() == ExternalType.FUNCTION) {
            return Answer.of(address(library, export.index()));
        }
        Integer offset = library.offset(name);
        if (offset == null) {
            return null;
        }
        int base =
                library.section.isThreadLocal(name)
                        ? ThreadLibraries.current().threadLocals(library)
                        : library.memoryBase;
        return Answer.of(base + offset);
    }

    // ---- functions by number

    @Override
    public Signature signature(int function) {
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
    public boolean freeClosure(int closure) {
        return closures.free(closure);
    }

    /** Whether a program imports its stack pointer, and so has one that a linker makes. */
    static boolean importsStackPointer(Library library) {
        for (Import entry : library.imports()) {
            if (entry instanceof GlobalImport && entry.name().equals("__stack_pointer")) {
                return true;
            }
        }
        return false;
    }
}
