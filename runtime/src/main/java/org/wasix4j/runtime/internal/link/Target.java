package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import org.wasix4j.types.Nullable;

/**
 * A function of an instance that is called with its arguments as they are. Each subclass is for one
 * function, is made when the function has been called often, and overrides the method for the
 * number of its parameters. So HotSpot can inline the function where it is called. Public because
 * compiled code, which has a loader of its own, calls it; no other code may.
 *
 * <p>Arguments and the result are longs, as in the engine's arrays: a float as its bits. A function
 * without a result returns anything.
 */
public abstract class Target {

    /** Functions with more parameters, or more than one result, are called by the engine's way. */
    public static final int MOST_ARGUMENTS = 10;

    /** The memory of the instance. */
    protected final Memory memory;

    /** The instance that the function belongs to. */
    protected final Instance home;

    /** The name of the function's type; equal types have the same object. */
    final @Nullable String type;

    /** Its number in the module. */
    final int function;

    /** What the table has for the module, when the function was called by pointer. */
    @Nullable Library library;

    /** One that only makes others: it is never called. */
    @SuppressWarnings("NullAway")
    protected Target() {
        home = null;
        memory = null;
        type = null;
        function = -1;
    }

    /** Makes one of the same class: reflection would take longer than all else, in each thread. */
    public abstract Target of(TypedMachine machine, int function);

    /** A function of the instance that a machine runs. */
    protected Target(TypedMachine machine, int function) {
        home = machine.home();
        memory = home.memory();
        type = machine.typeOf(function);
        this.function = function;
    }

    private static IllegalStateException otherNumber() {
        return new IllegalStateException("the function has another number of parameters");
    }

    /** Calls a function with no arguments. */
    public long call0() {
        throw otherNumber();
    }

    /** Calls a function with an argument. */
    public long call1(long a) {
        throw otherNumber();
    }

    /** Calls a function with 2 arguments. */
    public long call2(long a, long b) {
        throw otherNumber();
    }

    /** Calls a function with 3 arguments. */
    public long call3(long a, long b, long c) {
        throw otherNumber();
    }

    /** Calls a function with 4 arguments. */
    public long call4(long a, long b, long c, long d) {
        throw otherNumber();
    }

    /** Calls a function with 5 arguments. */
    public long call5(long a, long b, long c, long d, long e) {
        throw otherNumber();
    }

    /** Calls a function with 6 arguments. */
    public long call6(long a, long b, long c, long d, long e, long f) {
        throw otherNumber();
    }

    /** Calls a function with 7 arguments. */
    public long call7(long a, long b, long c, long d, long e, long f, long g) {
        throw otherNumber();
    }

    /** Calls a function with 8 arguments. */
    public long call8(long a, long b, long c, long d, long e, long f, long g, long h) {
        throw otherNumber();
    }

    /** Calls a function with 9 arguments. */
    public long call9(long a, long b, long c, long d, long e, long f, long g, long h, long i) {
        throw otherNumber();
    }

    /** Calls a function with 10 arguments. */
    public long call10(
            long a, long b, long c, long d, long e, long f, long g, long h, long i, long j) {
        throw otherNumber();
    }
}
