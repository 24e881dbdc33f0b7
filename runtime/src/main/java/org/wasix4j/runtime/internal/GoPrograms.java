package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;

/**
 * Tells programs of the Go compiler. All their goroutines are on one thread, which must not wait in
 * a call: the scheduler tries, and polls when the answer is {@code again}. So a listener that is
 * handed in has to be non-blocking for them, and {@code os.NewFile} looks at that flag. A C program
 * that loops over accept relies on the opposite.
 *
 * <p>The mark is the registers of Go's assembler, which its linker makes globals of: they are there
 * in stripped programs too. Behind them there may be more: parts of divided functions hand values
 * over in globals that we have added.
 */
final class GoPrograms {

    /** SP, CTXT, g, RET0 to RET3, PAUSE. */
    private static final ValType[] REGISTERS = {
        ValType.I32,
        ValType.I64,
        ValType.I64,
        ValType.I64,
        ValType.I64,
        ValType.I64,
        ValType.I64,
        ValType.I32
    };

    private GoPrograms() {}

    /** Whether the Go compiler has made a module. */
    static boolean isOne(WasmModule module) {
        GlobalSection globals = module.globalSection();
        if (globals == null || globals.globalCount() < REGISTERS.length) {
            return false;
        }
        for (int i = 0; i < REGISTERS.length; i++) {
            boolean mutable = globals.getGlobal(i).mutabilityType() == MutabilityType.Var;
            if (!mutable || !globals.getGlobal(i).valueType().equals(REGISTERS[i])) {
                return false;
            }
        }
        return true;
    }
}
