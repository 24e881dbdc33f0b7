package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/**
 * Calls the functions that a library exports for whoever loads it: they relocate its data, make its
 * thread-locals and run its constructors.
 */
final class LibraryStart {

    private static final String RELOCATE = "__wasm_apply_data_relocs";

    /**
     * What makes thread-locals right that a thread has not got from {@link #MAKE_THREAD_LOCALS}.
     */
    private static final List<String> RELOCATE_THREAD_LOCALS =
            List.of("__wasm_apply_global_tls_relocs", "__wasm_apply_tls_relocs");

    private static final String INITIALISE_THREAD_LOCALS = "__wasm_init_tls";

    private static final List<String> CONSTRUCT = List.of("_initialize", "__wasm_call_ctors");

    /** Of wasix-libc's {@code scrt1.o}: makes thread-locals for the thread, and says where. */
    private static final String MAKE_THREAD_LOCALS = "__wasix_init_tls";

    private final ThreadLibraries libraries;
    private final Library program;

    /** Those of the libraries of a thread. */
    LibraryStart(ThreadLibraries libraries, Library program) {
        this.libraries = libraries;
        this.program = program;
    }

    /** Lets a library find what it refers to. */
    void relocate(Library library) {
        run(library, RELOCATE);
        boolean done = false;
        for (String function : RELOCATE_THREAD_LOCALS) {
            done |= run(library, function);
        }
        if (!done) {
            initialiseThreadLocals(library);
        }
    }

    /**
     * Pointers among the thread-locals of the first thread: wasm-ld does not export what relocates
     * them from a library, but what fills in thread-locals does it, too.
     */
    private void initialiseThreadLocals(Library library) {
        int function = library.function(INITIALISE_THREAD_LOCALS);
        boolean known =
                library != program || library.mutableGlobal(ThreadLibraries.THREAD_LOCALS) >= 0;
        FunctionType type = FunctionType.of(List.of(ValType.I32), List.of());
        if (function >= 0 && known && library.functionType(function).equals(type)) {
            long place = Integer.toUnsignedLong(libraries.threadLocals(library));
            if (place != 0) {
                libraries.instance(library).getMachine().call(function, new long[] {place});
            }
        }
    }

    /** Runs the constructors of libraries. */
    void construct(List<Library> fresh) {
        for (Library library : fresh) {
            for (String function : CONSTRUCT) {
                if (run(library, function)) {
                    break;
                }
            }
        }
    }

    /** Calls a function without parameters; false when the library exports none. */
    private boolean run(Library library, String name) {
        int function = library.function(name);
        if (function < 0 || !library.functionType(function).equals(FunctionType.empty())) {
            return false;
        }
        libraries.instance(library).getMachine().call(function, new long[0]);
        return true;
    }

    /**
     * Gives the thread thread-locals of a library that another thread has opened.
     *
     * @return where they are, or 0 when it has none
     */
    int makeThreadLocals(Library library) {
        int function = library.function(MAKE_THREAD_LOCALS);
        FunctionType type = FunctionType.of(List.of(), List.of(ValType.I32));
        if (function >= 0 && library.functionType(function).equals(type)) {
            return (int) libraries.instance(library).getMachine().call(function, new long[0])[0];
        }
        if (library.section.exports().values().stream()
                .anyMatch(flags -> (flags & DylinkSection.THREAD_LOCAL) != 0)) {
            throw new ChicoryException(
                    library
                            + " has thread-locals, but no function "
                            + MAKE_THREAD_LOCALS
                            + " that makes them for another thread");
        }
        return 0;
    }
}
