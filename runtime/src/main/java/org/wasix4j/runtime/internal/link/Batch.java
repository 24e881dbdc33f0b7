package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.WasmModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/** The libraries that come into a process together: one that is opened, and what it needs. */
final class Batch {

    private final Linker linker;
    private final String libraryPath;

    /** New ones, in the order in which they were found. */
    private final List<Library> libraries = new ArrayList<>();

    private final Map<String, Library> names = new HashMap<>();

    Batch(Linker linker, String libraryPath) {
        this.linker = linker;
        this.libraryPath = libraryPath;
    }

    /** The new libraries. */
    List<Library> libraries() {
        return libraries;
    }

    /** Names without a slash under which libraries were found. */
    Map<String, Library> names() {
        return names;
    }

    /** What was there before, and then the new ones. */
    List<Library> all(List<Library> before) {
        List<Library> all = new ArrayList<>(before);
        all.addAll(libraries);
        return all;
    }

    /**
     * Finds a library, and all that it needs.
     *
     * @param onlyLoaded whether only one will do that is there already
     */
    Library open(String name, boolean onlyLoaded) {
        Library root = find(name, linker.program(), onlyLoaded);
        for (int i = 0; i < libraries.size(); i++) {
            addNeededOf(libraries.get(i));
        }
        return root;
    }

    /** Finds all that a program needs. */
    void addNeeded(Library program) {
        addNeededOf(program);
        for (int i = 0; i < libraries.size(); i++) {
            addNeededOf(libraries.get(i));
        }
    }

    private void addNeededOf(Library library) {
        for (String name : library.section.needed()) {
            library.needed.add(find(name, library, false));
        }
    }

    private Library find(String name, Library requester, boolean onlyLoaded) {
        boolean searched = name.indexOf('/') < 0;
        if (searched) {
            Library known = names.get(name);
            known = known == null ? linker.named(name) : known;
            if (known != null) {
                return known;
            }
        }
        Library library = searched ? search(name, requester) : read(name, name);
        if (library == null) {
            throw new LinkFailure(Errno.NOENT, missing(name, requester));
        }
        if (onlyLoaded && libraries.contains(library)) {
            libraries.clear();
            throw new LinkFailure(Errno.NOENT, Printable.foreign(name) + " is not loaded");
        }
        if (searched) {
            names.put(name, library);
        }
        return library;
    }

    private String missing(String name, Library requester) {
        String what = "no library " + Printable.foreign(name);
        String who = requester == linker.program() ? "" : ", which " + requester + " needs";
        String where = name.indexOf('/') < 0 ? " in " + String.join(", ", folders(requester)) : "";
        return what + where + who;
    }

    private @Nullable Library search(String name, Library requester) {
        for (String folder : folders(requester)) {
            Library found = read(SearchPath.file(folder, name), name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private List<String> folders(Library requester) {
        return SearchPath.folders(libraryPath, requester.section.runtimePath(), requester.path);
    }

    /** The library of a file, or null when there is no such file. */
    private @Nullable Library read(String path, String name) {
        byte[] content;
        if (path.indexOf('\0') >= 0) {
            return null;
        }
        String full;
        try {
            String normal = linker.host().normalise(path);
            Library there = known(library -> library.path.equals(normal));
            if (there != null) {
                return there;
            }
            // before the work to load one that cannot come in
            linker.requireRoomFor(libraries.size() + 1);
            full = normal;
            content = linker.host().read(path);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.NOENT
                    || e.errno() == Errno.NOTDIR
                    || e.errno() == Errno.NOTCAPABLE
                    || name.indexOf('/') < 0 && e.errno() == Errno.ACCES) {
                return null;
            }
            String why =
                    e.errno() == Errno.NOMEM ? LinkFailure.MEMORY_USED_UP : e.errno().toString();
            throw new LinkFailure(e.errno(), Printable.foreign(path) + ": " + why);
        }
        LinkableModule code = load(full, content);
        DylinkSection section = section(full, code);
        Library known = known(library -> library.code == code);
        if (known != null) {
            return known;
        }
        int number = linker.libraries().size() + libraries.size();
        Library library = new Library(number, full, content.length, code, section);
        if (library.function("_start") >= 0) {
            throw refused(full, "it is a program and no library");
        }
        libraries.add(library);
        return library;
    }

    private LinkableModule load(String path, byte[] content) {
        try {
            return linker.host().load(path, content);
        } catch (ModuleException e) {
            throw refused(path, e.getMessage());
        }
    }

    private static DylinkSection section(String path, LinkableModule code) {
        DylinkSection section;
        try {
            section = DylinkSection.of(code.module());
        } catch (ModuleException e) {
            throw refused(path, e.getMessage());
        }
        if (section == null) {
            throw refused(
                    path,
                    "it is no shared library, but a module that stands alone (it has no section"
                            + " dylink.0)");
        }
        WasmModule module = code.module();
        if (module.tableSection().tableCount() > 0) {
            throw refused(path, "it has a table of its own, where a library imports that of all");
        }
        if (module.memorySection().isPresent() && module.memorySection().get().memoryCount() > 0) {
            throw refused(path, "it has a memory of its own, where a library imports that of all");
        }
        return section;
    }

    private static LinkFailure refused(String path, @Nullable String why) {
        return new LinkFailure(Errno.NOEXEC, Printable.foreign(path) + ": " + why);
    }

    /** A library that is there already, or new. */
    private @Nullable Library known(Predicate<Library> which) {
        for (Library each : all(linker.libraries())) {
            if (which.test(each)) {
                return each;
            }
        }
        return null;
    }

    /**
     * Finds out what all imports of the new libraries stand for.
     *
     * @param now whether a function that is missing is an error at once
     */
    void resolve(List<Library> scope, boolean now) {
        for (Library library : libraries) {
            library.bindings = linker.places().bindings(library, scope, now);
        }
    }

    /** The new libraries, each after those that it needs, as far as there is such an order. */
    List<Library> inOrder() {
        List<Library> ordered = new ArrayList<>();
        Set<Library> seen = new HashSet<>();
        for (Library library : libraries) {
            order(library, seen, ordered);
        }
        ordered.retainAll(libraries);
        return ordered;
    }

    /** A walk to the bottom without recursion: libraries can need each other a thousand deep. */
    private static void order(Library root, Set<Library> seen, List<Library> ordered) {
        List<Library> path = new ArrayList<>();
        List<Integer> next = new ArrayList<>();
        if (seen.add(root)) {
            path.add(root);
            next.add(0);
        }
        while (!path.isEmpty()) {
            int top = path.size() - 1;
            Library library = path.get(top);
            int child = next.get(top);
            if (child < library.needed.size()) {
                next.set(top, child + 1);
                Library needed = library.needed.get(child);
                if (seen.add(needed)) {
                    path.add(needed);
                    next.add(0);
                }
            } else {
                ordered.add(library);
                path.remove(top);
                next.remove(top);
            }
        }
    }
}
