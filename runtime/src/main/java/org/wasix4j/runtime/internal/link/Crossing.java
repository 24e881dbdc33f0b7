package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import org.wasix4j.types.Nullable;

/**
 * A call from one library to another by the engine's way, in one thread. The other's instance is
 * made when needed.
 */
final class Crossing implements WasmFunctionHandle {

    private final ThreadLibraries libraries;
    private final Library library;
    private final int function;

    /** The number of the function for the module that imports it. */
    private final int imported;

    private @Nullable Machine machine;

    Crossing(ThreadLibraries libraries, Library library, int function, int imported) {
        this.libraries = libraries;
        this.library = library;
        this.function = function;
        this.imported = imported;
    }

    private Machine resolved() {
        if (machine == null) {
            machine = libraries.instance(library).getMachine();
        }
        return machine;
    }

    @Override
    public long[] apply(Instance caller, long... arguments) {
        Machine callee = resolved();
        TypedMachine.warm(callee, function, caller, imported);
        return callee.call(function, arguments);
    }
}
