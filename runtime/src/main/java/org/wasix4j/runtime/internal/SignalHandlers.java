package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Nullable;

/** Calls the handler that a guest has for its signals, in the instance of the calling thread. */
final class SignalHandlers implements Signals.Handler {

    private final LoadedModule module;
    private final GuestProcess process;
    private final Supplier<Instance> current;
    private final Consumer<String> notices;

    /**
     * The handler of a process.
     *
     * @param current the instance of the calling thread
     * @param notices receives a sentence for the human about a signal that could not be handled
     */
    SignalHandlers(
            LoadedModule module,
            GuestProcess process,
            Supplier<Instance> current,
            Consumer<String> notices) {
        this.module = module;
        this.process = process;
        this.current = current;
        this.notices = notices;
    }

    @Override
    public boolean call(GuestThread thread, @Nullable String export, int signal) {
        if (export == null || !module.exports(export, ValType.I32)) {
            return false;
        }
        try {
            current.get().export(export).apply(signal);
        } catch (ChicoryException e) {
            // the caller of a request takes a trap for the answer no: the guest goes on
            boolean declined = process.signals().isRequested(signal) && Traps.calledNull(e);
            if (declined || !Traps.foundNothingToCall(module, export, e)) {
                throw e;
            }
            byDefault(signal, export, e);
        }
        return true;
    }

    /**
     * The guest has no handler for this signal that can be called: wasix-libc names its export
     * before main, has no default actions until a program sets a first handler, and calls handlers
     * that expect a siginfo_t through the type of those that do not. What is default on Linux
     * happens here.
     */
    private void byDefault(int signal, @Nullable String export, ChicoryException trap) {
        if (Signals.stopsByDefault(signal)) {
            process.stop(signal);
        } else if (Signals.endsByDefault(signal)) {
            // a null pointer is no more than that the program has no handler
            if (!Traps.calledNull(trap)) {
                notices.accept(
                        "the guest could not handle signal %d (%s, in %s): it is ended by it"
                                .formatted(signal, trap.getMessage(), export));
            }
            process.end(ExitReason.killed(signal));
            throw Unwind.PROCESS;
        }
    }
}
