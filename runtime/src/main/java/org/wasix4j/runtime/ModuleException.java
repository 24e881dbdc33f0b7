package org.wasix4j.runtime;

import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * A module that cannot be run here: it is not WebAssembly, is damaged, uses a feature that the
 * engine lacks, or imports functions that this host does not provide. The message is one sentence
 * for the operator, in one line whatever names the module has chosen.
 */
public final class ModuleException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * A reason in a sentence.
     *
     * @param message the reason, in a sentence
     */
    public ModuleException(@Nullable String message) {
        super(printable(message));
    }

    /**
     * A reason in a sentence, with what was thrown.
     *
     * @param message the reason, in a sentence
     * @param cause what was thrown, or null
     */
    public ModuleException(@Nullable String message, @Nullable Throwable cause) {
        super(printable(message), cause);
    }

    private static @Nullable String printable(@Nullable String message) {
        return message == null ? null : Printable.line(message);
    }

    /** The same for a module of that name. */
    ModuleException of(String module) {
        return new ModuleException("cannot run " + module + ": " + getMessage(), getCause());
    }
}
