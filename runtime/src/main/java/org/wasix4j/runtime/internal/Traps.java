package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.ChicoryException;
import org.wasix4j.system.thread.ExitReason;

/** Turns what came out of the engine into a reason to end, with the function it came from. */
final class Traps {

    private static final String COMPILED = "com.dylibso.chicory.$gen.";
    private static final String METHOD = "func_";

    private Traps() {}

    /** The reason that something thrown out of the guest stands for. */
    static ExitReason reason(LoadedModule module, Throwable thrown) {
        if (thrown instanceof StackOverflowError
                || thrown.getCause() instanceof StackOverflowError) {
            return trap("call stack exhausted", module, thrown);
        }
        if (thrown instanceof WasmException) {
            return trap("an exception that nobody caught", module, thrown);
        }
        if (thrown instanceof ChicoryException) {
            return trap(thrown.getMessage(), module, thrown);
        }
        if (thrown instanceof InternalError) {
            return trap("the host has no memory left for a page of the guest's", module, thrown);
        }
        if (thrown instanceof OutOfMemoryError) {
            return trap("the host has no memory left: " + thrown.getMessage(), module, thrown);
        }
        return ExitReason.hostFault("the engine", thrown);
    }

    private static ExitReason trap(String what, LoadedModule module, Throwable thrown) {
        String where = where(module, thrown);
        return ExitReason.trapped(where == null ? what : what + ", in " + where, thrown);
    }

    /** The innermost function of the guest on the stack; interpreted ones leave no trace. */
    private static String where(LoadedModule module, Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            String method = frame.getMethodName();
            if (frame.getClassName().startsWith(COMPILED) && method.startsWith(METHOD)) {
                try {
                    return module.describe(Integer.parseInt(method.substring(METHOD.length())));
                } catch (NumberFormatException e) {
                    return null;
                }
            }
        }
        return thrown.getCause() == null ? null : where(module, thrown.getCause());
    }
}
