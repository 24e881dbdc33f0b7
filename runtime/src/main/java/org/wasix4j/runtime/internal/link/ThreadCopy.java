package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.MutabilityType;
import java.util.HashMap;
import java.util.Map;
import org.wasix4j.types.Nullable;

/** How the instances of a thread are: what a copy of the thread begins with. */
public final class ThreadCopy {

    private final Map<Integer, long[]> globals = new HashMap<>();
    private final int[] threadLocals;
    private final long stackPointer;

    /**
     * A copy of what there is now.
     *
     * @param instances by the numbers of their libraries
     * @param threadLocals where each library has its own, by number
     */
    ThreadCopy(Map<Integer, Instance> instances, int[] threadLocals, long stackPointer) {
        instances.forEach((number, instance) -> globals.put(number, ownGlobals(instance)));
        this.threadLocals = threadLocals.clone();
        this.stackPointer = stackPointer;
    }

    /** The values of the globals that an instance has for itself. */
    private static long[] ownGlobals(Instance instance) {
        int imported = instance.imports().globalCount();
        long[] values = new long[instance.globalCount() - imported];
        for (int i = 0; i < values.length; i++) {
            values[i] = instance.global(imported + i).getValue();
        }
        return values;
    }

    /** Gives the globals of a new instance the values that {@link #globals} has. */
    static void setGlobals(Instance instance, long[] values) {
        int imported = instance.imports().globalCount();
        for (int i = 0; i < values.length; i++) {
            GlobalInstance global = instance.global(imported + i);
            if (global.getMutabilityType() == MutabilityType.Var) {
                global.setValue(values[i]);
            }
        }
    }

    /** The globals of a library, or null when it had no instance. */
    @Nullable
    long[] globals(Library library) {
        return globals.get(library.number);
    }

    int[] threadLocals() {
        return threadLocals;
    }

    long stackPointer() {
        return stackPointer;
    }
}
