package org.wasix4j.runtime.internal.link;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Errno;

/**
 * Gives new libraries what they need of a process: memory for their data, entries of the function
 * table, and what their imports stand for.
 */
final class LibraryPlaces {

    private final Linker linker;
    private final LinkHost host;
    private final LibraryMemory memory;

    /** Those of a process. */
    LibraryPlaces(Linker linker, LinkHost host, LibraryMemory memory) {
        this.linker = linker;
        this.host = host;
        this.memory = memory;
    }

    /** Gives new libraries memory and entries of the table. */
    void place(Batch batch) {
        for (Library library : batch.libraries()) {
            DylinkSection section = library.section;
            if (!host.take(library.size)) {
                throw new LinkFailure(Errno.NOMEM, library + ": " + LinkFailure.MEMORY_USED_UP);
            }
            int base = memory.allocate(section.memorySize(), section.memoryAlignment());
            if (base < 0) {
                throw new LinkFailure(
                        Errno.NOMEM,
                        library + ": no memory for its " + section.memorySize() + " bytes of data");
            }
            library.memoryBase = base;
            int first = linker.growTable(section.tableSize() + section.tableAlignment() - 1);
            if (first < 0) {
                throw new LinkFailure(
                        Errno.NOMEM,
                        library
                                + ": no room for its "
                                + section.tableSize()
                                + " entries of the function table");
            }
            library.tableBase = (int) ProgramLayout.align(first, section.tableAlignment());
        }
    }

    /** What the imports of a library stand for. */
    List<Binding> bindings(Library library, List<Library> scope, boolean now) {
        Resolver resolver =
                new Resolver(
                        library,
                        scope,
                        linker.layout().addresses(),
                        linker.functions().of(library).keySet());
        List<String> problems = new ArrayList<>(resolver.problems());
        if (now) {
            problems.addAll(resolver.missingFunctions());
        }
        if (!problems.isEmpty()) {
            linker.functions().forget(library);
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
}
