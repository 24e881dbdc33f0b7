package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
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

    /** The names of the types, by number; null until one is asked for. */
    private final String[] types;

    /** How often each was called; threads may lose a few. */
    private final int[] calls;

    /**
     * By function; null for one that has no class. Written under its lock and read without: a
     * thread that does not see a new one yet takes the lock.
     */
    private final Factory[] made;

    /** How many classes there are; guarded by {@link #made}. */
    private int classes;

    /**
     * Those of a module.
     *
     * @param instance one of it; nothing of it is kept
     */
    public ModuleTargets(Instance instance, Maker maker) {
        this.maker = maker;
        types = new String[instance.module().typeSection().types().length];
        calls = new int[instance.functionCount()];
        made = new Factory[calls.length];
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

    /**
     * The name of the type of a function. Null when there is no such function: an entry of the
     * table may just be changing.
     *
     * @param instance one of the module
     */
    @Nullable
    String type(Instance instance, int function) {
        if (function >= calls.length) {
            return null;
        }
        int type = instance.functionType(function);
        String known = types[type];
        if (known == null) {
            known = name(instance.type(type));
            types[type] = known;
        }
        return known;
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
            factory = factory(machine, function);
        }
        return factory == null ? null : factory.of(machine, function);
    }

    private @Nullable Factory factory(TypedMachine machine, int function) {
        try {
            StackRoom.require(1);
        } catch (StackOverflowError e) {
            // another time: the guest is deep down
            return null;
        }
        synchronized (made) {
            if (made[function] == null && classes < MOST_CLASSES) {
                made[function] =
                        StackRoom.callForeign(
                                () -> maker.make(function, machine.functionType(function)));
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
