package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.types.FunctionType;
import org.wasix4j.types.Nullable;

/**
 * The machine of a compiled module whose functions other modules can call without an array of
 * arguments. The compiled main class of a module that needs a linker extends it. Calls by name from
 * other modules, and those by pointer from anywhere, begin in the engine's way; a function that was
 * called often gets a {@link Target}. Public only because that class has a loader of its own.
 */
public abstract class TypedMachine implements Machine {

    /** What is run. */
    private final Instance home;

    private ModuleTargets module;

    /** What it is a part of; null until {@link #belong}. */
    private @Nullable Library library;

    /** Those of the thread; there when the library is. */
    private ThreadLibraries libraries;

    /**
     * What it is by number of an imported function: null while it is called by the engine's way.
     * All instances of the library share it.
     */
    private @Nullable Target[] imports;

    /** The table that all modules share, when it is the first one here; found when it is used. */
    private @Nullable TableView view;

    /** The same for all threads. */
    private @Nullable FunctionTable shared;

    /** A machine of an instance that is being made; {@link #describe} completes it. */
    @SuppressWarnings("NullAway.Init")
    protected TypedMachine(Instance instance) {
        home = instance;
    }

    /** Says which module it runs; before anything is called. */
    public final void describe(ModuleTargets its) {
        module = its;
    }

    /** Says what it is a part of, and in which thread; before anything is called. */
    final void belong(Library its, ThreadLibraries thread) {
        library = its;
        libraries = thread;
        imports = its.importTargets();
    }

    final @Nullable Library library() {
        return library;
    }

    final @Nullable String typeOf(int function) {
        return module.type(home, function);
    }

    final FunctionType functionType(int function) {
        return home.type(home.functionType(function));
    }

    /**
     * What an indirect call reaches, or null when it has to be made by the engine's way, or is
     * wrong.
     *
     * @param table the number of the table: compilers use the first one
     * @param index the entry
     * @param type the name of the type that the function has to have
     */
    public static @Nullable Target indirect(Instance caller, int table, int index, String type) {
        if (table == 0 && caller.getMachine() instanceof TypedMachine from) {
            FunctionTable shared = from.shared;
            Target known = shared == null ? null : shared.target(index);
            return known != null && known.type == type ? known : from.find(index, type);
        }
        return null;
    }

    private @Nullable Target find(int index, String type) {
        if (view == null) {
            if (home.table(0) instanceof TableView all) {
                view = all;
                shared = all.shared();
            }
            return null;
        }
        return view.target(index, type);
    }

    /** What an imported function is, or null when it has to be called by the engine's way. */
    public static @Nullable Target imported(Instance caller, int function) {
        // those of libraries are watched when the program has asyncify
        if (caller.getMachine() instanceof TypedMachine from) {
            Target[] known = from.imports;
            return known == null ? null : known[function];
        }
        return null;
    }

    /** The instance with which a target is called that was found for the caller. */
    public static Instance home(Target target, Instance caller) {
        TypedMachine from = (TypedMachine) caller.getMachine();
        return target.library == from.library ? caller : from.libraries.instance(target.library);
    }

    /** The machine of an instance, also where calls of it are counted. */
    public static Machine machine(Instance instance) {
        Machine its = instance.getMachine();
        return its instanceof WatchedMachine watched ? watched.machine() : its;
    }

    /** A function of this module is called in the engine's way. */
    @Nullable
    Target warm(int function) {
        if (library == null || !module.isHot(function)) {
            return null;
        }
        Target known = library.target(function);
        if (known != null) {
            return known;
        }
        Target made = module.make(this, function);
        return made == null ? null : library.keep(made);
    }

    /**
     * A module calls a function that it imports in the engine's way: a few times later it finds the
     * target.
     */
    static void warm(Machine callee, int function, Instance caller, int imported) {
        if (callee instanceof TypedMachine to
                && caller.getMachine() instanceof TypedMachine from
                && from.imports != null) {
            Target target = to.warm(function);
            if (target != null) {
                from.imports[imported] = target;
            }
        }
    }
}
