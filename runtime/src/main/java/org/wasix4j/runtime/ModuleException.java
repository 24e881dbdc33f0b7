package org.wasix4j.runtime;

import org.wasix4j.types.Printable;

/**
 * A module that cannot be run here: it is not WebAssembly, is damaged, uses what the engine lacks,
 * or imports what nobody has. The message is one sentence for the human, in one line whatever names
 * the module has chosen.
 */
public final class ModuleException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A reason in a sentence. */
    public ModuleException(String message) {
        super(Printable.line(message));
    }

    /** A reason in a sentence, with what was thrown. */
    public ModuleException(String message, Throwable cause) {
        super(Printable.line(message), cause);
    }

    /** The same for a module of that name. */
    ModuleException of(String module) {
        return new ModuleException("cannot run " + module + ": " + getMessage(), getCause());
    }
}
