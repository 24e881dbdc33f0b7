package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmException;
import java.lang.ref.SoftReference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * Exceptions of guest code, compiled or interpreted ({@link EngineCalls}). The engine keeps one
 * exception for each tag, so that {@code throw_ref} throws the newest one and not the one that was
 * caught; and each of its exceptions takes down the stack. Public because the code has a class
 * loader of its own; no other code may call it.
 *
 * <p>In the engine's code an {@code exnref} is an int. Here it is the number of the exception among
 * those that its thread has caught by reference. Nothing tells when the guest has forgotten one. So
 * a thread remembers the last {@value #CHUNK} of them for certain, and {@value #REMEMBERED} as long
 * as the JVM has memory for them: it drops the oldest before it runs out. A reference that is no
 * longer remembered traps.
 */
public final class GuestExceptions {

    private static final int CHUNK = 8_192;
    private static final int CHUNKS = 128;
    private static final int REMEMBERED = CHUNKS * CHUNK;
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
        public Thrown(@Nullable Instance instance, int tag, long[] values) {
            super(instance, tag, values);
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    /** The exceptions that a thread has caught by reference, the newest ones. */
    private static final class Caught {

        private Thrown[] newest = new Thrown[AT_FIRST];
        private Thrown[] before = {};

        /** All of them, by the number of the chunk; the JVM may drop those that only these hold. */
        private final Map<Integer, SoftReference<Thrown[]>> older = new HashMap<>();

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
            int place = next % CHUNK;
            if (place == 0 && newest.length == CHUNK) {
                turn();
            } else if (place == newest.length) {
                newest = Arrays.copyOf(newest, 2 * place);
            }
            newest[place] = thrown;
            thrown.reference = next;
            // the null reference is negative
            next = next + 1 & Integer.MAX_VALUE;
            return thrown.reference;
        }

        /** The newest chunk is full. */
        private void turn() {
            int number = chunk(next - 1);
            older.put(number, new SoftReference<>(newest));
            older.remove(chunk((number - CHUNKS + 1) * CHUNK));
            before = newest;
            newest = new Thrown[CHUNK];
        }

        /** The number of a reference's chunk. */
        private static int chunk(int reference) {
            return (reference & Integer.MAX_VALUE) / CHUNK;
        }

        private @Nullable Thrown at(int reference) {
            int place = reference % CHUNK;
            int chunk = chunk(reference);
            int last = chunk(next - 1);
            if (chunk == last) {
                return place < newest.length ? newest[place] : null;
            }
            if (chunk == chunk((last - 1) * CHUNK)) {
                return place < before.length ? before[place] : null;
            }
            SoftReference<Thrown[]> kept = older.get(chunk);
            Thrown[] exceptions = kept == null ? null : kept.get();
            return exceptions == null ? null : exceptions[place];
        }

        WasmException exception(int reference) {
            if (reference < 0) {
                throw new TrapException("null exception reference");
            }
            Thrown thrown = at(reference);
            if (thrown == null || thrown.reference != reference) {
                throw new TrapException(
                        "an exception reference from before the last "
                                + REMEMBERED
                                + " exceptions, or before the last "
                                + CHUNK
                                + " when memory is short");
            }
            return thrown;
        }
    }
}
