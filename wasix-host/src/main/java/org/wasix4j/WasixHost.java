package org.wasix4j;

import com.dylibso.chicory.wasm.WasmModule;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.host.JdkWarmUp;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;

/**
 * The host functions of one guest, for an engine to import. A runtime is not needed: the functions
 * work on any Chicory {@code Instance} with any Chicory memory.
 *
 * <pre>{@code
 * GuestProcess process =
 *         new GuestProcess(
 *                 ProcessSettings.defaults()
 *                         .withArguments(List.of("http-hello", "8080"))
 *                         .withPolicy(NetworkPolicy.allowAll()));
 * process.descriptors().open(null, StandardStreams.nullInput());
 * process.descriptors().open(null, StandardStreams.output(System.out));
 * process.descriptors().open(null, StandardStreams.output(System.err));
 * try (WasixHost host = new WasixHost(process)) {
 *     Imports.Linked linked = host.link(module);
 *     Instance.builder(module)
 *             .withImportValues(
 *                     ImportValues.builder().withFunctions(linked.functions()).build())
 *             .withStart(false)
 *             .build()
 *             .export("_start")
 *             .apply();
 * } catch (Unwind e) {
 *     System.exit(process.exitReason().code());
 * }
 * }</pre>
 *
 * <p>What a runtime does is then the caller's business:
 *
 * <ul>
 *   <li>The descriptors 0, 1 and 2 are opened before the guest starts, and behind them the
 *       directories ({@code process.mounts().preopen(process.descriptors())}).
 *   <li>The thread that calls the guest is the guest's first thread. There are no others: creating
 *       one answers {@code notsup} without a {@code ThreadStarter}.
 *   <li>{@code proc_exit} throws {@link org.wasix4j.system.thread.Unwind}, and {@code
 *       process.exitReason()} has the code then. From another thread {@code process.end} ends a
 *       guest that waits in a call; one that computes has to be interrupted too.
 *   <li>Signals end the guest, unless a {@code Signals.Handler} calls it.
 *   <li>Bytes are copied between guest memory and sockets. The stock memories of Chicory 1.7.5 lose
 *       wake-ups and bytes when threads share them; one thread is safe.
 *   <li>Closing this closes every descriptor of the guest.
 * </ul>
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
        JdkWarmUp.await();
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
