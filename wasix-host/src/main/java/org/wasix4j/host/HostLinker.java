package org.wasix4j.host;

import com.dylibso.chicory.wasm.WasmModule;
import java.util.List;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;

/** All families of host functions together, for one process. */
public final class HostLinker {

    private final Imports imports = new Imports(modules());
    private final Syscalls syscalls;

    /** The functions of a process; {@code listener} may be null. */
    public HostLinker(GuestProcess process, @Nullable SyscallListener listener) {
        JdkWarmUp.await();
        this.syscalls = new Syscalls(process, listener);
    }

    /** Every family there is. */
    public static List<HostModule> modules() {
        return List.of(
                new WasixDescriptors(),
                new WasixSockets(),
                new WasixTransfers(),
                new WasixMessages(),
                new WasixSocketOptions(),
                new WasixMulticast(),
                new WasixNames(),
                new Wasip1Sockets(),
                new Wasip1SocketOptions(),
                new Wasip1Names(),
                new WasixPoll(),
                new WasixFiles(),
                new WasixPaths(),
                new WasixSystem(),
                new WasixProcesses(),
                new WasixForks(),
                new WasixPrograms(),
                new WasixStacks(),
                new WasixContexts(),
                new WasixTimers(),
                new WasixThreads(),
                new WasixLibraries(),
                new WasixFunctions());
    }

    /** Binds a module's imports under a profile. */
    public Imports.Linked link(WasmModule module, AbiProfile profile) {
        return imports.link(module, profile, syscalls);
    }
}
