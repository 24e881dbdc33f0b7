package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import org.wasix4j.host.Imports;
import org.wasix4j.types.Nullable;

/** What a process gives its linker. */
public interface LinkHost {

    /** The memory of the process; null when it has none. */
    @Nullable
    Memory memory();

    /** Binds what a module imports of the ABI. */
    Imports.Linked functions(WasmModule module);

    /**
     * A file of the guest's tree.
     *
     * @param path absolute, or relative to the working directory
     * @throws org.wasix4j.types.ErrnoException why it cannot be read
     */
    byte[] read(String path);

    /** A path without relative parts. */
    String normalise(String path);

    /**
     * Makes a binary runnable. The same bytes give the same object.
     *
     * @throws org.wasix4j.runtime.ModuleException when that is not possible
     */
    LinkableModule load(String path, byte[] content);

    /** Takes bytes of the memory that the guest may use; false when there are not so many left. */
    boolean take(long bytes);

    /** Gives back what {@link #take} took. */
    void giveBack(long bytes);
}
