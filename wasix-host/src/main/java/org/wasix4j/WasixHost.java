package org.wasix4j;

import com.dylibso.chicory.wasm.WasmModule;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;

/**
 * The host functions of one guest, for an engine to import. A runtime is not needed: the functions
 * work on any Chicory {@code Instance} with any Chicory memory.
 *
 * <pre>{@code
 * GuestProcess process = new GuestProcessBuilder().withPolicy(NetworkPolicy.allowAll()).build();
 * WasixHost host = new WasixHost(process);
 * Imports.Linked linked = host.link(module);
 * Instance.builder(module)
 *         .withImportValues(ImportValues.builder().withFunctions(linked.functions()).build())
 *         .build();
 * }</pre>
 */
public final class WasixHost implements AutoCloseable {

    private final GuestProcess process;
    private final HostLinker linker;

    /** Host functions that act on a process. */
    public WasixHost(GuestProcess process) {
        this(process, null);
    }

    /**
     * Host functions that act on a process.
     *
     * @param listener who is told of every call, or null
     */
    public WasixHost(GuestProcess process, SyscallListener listener) {
        this.process = process;
        this.linker = new HostLinker(process, listener);
    }

    /** The process they act on. */
    public GuestProcess process() {
        return process;
    }

    /** Binds a module's imports, under the profile that its imports show. */
    public Imports.Linked link(WasmModule module) {
        return link(module, Imports.profileOf(module));
    }

    /** Binds a module's imports under a given profile. */
    public Imports.Linked link(WasmModule module, AbiProfile profile) {
        return linker.link(module, profile);
    }

    /** Closes every descriptor of the process. */
    @Override
    public void close() {
        process.release();
    }
}
