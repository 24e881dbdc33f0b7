package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.function.Function;
import org.wasix4j.types.Nullable;

/** A module with its code, of which instances can be made. */
public interface LinkableModule {

    /**
     * The module. When it is from the cache it has no functions, exports and code: what is asked of
     * these is in its shape.
     */
    WasmModule module();

    /** What it exports, and the types of its functions. */
    ModuleShape shape();

    /** What is done to its new instances besides what the engine does; null when that does all. */
    @Nullable
    InstanceStart start();

    /** The same without its start section and without what data segments would write. */
    WasmModule forked();

    /** What runs its functions. */
    Function<Instance, Machine> machines();
}
