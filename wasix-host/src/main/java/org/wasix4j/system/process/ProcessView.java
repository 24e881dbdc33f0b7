package org.wasix4j.system.process;

import java.util.List;
import org.wasix4j.types.Nullable;

/**
 * A process of a family at one moment.
 *
 * @param pid its number
 * @param parent the number of its parent, 0 for the first process
 * @param arguments its command line, the program's name first
 * @param state its state
 * @param status how it ended or which signal stopped it, or null while it runs
 */
public record ProcessView(
        int pid, int parent, List<String> arguments, State state, @Nullable ChildStatus status) {

    /** The states of a process. */
    public enum State {
        /** It runs, or waits for something. */
        RUNNING,
        /** A signal stopped it. */
        STOPPED,
        /** It has ended, and its parent has not waited for it. */
        ZOMBIE
    }
}
