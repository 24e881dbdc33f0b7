package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.InvalidException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.wasix4j.runtime.internal.link.Reflected;
import org.wasix4j.runtime.internal.link.TypedMachine;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.Nullable;

/**
 * Calls functions by their numbers that the main class of a module does not list ({@link
 * FunctionNumbers}). Public because compiled code has a loader of its own; no other code may call
 * it.
 */
public final class UnlistedFunctions {

    private UnlistedFunctions() {}

    /**
     * Calls a function.
     *
     * @param perClass how many functions share a class
     * @throws InvalidException when there is no such function
     */
    public static @Nullable long[] call(
            Instance instance,
            @Nullable Memory memory,
            long[] arguments,
            int function,
            int perClass) {
        if (function < 0 || function >= instance.functionCount()) {
            throw new InvalidException("unknown function " + function);
        }
        StackRoom.require(1);
        Class<?> main = TypedMachine.machine(instance).getClass();
        try {
            return (long[])
                    entry(main, function, perClass).invoke(null, instance, memory, arguments);
        } catch (InvocationTargetException e) {
            throw Reflected.thrown(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("compiled code without a function", e);
        }
    }

    private static Method entry(Class<?> main, int function, int perClass)
            throws ReflectiveOperationException {
        LazyLoader loader = main.getClassLoader() instanceof LazyLoader its ? its : null;
        Method known = loader == null ? null : loader.entry(function);
        if (known == null) {
            String group = main.getName() + "FuncGroup_" + function / perClass;
            known =
                    Class.forName(group, true, main.getClassLoader())
                            .getMethod(
                                    "call_" + function, Instance.class, Memory.class, long[].class);
            known.setAccessible(true);
            if (loader != null) {
                loader.keep(function, known);
            }
        }
        return known;
    }
}
