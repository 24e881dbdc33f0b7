package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Machine;

/**
 * The machine of a library in a program that was built with asyncify: notes that a function of the
 * library is on the stack, where such a program cannot be led away. Each module would have to
 * unwind its own frames, and libraries have no asyncify.
 */
final class WatchedMachine implements Machine {

    private final Machine machine;
    private final ThreadLibraries libraries;

    WatchedMachine(Machine machine, ThreadLibraries libraries) {
        this.machine = machine;
        this.libraries = libraries;
    }

    Machine machine() {
        return machine;
    }

    @Override
    public long[] call(int function, long[] arguments) {
        libraries.enterLibrary();
        try {
            return machine.call(function, arguments);
        } finally {
            libraries.leaveLibrary();
        }
    }
}
