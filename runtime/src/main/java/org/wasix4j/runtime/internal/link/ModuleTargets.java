package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.Nullable;

/**
 * The functions of a compiled module as other modules call them, for all its instances: which types
 * they have, how often they were called, and the classes of those that were called often.
 */
public final class ModuleTargets {

    /** So many calls by the engine's way take about as long as making a class. */
    private static final int HOT = 2000;

    /** How many classes a module gets at most. */
    private static final int MOST_CLASSES = 1024;

    /** Makes the class for a function. */
    public interface Maker {

        /**
         * A class of targets.
         *
         * @return null when the function can be called by the engine's way only
         */
        @Nullable
        Factory make(int function, FunctionType type);
    }

    /** Makes the target for an instance. */
    public interface Factory {

        /** The function of the instance that the machine runs. */
        Target of(TypedMachine machine, int function);
    }

    private final Maker maker;

    private final FunctionType[] functionTypes;
    private final String[] functions;

    /** How often each was called; threads may lose a few. */
    private final int[] calls;

    /**
     * By function; null for one that has no class. Written under its lock and read without: a
     * thread that does not see a new one yet takes the lock.
     */
    private final Factory[] made;

    /** How many classes there are; guarded by {@link #made}. */
    private int classes;

    /** Those of a module. */
    public ModuleTargets(WasmModule module, Maker maker) {
        this.maker = maker;
        FunctionType[] all = module.typeSection().types();
        String[] types = new String[all.length];
        for (int i = 0; i < all.length; i++) {
            types[i] = all[i] == null ? null : name(all[i]);
        }
        List<Integer> its = new ArrayList<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport function) {
                its.add(function.typeIndex());
            }
        }
        for (int i = 0; i < module.functionSection().functionCount(); i++) {
            its.add(module.functionSection().getFunctionType(i));
        }
        functionTypes = new FunctionType[its.size()];
        functions = new String[its.size()];
        calls = new int[its.size()];
        made = new Factory[its.size()];
        for (int i = 0; i < functions.length; i++) {
            functionTypes[i] = all[its.get(i)];
            functions[i] = types[its.get(i)];
        }
    }

    /** Equal types have the same object as a name; the JVM drops those that are unused. */
    public static String name(FunctionType type) {
        StringBuilder name = new StringBuilder("wasm:");
        for (ValType each : type.params()) {
            append(name, each);
        }
        name.append('>');
        for (ValType each : type.returns()) {
            append(name, each);
        }
        return name.toString().intern();
    }

    private static void append(StringBuilder name, ValType type) {
        name.append(Long.toHexString(type.id())).append(',');
    }

    /** Null when there is no such function: an entry of the table may just be changing. */
    @Nullable
    String function(int function) {
        return function < functions.length ? functions[function] : null;
    }

    int functions() {
        return functions.length;
    }

    /** Counts a call; whether there are enough. */
    boolean isHot(int function) {
        return calls[function] >= HOT || ++calls[function] >= HOT;
    }

    /** The target of a function that was called often, or null when there is none. */
    @Nullable
    Target make(TypedMachine machine, int function) {
        Factory factory = made[function];
        if (factory == null) {
            factory = factory(function);
        }
        return factory == null ? null : factory.of(machine, function);
    }

    private @Nullable Factory factory(int function) {
        try {
            StackRoom.require(1);
        } catch (StackOverflowError e) {
            // another time: the guest is deep down
            return null;
        }
        synchronized (made) {
            if (made[function] == null && classes < MOST_CLASSES) {
                made[function] =
                        StackRoom.callForeign(() -> maker.make(function, functionTypes[function]));
                classes++;
            }
            if (made[function] == null) {
                // so that it is not asked for again soon
                calls[function] = Integer.MIN_VALUE;
            }
            return made[function];
        }
    }
}
