package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.TableSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.link.InstanceForm;
import org.wasix4j.runtime.internal.link.LinkHost;
import org.wasix4j.runtime.internal.link.Linker;
import org.wasix4j.runtime.internal.link.ModuleNeeds;
import org.wasix4j.runtime.internal.link.ThreadLibraries;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;

/**
 * Makes the instances of one process: all share the imports, the memory and the code, and each has
 * its own globals and tables. One runs one guest thread.
 */
final class Instances {

    private final LoadedModule module;
    private final MemoryBudget budget;

    /** How many entries the tables of an instance have at first. */
    private final long tableEntries;

    /** What an instance takes on the heap besides. */
    private final long besides;

    private final List<String> newer;
    private final ImportValues imports;
    private final @Nullable LinearMemory memory;
    private final TableSpace firstTables;
    private final boolean ownMemory;
    private final @Nullable ProcessLinkHost linkHost;
    private final @Nullable Linker linker;

    /** What the instances have in common, when no linker makes them; null before the first. */
    private volatile @Nullable InstanceForm form;

    /** Whether the first thread has its instance. */
    private final AtomicBoolean started = new AtomicBoolean();

    /**
     * Links a module and reserves its memory.
     *
     * @param profile the generation of its imports
     * @param tracer receives every call, or null
     * @param strict whether functions that are not known here are errors
     * @param mostPages the host's limit of memory
     * @param budget what the memory and the tables of all processes are taken from
     * @param programs has the libraries of the guest
     * @param parent those of the process that was forked, or null
     * @throws ModuleException with every import that is not served, or when there is no memory
     */
    Instances(
            LoadedModule module,
            GuestProcess process,
            AbiProfile profile,
            @Nullable SyscallListener tracer,
            boolean strict,
            int mostPages,
            MemoryBudget budget,
            Programs programs,
            @Nullable Instances parent) {
        this.module = module;
        this.budget = budget;
        this.tableEntries = entries(module);
        this.besides = TableSpace.besides(module);
        HostLinker host = new HostLinker(process, tracer);
        Imports.Linked linked = host.link(module.module(), profile);
        newer = linked.newer();
        MemoryImport imported = module.importedMemory();
        List<String> unknown = new ArrayList<>(linked.unknown());
        if (ModuleNeeds.isIndependent(module.module())) {
            // the linker knows what the others are
            unknown.removeIf(text -> Imports.MODULES.stream().noneMatch(abi -> isOf(abi, text)));
        }
        if (strict) {
            newer.forEach(name -> unknown.add(name + ": no such function"));
        }
        for (Import entry : module.imports()) {
            if (!(entry instanceof FunctionImport)
                    && entry != imported
                    && !module.isLeftToLinker(entry.module())) {
                unknown.add(
                        entry.module()
                                + "."
                                + entry.name()
                                + ": no such "
                                + entry.importType().name().toLowerCase(Locale.ROOT));
            }
        }
        if (!unknown.isEmpty()) {
            throw new ModuleException(
                    "it imports what this host does not have: " + String.join("; ", unknown));
        }
        ownMemory = imported == null;
        MemoryLimits limits = imported == null ? module.ownMemory() : imported.limits();
        firstTables = firstTables();
        try {
            memory = limits == null ? null : new LinearMemory(limits, mostPages, budget);
        } catch (Throwable e) {
            firstTables.free();
            throw e;
        }
        if (memory != null) {
            memory.attach(process);
        }
        linkHost =
                ModuleNeeds.linker(module.module())
                        ? new ProcessLinkHost(host, process, profile, memory, budget, programs)
                        : null;
        try {
            linker = linkHost == null ? null : linker(linkHost, parent, process);
        } catch (Throwable e) {
            free();
            throw e;
        }
        process.linker(linker);
        ImportValues.Builder values =
                ImportValues.builder()
                        .addFunction(linked.functions().toArray(new ImportFunction[0]));
        if (imported != null) {
            values.addMemory(new ImportMemory(imported.module(), imported.name(), memory));
        }
        imports = values.build();
    }

    private static boolean isOf(String abi, String text) {
        return text.startsWith(abi + '.');
    }

    private Linker linker(LinkHost its, @Nullable Instances parent, GuestProcess process) {
        if (parent != null && parent.linker != null) {
            return parent.linker.fork(its);
        }
        List<String> words = process.arguments();
        String name = words.isEmpty() ? "the program" : words.get(0);
        String path = process.environment().getOrDefault("LD_LIBRARY_PATH", "");
        return new Linker(its, name, module, path);
    }

