package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.lang.reflect.Field;
import org.wasix4j.types.Nullable;

/**
 * The machine of an instance that begins interpreted ({@link InterpretedStart}). Compiled code
 * expects a machine of its main class in the instance: when there is code, the instance gets that
 * one, in a field that the engine has as a final one.
 */
final class TieredMachine implements Machine {

    /** From this Java on it is warned of changes of final fields, and later refused. */
    private static final int FINAL_IS_FINAL = 26;

    private final Instance instance;
    private final InterpretedStart start;
    private @Nullable Machine interpreter;

    TieredMachine(Instance instance, InterpretedStart start) {
        this.instance = instance;
        this.start = start;
    }

    /** The machine in an instance, or null when it cannot be exchanged. */
    static @Nullable Field field() {
        if (Runtime.version().feature() >= FINAL_IS_FINAL) {
            return null;
        }
        try {
            Field field = Instance.class.getDeclaredField("machine");
            return field.trySetAccessible() ? field : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    @Override
    public @Nullable long[] call(int function, long[] arguments) {
        Machine compiled = exchange();
        if (compiled != null) {
            return compiled.call(function, arguments);
        }
        Machine own = interpreter;
        if (own == null) {
            start.begins();
            own = InterpreterCode.machine(instance, start);
            interpreter = own;
        }
        return own.call(function, arguments);
    }

    /** Gives an instance the machine that compiled code expects, when there is compiled code. */
    static void exchange(Instance instance) {
        if (instance.getMachine() instanceof TieredMachine tiered) {
            tiered.exchange();
        }
    }

    private @Nullable Machine exchange() {
        Machine now = instance.getMachine();
        if (now != this) {
            return now;
        }
        Machine compiled = start.machine(instance);
        if (compiled != null) {
            try {
                start.machineField().set(instance, compiled);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
        return compiled;
    }
}
