package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmException;
import java.util.Arrays;

/**
 * Exceptions of guest code, compiled or interpreted ({@link EngineCalls}). The engine keeps one
 * exception for each tag, so that {@code throw_ref} throws the newest one and not the one that was
 * caught; and each of its exceptions takes down the stack. Public because the code has a class
 * loader of its own; nobody else is to call it.
 *
 * <p>In the engine's code an {@code exnref} is an int. Here it is the number of the exception among
 * those that its thread has caught by reference. A thread remembers the last {@value #REMEMBERED}
 * of them: nothing tells when the guest has forgotten one. What compilers emit throws a reference
 * again before as many others were caught; an older one traps.
 */
public final class GuestExceptions {

    private static final int REMEMBERED = 8192;
    private static final int AT_FIRST = 16;

    private static final ThreadLocal<Caught> CAUGHT = ThreadLocal.withInitial(Caught::new);

    private GuestExceptions() {}

    /**
     * Uses everything here once. A guest decides how deep its stack is when it throws for the first
     * time; a stack overflow in a static initialiser would make a class unusable for good.
     */
    static void initialise() {
        CAUGHT.get().reference(new Thrown(null, 0, new long[0]));
        CAUGHT.remove();
    }

    /** {@code throw}, as compiled code calls it. */
    public static WasmException createWasmException(long[] values, int tag, Instance instance) {
        return new Thrown(instance, tag, values == null ? new long[0] : values);
    }

    /** The reference that {@code catch_ref} and {@code catch_all_ref} give to the guest. */
    public static int registerException(Instance instance, WasmException exception) {
        return CAUGHT.get().reference(exception);
    }

    /**
     * The exception that {@code throw_ref} throws.
     *
     * @throws TrapException when the reference is null or no longer known
     */
    public static WasmException exn(Instance instance, int reference) {
        return CAUGHT.get().exception(reference);
    }

    /**
     * Whether a handler is one for an exception. The engine takes any two tags of the same type for
     * one when the handler's is imported; but then a longjmp is caught as an exception of C++.
     */
    public static boolean exceptionMatches(WasmException exception, int tag, Instance instance) {
        Instance thrower = exception.instance();
        return thrower == instance && exception.tagIdx() == tag
                || thrower.tag(exception.tagIdx()) == instance.tag(tag);
    }

    /** An exception that does not take down the stack. */
    public static final class Thrown extends WasmException {
        private static final long serialVersionUID = 1;

        /** Its number, once it was caught by reference. */
        private int reference = -1;

        /** As the engine's own exception. */
        public Thrown(Instance instance, int tag, long[] values) {
            super(instance, tag, values);
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    /** The exceptions that a thread has caught by reference, the newest ones. */
    private static final class Caught {

        private Thrown[] exceptions = new Thrown[AT_FIRST];
        private int next;

        int reference(WasmException exception) {
            Thrown thrown =
                    exception instanceof Thrown own
                            ? own
                            : new Thrown(
                                    exception.instance(), exception.tagIdx(), exception.args());
            if (thrown.reference >= 0 && at(thrown.reference) == thrown) {
                return thrown.reference;
            }
            if (next == exceptions.length && next < REMEMBERED) {
                exceptions = Arrays.copyOf(exceptions, 2 * next);
            }
            thrown.reference = next;
            exceptions[next & exceptions.length - 1] = thrown;
            // the null reference is negative
            next = next + 1 & Integer.MAX_VALUE;
            return thrown.reference;
        }

        private Thrown at(int reference) {
            return exceptions[reference & exceptions.length - 1];
        }

        WasmException exception(int reference) {
            if (reference < 0) {
                throw new TrapException("null exception reference");
            }
            Thrown thrown = at(reference);
            if (thrown == null || thrown.reference != reference) {
                throw new TrapException(
                        "an exception reference that is older than the last "
                                + REMEMBERED
                                + " exceptions");
            }
            return thrown;
        }
    }
}
