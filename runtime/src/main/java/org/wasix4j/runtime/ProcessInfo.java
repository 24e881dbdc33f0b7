package org.wasix4j.runtime;

import java.util.List;

/**
 * One of a guest's processes at one moment, and what it uses. A process that has ended uses
 * nothing.
 *
 * @param pid its number in the guest; 1 is the first
 * @param parent the number of its parent, 0 for the first
 * @param arguments its command line, the program's name first
 * @param state its state
 * @param threads its threads
 * @param descriptors its open descriptors
 * @param memory the size of its linear memory, in bytes; 0 without one
 * @param syscalls its host calls since it was made or got its present program
 */
public record ProcessInfo(
        int pid,
        int parent,
        List<String> arguments,
        State state,
        int threads,
        int descriptors,
        long memory,
        long syscalls) {

    /** The state of a process. */
    public enum State {
        /** It runs, or waits for something. */
        RUNNING,
        /** A signal has stopped it. */
        STOPPED,
        /** It has ended, and its parent has not waited for it. */
        ZOMBIE
    }

    /**
     * Copies the list; nothing may be null.
     *
     * @param pid its number in the guest; 1 is the first
     * @param parent the number of its parent, 0 for the first
     * @param arguments its command line, the program's name first
     * @param state its state
     * @param threads its threads
     * @param descriptors its open descriptors
     * @param memory the size of its linear memory, in bytes; 0 without one
     * @param syscalls its host calls since it was made or got its present program
     */
    public ProcessInfo {
        arguments = List.copyOf(arguments);
    }
}
