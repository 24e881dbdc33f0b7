package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import org.wasix4j.types.Nullable;

/**
 * The pointer of a C program's own stack, which lies in linear memory and has the size that the
 * linker gave it: 64 KiB by default. A function with a large local array can use it up. With the
 * stack at the bottom of memory, as wasm-ld lays it out, the pointer falls below zero then, and the
 * next access traps.
 */
final class StackPointer {

    private static final String NAME = "__stack_pointer";

    private StackPointer() {}

    /**
     * What is to be added to the message of a trap.
     *
     * @param instance of the thread that trapped, or null
     * @return a clause that begins with a comma, or an empty text when the stack is not used up
     */
    static String diagnosis(Instance instance) {
        GlobalInstance pointer = instance == null ? null : find(instance);
        if (pointer == null || (int) pointer.getValue() >= 0) {
            return "";
        }
        return ", because the program's own stack is full: its pointer is at "
                + (int) pointer.getValue()
                + ". A larger one is given to it when it is linked (-Wl,-z,stack-size=1048576)";
    }

    /** The exported global of that name; else the first, which is where wasm-ld puts it. */
    private static @Nullable GlobalInstance find(Instance instance) {
        GlobalInstance found;
        try {
            found = instance.exports().global(NAME);
        } catch (ChicoryException e) {
            if (instance.globalCount() == 0) {
                return null;
            }
            found = instance.global(0);
        }
        boolean fits =
                found.getMutabilityType() == MutabilityType.Var
                        && ValType.I32.equals(found.getType());
        return fits ? found : null;
    }
}
