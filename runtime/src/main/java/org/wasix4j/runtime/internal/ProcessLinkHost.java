package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.runtime.internal.link.LinkHost;
import org.wasix4j.runtime.internal.link.LinkableModule;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.fs.ProgramFile;
import org.wasix4j.system.process.HeapAccount;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;

/** What a process gives its linker: its files, its memory, and the functions of the host. */
final class ProcessLinkHost implements LinkHost {

    /** The largest library, in bytes. */
    private static final int MOST_BYTES = 1 << 30;

    private final HostLinker host;
    private final GuestProcess process;
    private final AbiProfile profile;
    private final @Nullable LinearMemory memory;
    private final Programs programs;

    /** What libraries hold besides the guest's own memory. */
    private final HeapAccount account;

    ProcessLinkHost(
            HostLinker host,
            GuestProcess process,
            AbiProfile profile,
            @Nullable LinearMemory memory,
            MemoryBudget budget,
            Programs programs) {
        this.host = host;
        this.process = process;
        this.profile = profile;
        this.memory = memory;
        this.account = new HeapAccount(budget);
        this.programs = programs;
    }

    @Override
    public @Nullable Memory memory() {
        return memory;
    }

    @Override
    public Imports.Linked functions(WasmModule module) {
        return host.link(module, profile);
    }

    @Override
    public byte[] read(String path) {
        return ProgramFile.read(process.mounts(), path, MOST_BYTES, content -> content);
    }

    @Override
    public String normalise(String path) {
        return process.mounts().normalise(path);
    }

    @Override
    public LinkableModule load(String path, byte[] content) {
        return programs.library(content);
    }

    @Override
    public boolean take(long bytes) {
        return account.tryTake(bytes);
    }

    @Override
    public void giveBack(long bytes) {
        account.giveBack(bytes);
    }

    /** The process has ended. */
    void free() {
        account.close();
    }
}
