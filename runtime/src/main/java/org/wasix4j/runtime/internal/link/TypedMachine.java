package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;

/**
 * The machine of a compiled module that can be called from other modules without an array of
 * arguments. The compiled main class of a module extends it, and overrides those of {@code call0}
 * to {@code call10} for which it has functions. Public because that class has a loader of its own;
 * nobody else is to call it.
 *
 * <p>Arguments and the result are longs, as in the engine's arrays: a float as its bits. A function
 * without a result returns anything.
 */
public abstract class TypedMachine implements Machine {

    /** Functions with more parameters, or more than one result, are called by the engine's way. */
    public static final int MOST_ARGUMENTS = 10;

    /** The memory of the instance. */
    protected final Memory memory;

    /** What is run. */
    protected final Instance home;

    /** The names of its types, by number. */
    private String[] types;

    /** The names of its functions' types. */
    private String[] functions;

    /** A machine of an instance that is being made. */
    protected TypedMachine(Instance instance) {
        home = instance;
        memory = instance.memory();
    }

    /** The types of a module and of its functions, in a form that other modules can compare. */
    public static final class Types {

        /** By number of the type; null when it is none of a function. */
        private final String[] types;

        private final String[] functions;

        /** Those of a module. */
        public Types(WasmModule module) {
            FunctionType[] all = module.typeSection().types();
            types = new String[all.length];
            for (int i = 0; i < all.length; i++) {
                types[i] = name(all[i]);
            }
            List<String> its = new ArrayList<>();
            for (int i = 0; i < module.importSection().importCount(); i++) {
                if (module.importSection().getImport(i) instanceof FunctionImport function) {
                    its.add(types[function.typeIndex()]);
                }
            }
            for (int i = 0; i < module.functionSection().functionCount(); i++) {
                its.add(types[module.functionSection().getFunctionType(i)]);
            }
            functions = its.toArray(new String[0]);
        }

        /** Equal types have the same object as a name; the JVM drops those that nobody has. */
        private static String name(FunctionType type) {
            if (type == null) {
                return null;
            }
            StringBuilder name = new StringBuilder("wasm:");
            type.params().forEach(each -> append(name, each));
            name.append('>');
            type.returns().forEach(each -> append(name, each));
            return name.toString().intern();
        }

        private static void append(StringBuilder name, ValType type) {
            name.append(Long.toHexString(type.id())).append(',');
        }
    }

    /** Says which types its module has; before anything is called. */
    public final void describe(Types its) {
        types = its.types;
        functions = its.functions;
    }

    /**
     * The machine that runs a function of another module for an indirect call, or null when it has
     * to be called by the engine's way.
     *
     * @param type the number that the caller has for the function's type
     * @throws ChicoryException when the function has another type
     */
    public static TypedMachine of(Instance callee, Instance caller, int type, int function) {
        if (callee.getMachine() instanceof TypedMachine to
                && caller.getMachine() instanceof TypedMachine from) {
            if (to.functions[function] != from.types[type]) {
                throw new ChicoryException("indirect call type mismatch");
            }
            return to;
        }
        return null;
    }

    /** Calls a function for which the main class has no case. */
    public static long boxed(Instance instance, int function, long[] arguments) {
        long[] results = instance.getMachine().call(function, arguments);
        return results == null || results.length == 0 ? 0 : results[0];
    }

    /** Calls a function with no arguments. */
    public long call0(int function) {
        return boxed(home, function, new long[] {});
    }

    /** Calls a function with an argument. */
    public long call1(int function, long a) {
        return boxed(home, function, new long[] {a});
    }

    /** Calls a function with 2 arguments. */
    public long call2(int function, long a, long b) {
        return boxed(home, function, new long[] {a, b});
    }

    /** Calls a function with 3 arguments. */
    public long call3(int function, long a, long b, long c) {
        return boxed(home, function, new long[] {a, b, c});
    }

    /** Calls a function with 4 arguments. */
    public long call4(int function, long a, long b, long c, long d) {
        return boxed(home, function, new long[] {a, b, c, d});
    }

    /** Calls a function with 5 arguments. */
    public long call5(int function, long a, long b, long c, long d, long e) {
        return boxed(home, function, new long[] {a, b, c, d, e});
    }

    /** Calls a function with 6 arguments. */
    public long call6(int function, long a, long b, long c, long d, long e, long f) {
        return boxed(home, function, new long[] {a, b, c, d, e, f});
    }

    /** Calls a function with 7 arguments. */
    public long call7(int function, long a, long b, long c, long d, long e, long f, long g) {
        return boxed(home, function, new long[] {a, b, c, d, e, f, g});
    }

    /** Calls a function with 8 arguments. */
    public long call8(
            int function, long a, long b, long c, long d, long e, long f, long g, long h) {
        return boxed(home, function, new long[] {a, b, c, d, e, f, g, h});
    }

    /** Calls a function with 9 arguments. */
    public long call9(
            int function, long a, long b, long c, long d, long e, long f, long g, long h, long i) {
        return boxed(home, function, new long[] {a, b, c, d, e, f, g, h, i});
    }

    /** Calls a function with 10 arguments. */
    public long call10(
            int function,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h,
            long i,
            long j) {
        return boxed(home, function, new long[] {a, b, c, d, e, f, g, h, i, j});
    }
}
