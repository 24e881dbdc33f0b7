package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.util.List;
import org.wasix4j.system.DynamicLinker;
import org.wasix4j.system.DynamicLinker.Answer;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/** What dlsym(3) finds: the addresses of functions and data by their names. */
final class Symbols {

    private final Linker linker;

    Symbols(Linker linker) {
        this.linker = linker;
    }

    /** Whether a number is that of a library, or of the program. */
    boolean isHandle(int handle) {
        return handle >= DynamicLinker.PROGRAM
                && handle - DynamicLinker.PROGRAM < linker.libraries().size();
    }

    /**
     * The address of a symbol.
     *
     * @param handle of a library, where that and what it needs are looked at; 0 or that of the
     *     program for everything global
     */
    Answer find(int handle, String name) {
        boolean everything = handle == 0 || handle == DynamicLinker.PROGRAM;
        if (!everything && !isHandle(handle)) {
            return Answer.failure(Errno.INVAL, "dlsym: " + handle + " is no handle of a library");
        }
        if (everything) {
            return find(linker.global(), "the program and its libraries", name);
        }
        Library root = linker.libraries().get(handle - DynamicLinker.PROGRAM);
        return find(root.withNeeded(), root.toString(), name);
    }

    private Answer find(List<Library> scope, String where, String name) {
        try {
            for (Library each : scope) {
                Answer found = find(each, name);
                if (found != null) {
                    return found;
                }
            }
        } catch (LinkFailure e) {
            return e.answer();
        }
        return Answer.failure(
                Errno.NOENT, "undefined symbol " + Printable.foreign(name) + " in " + where);
    }

    private @Nullable Answer find(Library library, String name) {
        Export export = library.export(name);
        if (export == null) {
            return null;
        }
        if (export.exportType() == ExternalType.FUNCTION) {
            return Answer.of(linker.address(library, export.index()));
        }
        Integer offset = library.offset(name);
        if (offset == null) {
            return null;
        }
        int base =
                library.isThreadLocal(name)
                        ? ThreadLibraries.current().threadLocals(library)
                        : library.memoryBase;
        return Answer.of(base + offset);
    }
}
