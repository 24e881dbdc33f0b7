package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/**
 * A function of a library that is called with its arguments as they are, in any thread. Each
 * subclass is for one function, is made when the function has been called often, and overrides the
 * method for the number of its parameters. So HotSpot can inline the function where it is called.
 * Public because compiled code, which has a loader of its own, calls it; no other code may.
 *
 * <p>Arguments and the result are longs, as in the engine's arrays: a float as its bits. A function
 * without a result returns anything. Behind the arguments come the memory of the process and the
 * instance of the library in the calling thread.
 */
public abstract class Target {

    /** Functions with more parameters, or more than one result, are called by the engine's way. */
    public static final int MOST_ARGUMENTS = 10;

    /** What the function is a part of; null for one that only makes others. */
    final Library library;

    /** The name of the function's type; equal types have the same object. */
    final @Nullable String type;

    /** Its number in the module. */
    final int function;

    /** One that only makes others: it is never called. */
    @SuppressWarnings("NullAway")
    protected Target() {
        library = null;
        type = null;
        function = -1;
    }

    /** Makes one of the same class: reflection would take longer than all else. */
    public abstract Target of(TypedMachine machine, int function);

    /** A function of the library that a machine runs. */
    protected Target(TypedMachine machine, int function) {
        library = Objects.requireNonNull(machine.library());
        type = machine.typeOf(function);
        this.function = function;
    }

    private static IllegalStateException otherNumber() {
        return new IllegalStateException("the function has another number of parameters");
    }

    /** Calls a function with no arguments. */
    public long call0(Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with an argument. */
    public long call1(long a, Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 2 arguments. */
    public long call2(long a, long b, Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 3 arguments. */
    public long call3(long a, long b, long c, Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 4 arguments. */
    public long call4(long a, long b, long c, long d, Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 5 arguments. */
    public long call5(long a, long b, long c, long d, long e, Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 6 arguments. */
    public long call6(
            long a, long b, long c, long d, long e, long f, Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 7 arguments. */
    public long call7(
            long a, long b, long c, long d, long e, long f, long g, Memory memory, Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 8 arguments. */
    public long call8(
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h,
            Memory memory,
            Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 9 arguments. */
    public long call9(
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h,
            long i,
            Memory memory,
            Instance home) {
        throw otherNumber();
    }

    /** Calls a function with 10 arguments. */
    public long call10(
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h,
            long i,
            long j,
            Memory memory,
            Instance home) {
        throw otherNumber();
    }
}
