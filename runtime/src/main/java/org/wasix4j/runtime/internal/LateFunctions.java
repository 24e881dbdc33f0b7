package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.FunctionBody;
import org.wasix4j.runtime.internal.link.TypedMachine;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessRunner;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * Functions of which it is found that they cannot be compiled when the program runs already. They
 * are interpreted, beside the main class, which knows nothing of them. Public because compiled code
 * and the interpreter have loaders of their own; no other code may call it.
 */
public final class LateFunctions {

    /** How the message of a trap in a function begins that is not valid. */
    static final String NOT_VALID = "the function is not valid";

    private LateFunctions() {}

    /** Interprets a function. */
    public static @Nullable long[] call(long[] arguments, int function, Instance instance) {
        StackRoom.require(1);
        tell(function, instance);
        return InterpreterCode.machine(instance, function).call(function, arguments);
    }

    /** The operator is told once that a function is interpreted. */
    private static void tell(int function, Instance instance) {
        LazyLoader loader = loader(instance);
        if (loader == null || runner(instance) == null) {
            return;
        }
        String name = loader.code().takeUntold(function);
        if (name != null) {
            tell(name, instance);
        }
    }

    /** Who receives notices of an instance, or null. */
    static @Nullable ProcessRunner runner(Instance instance) {
        GuestProcess process =
                instance.memory() instanceof AtomicMemory memory ? memory.process() : null;
        return process == null ? null : process.runner();
    }

    /** The operator is told that a function is interpreted. */
    static void tell(String name, Instance instance) {
        ProcessRunner runner = runner(instance);
        if (runner != null) {
            runner.notice(name + " cannot be compiled and will run slowly");
        }
    }

    /** What a function traps with that is not valid, given why it was refused. */
    static String notValid(Throwable refusal) {
        String why = ModuleLoading.firstLine(refusal);
        // a constant of a class has a limit
        return NOT_VALID + ": " + Printable.foreign(why.substring(0, Math.min(200, why.length())));
    }

    /** Traps in a function that is not valid. */
    public static void trap(String message) {
        throw new TrapException(message);
    }

    /** The body of a function, as the interpreter asks for it. */
    public static @Nullable FunctionBody body(Instance instance, long function) {
        LazyLoader loader = loader(instance);
        FunctionBody late = loader == null ? null : loader.code().late((int) function);
        return late != null ? late : instance.function(function);
    }

    /** A global, as the interpreter asks for it; some are fields of the main class. */
    public static GlobalInstance global(Instance instance, int global) {
        GlobalInstance own = instance.global(global);
        LazyLoader loader = loader(instance);
        TransferCode transfers = loader == null ? null : loader.code().transfers();
        return transfers == null || !transfers.contains(global)
                ? own
                : new Field(own, instance, transfers.accessor(global));
    }

    private static @Nullable LazyLoader loader(Instance instance) {
        return TypedMachine.machine(instance).getClass().getClassLoader() instanceof LazyLoader lazy
                ? lazy
                : null;
    }

    /** A field of the main class as a global. */
    private static final class Field extends GlobalInstance {
        private final Instance instance;
        private final String accessor;

        Field(GlobalInstance own, Instance instance, String accessor) {
            super(0, 0, own.getType(), own.getMutabilityType());
            this.instance = instance;
            this.accessor = accessor;
        }

        @Override
        public long getValueLow() {
            return getValue();
        }

        @Override
        public long getValue() {
            try {
                return (long)
                        TypedMachine.machine(instance)
                                .getClass()
                                .getMethod(accessor, Instance.class)
                                .invoke(null, instance);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void setValue(long value) {
            try {
                TypedMachine.machine(instance)
                        .getClass()
                        .getMethod(accessor, long.class, Instance.class)
                        .invoke(null, value, instance);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
