package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableFactory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import java.util.function.Function;

/** Makes the instances of one thread: what they import, their machines and their tables. */
final class InstanceMaker {

    private final Linker linker;
    private final ThreadLibraries libraries;
    private final InstanceRoom room;
    private final InstanceImports imports;

    /**
     * That of a thread.
     *
     * @param room makes the tables that a module has for itself
     */
    InstanceMaker(
            Linker linker, ThreadLibraries libraries, InstanceRoom room, InstanceImports imports) {
        this.linker = linker;
        this.libraries = libraries;
        this.room = room;
        this.imports = imports;
    }

    /** What is instantiated: with data unless they are written already. */
    static WasmModule form(Library library, boolean fresh, boolean copied) {
        if (copied || !fresh && hasActiveSegments(library.code.module())) {
            return library.code.forked();
        }
        // a start function that has run in another thread leaves memory alone, and sets globals
        return library.code.module();
    }

    private static boolean hasActiveSegments(WasmModule module) {
        for (DataSegment segment : module.dataSection().dataSegments()) {
            if (segment instanceof ActiveDataSegment) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes an instance that is to be initialised.
     *
     * @param form what is instantiated
     * @param fresh whether it is the first one of the library
     */
    Instance build(Library library, WasmModule form, boolean fresh) {
        ImportValues its = imports.of(library, fresh);
        Function<Instance, Machine> machines = machines(library);
        TableFactory tables = tables(library);
        Memory own = library == linker.program() ? linker.host().memory() : null;
        InstanceForm common = library.form(form);
        if (common != null) {
            return common.make(its, machines, tables, own);
        }
        Instance.Builder builder =
                Instance.builder(form)
                        .withImportValues(its)
                        .withMachineFactory(machines)
                        .withTableFactory(tables)
                        .withInitialize(false)
                        .withStart(false);
        if (library == linker.program()) {
            builder.withMemoryFactory(limits -> own);
        }
        return builder.build();
    }

    /** A program with fixed places has the table of all as its first one. */
    private TableFactory tables(Library library) {
        boolean[] seen = new boolean[1];
        boolean own = library == linker.program() && !linker.isIndependent();
        return (type, initial) -> {
            boolean first = own && !seen[0];
            seen[0] = true;
            return first ? libraries.table() : room.create(type, initial);
        };
    }

    private Function<Instance, Machine> machines(Library library) {
        Function<Instance, Machine> machines = library.code.machines();
        return library != linker.program() && linker.isLeavable()
                ? instance -> new WatchedMachine(machines.apply(instance), libraries)
                : machines;
    }
}
