package org.wasix4j.system;

import java.util.List;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.ValueType;

/**
 * Shared libraries, and functions of the table by number, for one process; implemented by the
 * engine side. All of it is called on the guest's threads.
 */
public interface DynamicLinker {

    /** The handle of the program itself. */
    int PROGRAM = 1;

    /**
     * A value, or why there is none.
     *
     * @param errno success when there is a value
     * @param value what was asked for
     * @param problem why there is none, for a human; null otherwise
     */
    record Answer(Errno errno, int value, @Nullable String problem) {

        /** A value. */
        public static Answer of(int value) {
            return new Answer(Errno.SUCCESS, value, null);
        }

        /** A failure. */
        public static Answer failure(Errno errno, String problem) {
            return new Answer(errno, 0, problem);
        }
    }

    /** What a function takes and returns. */
    record Signature(List<ValueType> arguments, List<ValueType> results) {}

    /**
     * Opens a library, with what it needs, and runs its constructors.
     *
     * @param name a path when there is a slash in it, else the name of a file in the folders for
     *     libraries; empty for the program itself
     * @param flags those of {@code dlopen}, as the ABI numbers them
     * @param libraryPath folders in which to look first, with colons between
     * @return the handle
     */
    Answer open(String name, int flags, String libraryPath);

    /**
     * The address of a symbol: of a datum in memory, or of a function in the table.
     *
     * @param handle where to look: a library with what it needs, or 0 for everything global
     */
    Answer symbol(int handle, String name);

    /** Whether a handle is that of a library. */
    boolean isHandle(int handle);

    /** What a function takes and returns; null when there is none at that place of the table. */
    @Nullable
    Signature signature(int function);

    /**
     * Calls a function.
     *
     * @param arguments as many as it takes; a float as its bits
     * @return as many as it returns
     */
    long[] call(int function, long[] arguments);

    /**
     * Reserves a place of the table.
     *
     * @return its number, or a failure by nomem
     */
    Answer allocateClosure();

    /**
     * Puts a function at a place that was reserved. It writes its arguments to memory and calls the
     * backing function with where they are, where results are to be, and the user's data.
     *
     * @return success, inval for a place that was not reserved
     */
    Errno prepareClosure(int closure, Signature signature, int backing, int userData);

    /** Whether a place was reserved, so that another function can come to be there. */
    boolean isClosure(int function);

    /** Gives a place back, if it was reserved. */
    void freeClosure(int closure);
}
