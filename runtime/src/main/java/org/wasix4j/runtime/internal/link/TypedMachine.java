package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.types.ExternalType;
import org.wasix4j.types.Nullable;

/**
 * The machine of a compiled module whose functions other modules can call without an array of
 * arguments. The compiled main class of a module that needs a linker extends it. Calls by name from
 * other modules, and those by pointer from anywhere, begin in the engine's way; a function that was
 * called often gets a {@link Target}. Public because that class has a loader of its own; nobody
 * else is to call it.
 */
public abstract class TypedMachine implements Machine {

    /** What is run. */
    private final Instance home;

    /**
     * What it is by number of an imported function: null while it is called by the engine's way.
     */
    private final Target[] imports;

    /** By number of the function; null when none was made. */
    private @Nullable Target[] targets;

    private ModuleTargets module;

    /** The names of its types. */
    private String[] types;

    /** The table that all modules share, when it is the first one here; found when it is used. */
    private @Nullable TableView view;

    /** A machine of an instance that is being made; {@link #describe} completes it. */
    @SuppressWarnings("NullAway.Init")
    protected TypedMachine(Instance instance) {
        home = instance;
        imports = new Target[instance.module().importSection().count(ExternalType.FUNCTION)];
    }

    /** Says which module it runs; before anything is called. */
    public final void describe(ModuleTargets its) {
        module = its;
        types = its.types();
    }

    final Instance home() {
        return home;
    }

    final @Nullable String typeOf(int function) {
        return module.function(function);
    }

    /**
     * What an indirect call reaches, or null when it has to be made by the engine's way, or is
     * wrong.
     *
     * @param table the number of the table: compilers use the first one
     * @param index the entry
     * @param type the number that the caller has for the function's type
     */
    public static @Nullable Target indirect(Instance caller, int table, int index, int type) {
        if (caller.getMachine() instanceof TypedMachine from && table == 0) {
            TableView view = from.view;
            return view == null ? from.look() : view.target(index, from.types[type]);
        }
        return null;
    }

    /** Finds the table, at the first call. */
    private @Nullable Target look() {
        if (home.table(0) instanceof TableView all) {
            view = all;
        }
        return null;
    }

    /** What an imported function is, or null when it has to be called by the engine's way. */
    public static @Nullable Target imported(Instance caller, int function) {
        // those of libraries are watched when the program has asyncify
        return caller.getMachine() instanceof TypedMachine from ? from.imports[function] : null;
    }

    /** A function of this module is called in the engine's way. */
    @Nullable
    Target warm(int function) {
        if (!module.isHot(function)) {
            return null;
        }
        Target known = targets == null ? null : targets[function];
        if (known != null) {
            return known;
        }
        Target made = module.make(this, function);
        if (made != null) {
            if (targets == null) {
                targets = new Target[module.functions()];
            }
            targets[function] = made;
        }
        return made;
    }

    /**
     * A module calls a function that it imports in the engine's way: a few times later it finds the
     * target.
     */
    static void warm(Machine callee, int function, Instance caller, int imported) {
        if (callee instanceof TypedMachine to && caller.getMachine() instanceof TypedMachine from) {
            from.imports[imported] = to.warm(function);
        }
    }
}