    /** Unknown functions that the module imports; they answer {@code nosys}. */
    List<String> newer() {
        return newer;
    }

    /** The memory they share, or null when the module has none. */
    @Nullable
    LinearMemory memory() {
        return memory;
    }

    /**
     * Makes the memory what that of the process is that forks.
     *
     * @throws ErrnoException nomem when it cannot grow to that size
     */
    void copyMemoryOf(Instances parent) {
        LinearMemory from = parent.memory;
        if (memory != null && from != null && !memory.copyFrom(from)) {
            throw Errno.NOMEM.exception();
        }
    }

    /** Why there can be no second instance, in a sentence, or null when there can. */
    @Nullable
    String whyOnlyOne() {
        if (ownMemory || memory == null || !memory.shared()) {
            return "the module has no shared memory that its threads could import";
        }
        if (module.hasActiveSegments()) {
            return "the module's active data segments would be written again by every thread:"
                    + " link it with passive ones (wasm-ld --shared-memory)";
        }
        return null;
    }

    private TableSpace firstTables() {
        try {
            return tables();
        } catch (ErrnoException e) {
            throw new ModuleException(
                    (besides > tableEntries
                                    ? "the module's globals, functions and exports take "
                                            + besides
                                            + " bytes"
                                    : "the module starts with " + tableEntries + " table entries")
                            + ", and there is too little memory left for them");
        }
    }

    private static long entries(LoadedModule module) {
        TableSection tables = module.module().tableSection();
        long sum = 0;
        // the linker has the first table of a program that exports it, and counts it
        boolean linked =
                ModuleNeeds.linker(module.module()) && !ModuleNeeds.isIndependent(module.module());
        for (int i = linked ? 1 : 0; i < tables.tableCount(); i++) {
            sum += tables.getTable(i).limits().min();
        }
        return sum;
    }

    /**
     * Takes the memory for an instance and its tables; the caller gives it back when the instance
     * is used no more.
     *
     * @throws org.wasix4j.types.ErrnoException nomem when there is too little memory left
     */
    TableSpace tables() {
        return new TableSpace(budget, tableEntries, besides);
    }

    /** The tables of the first thread, for which the memory has been taken. */
    TableSpace tablesOfFirst() {
        return firstTables;
    }

    /** Gives back the memory and what the first thread's tables and the libraries have taken. */
    void free() {
        if (linkHost != null) {
            linkHost.free();
        }
        if (memory != null) {
            memory.free();
        }
        firstTables.free();
    }

    /** A new instance, for the calling thread; its start section has run. */
    Instance create(TableSpace tables) {
        if (linker != null) {
            ThreadLibraries libraries = new ThreadLibraries(linker, tables, null);
            libraries.enter();
            return started.compareAndSet(false, true) ? libraries.start() : libraries.program();
        }
        return create(module.module(), tables);
    }

    /**
     * As {@link #create}, with memory as it is: nothing is written to it, and nothing runs.
     *
     * @param like what its tables and its libraries are to be
     */
    Instance createForked(TableSpace tables, Tables like) {
        if (memory != null) {
            memory.keep();
        }
        if (linker != null) {
            ThreadLibraries libraries = new ThreadLibraries(linker, tables, like.libraries());
            libraries.enter();
            return libraries.program();
        }
        return create(module.forked(), tables);
    }

    private Instance create(WasmModule wasm, TableSpace tables) {
        InstanceForm form = form(wasm);
        if (form != null) {
            Instance made = form.make(imports, module.machines(), tables, memory);
            form.initialise(made);
            return made;
        }
        Instance.Builder builder =
                Instance.builder(wasm)
                        .withImportValues(imports)
                        .withMachineFactory(module.machines())
                        .withTableFactory(tables)
                        .withStart(false);
        if (ownMemory && memory != null) {
            builder.withMemoryFactory(limits -> memory);
        }
        return builder.build();
    }

    /** What instances have in common, or null when the engine finds it out for each. */
    private @Nullable InstanceForm form(WasmModule wasm) {
        InstanceForm known = form;
        if (known == null || !known.isOf(wasm)) {
            known = InstanceForm.of(wasm, module);
            form = known;
        }
        return known;
    }
}
