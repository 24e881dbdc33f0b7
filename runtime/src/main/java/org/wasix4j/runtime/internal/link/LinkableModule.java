package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.function.Function;

/** A module with its code, of which instances can be made. */
public interface LinkableModule {

    /** The module. */
    WasmModule module();

    /** The same without its start section and without what data segments would write. */
    WasmModule forked();

    /** What runs its functions. */
    Function<Instance, Machine> machines();
}
