package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.WasmFunctionHandle;

/**
 * A call from one library to another, in one thread. The other's instance is made when needed.
 * Public because compiled code, which has a loader of its own, calls it; nobody else is to.
 */
public final class Crossing implements WasmFunctionHandle {

    private final ThreadLibraries libraries;
    private final Library library;
    private final int function;
    private Machine machine;

    Crossing(ThreadLibraries libraries, Library library, int function) {
        this.libraries = libraries;
        this.library = library;
        this.function = function;
    }

    /**
     * What an imported function is, or null when it is not one of another module that takes its
     * arguments as they are.
     */
    public static Crossing of(Instance caller, int imported) {
        return caller.imports().function(imported).handle() instanceof Crossing crossing
                        && crossing.resolved() instanceof TypedMachine
                ? crossing
                : null;
    }

    private Machine resolved() {
        if (machine == null) {
            machine = libraries.instance(library).getMachine();
        }
        return machine;
    }

    /** What runs the function. */
    public TypedMachine machine() {
        return (TypedMachine) machine;
    }

    /** The number of the function there. */
    public int function() {
        return function;
    }

    @Override
    public long[] apply(Instance caller, long... arguments) {
        return resolved().call(function, arguments);
    }
}
