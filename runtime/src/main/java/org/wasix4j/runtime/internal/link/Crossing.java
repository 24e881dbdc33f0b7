package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.WasmFunctionHandle;

/** A call from one library to another, in one thread. The other's instance is made when needed. */
final class Crossing implements WasmFunctionHandle {

    private final ThreadLibraries libraries;
    private final Library library;
    private final int function;
    private Machine machine;

    Crossing(ThreadLibraries libraries, Library library, int function) {
        this.libraries = libraries;
        this.library = library;
        this.function = function;
    }

    @Override
    public long[] apply(Instance caller, long... arguments) {
        if (machine == null) {
            machine = libraries.instance(library).getMachine();
        }
        return machine.call(function, arguments);
    }
}
