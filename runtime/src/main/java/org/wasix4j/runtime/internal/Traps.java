package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.ChicoryException;
import java.util.regex.Pattern;
import org.wasix4j.system.process.ProcessEnd;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.types.Nullable;

/**
 * Turns what came out of the engine into a reason to end, with the function it came from. Public
 * because the interpreter has a loader of its own; no other code may use it.
 */
public final class Traps {

    private static final String COMPILED = "com.dylibso.chicory.$gen.";
    private static final String METHOD = "func_";

    /** How the names of the interpreter's classes begin. */
    private static final String INTERPRETER = COMPILED + "interpreter.";

    private static final int ABRT = 6;
    private static final int FPE = 8;
    private static final int SEGV = 11;

    private static final Pattern NOTHING_TO_CALL =
            Pattern.compile(
                    "indirect call type mismatch|undefined element.*|uninitialized element.*");

    private Traps() {}

    /**
     * The reason that something thrown out of the guest stands for.
     *
     * @param instance of the thread that it was, or null
     * @param thread which thread it was, for the human, or null when there is only one
     */
    static ExitReason reason(
            LoadedModule module, Instance instance, @Nullable String thread, Throwable thrown) {
        ExitReason reason = reason(module, instance, thrown);
        return thread == null || reason.kind() != ExitReason.Kind.TRAPPED
                ? reason
                : ExitReason.trapped(reason.code(), reason.message() + ", in " + thread, thrown);
    }

    private static ExitReason reason(LoadedModule module, Instance instance, Throwable thrown) {
        if (thrown instanceof ChicoryException && thrown.getCause() instanceof StackOverflowError) {
            String message = thrown.getMessage();
            boolean plain = message == null || message.equals("call stack exhausted");
            return trap(plain ? ProcessEnd.STACK_EXHAUSTED : message, module, thrown);
        }
        if (thrown instanceof StackOverflowError
                || thrown.getCause() instanceof StackOverflowError) {
            return trap(ProcessEnd.STACK_EXHAUSTED, module, thrown);
        }
        if (thrown instanceof WasmException) {
            return trap("an uncaught exception", module, thrown);
        }
        if (thrown instanceof ChicoryException) {
            String message = thrown.getMessage();
            ExitReason reason = trap(message, module, thrown);
            String why = isOutOfBounds(message) ? StackPointer.diagnosis(instance) : "";
            return ExitReason.trapped(signal(message), reason.message() + why, thrown);
        }
        if (thrown instanceof InternalError) {
            return trap("the host has no memory left for a page of the guest's", module, thrown);
        }
        if (thrown instanceof OutOfMemoryError) {
            return trap("the host has no memory left: " + thrown.getMessage(), module, thrown);
        }
        return ExitReason.hostFault("the engine", thrown);
    }

    private static boolean isOutOfBounds(@Nullable String message) {
        return message != null && message.startsWith("out of bounds memory access");
    }

    /** The signal by which a program would end on Linux that did what the engine says. */
    private static int signal(@Nullable String message) {
        if (message == null
                || message.contains("unreachable")
                || message.startsWith(LateFunctions.NOT_VALID)) {
            return ABRT;
        }
        return message.contains("divide by zero") || message.contains("integer overflow")
                ? FPE
                : SEGV;
    }

    private static ExitReason trap(@Nullable String what, LoadedModule module, Throwable thrown) {
        String where = where(module, thrown);
        return ExitReason.trapped(where == null ? what : what + ", in " + where, thrown);
    }

    /**
     * Whether this is an export's own attempt to call what is no function of the right type: a
     * table entry that is empty, or of another type. Not one in a function that it has called.
     */
    static boolean foundNothingToCall(
            LoadedModule module, @Nullable String export, Throwable thrown) {
        String what = thrown.getMessage();
        if (!(thrown instanceof ChicoryException)
                || what == null
                || !NOTHING_TO_CALL.matcher(what).matches()) {
            return false;
        }
        int function = function(module, thrown);
        return function < 0 || function == module.exportedFunction(export);
    }

    /** Whether {@link #foundNothingToCall} is a call through a null pointer. */
    static boolean calledNull(Throwable thrown) {
        return "uninitialized element 0".equals(thrown.getMessage());
    }

    /** Notes that something was thrown in an interpreted function, if it was. */
    public static void name(Throwable thrown, int function) {
        StackTraceElement[] trace = thrown.getStackTrace();
        for (StackTraceElement frame : trace) {
            if (!frame.getClassName().startsWith(COMPILED)) {
                continue;
            }
            if (frame.getMethodName().startsWith(METHOD)) {
                return;
            }
            if (frame.getClassName().startsWith(INTERPRETER)) {
                break;
            }
        }
        StackTraceElement[] named = new StackTraceElement[trace.length + 1];
        named[0] = new StackTraceElement(INTERPRETER, METHOD + function, null, -1);
        System.arraycopy(trace, 0, named, 1, trace.length);
        thrown.setStackTrace(named);
    }

    /** Notes that all functions of a class are parts of one, which has another number. */
    static void rename(@Nullable Throwable thrown, String className, int function) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            StackTraceElement[] trace = each.getStackTrace();
            boolean changed = false;
            for (int i = 0; i < trace.length; i++) {
                if (trace[i].getClassName().equals(className)
                        && trace[i].getMethodName().startsWith(METHOD)) {
                    trace[i] = new StackTraceElement(className, METHOD + function, null, -1);
                    changed = true;
                }
            }
            if (changed) {
                each.setStackTrace(trace);
            }
        }
    }

    /** The innermost function of the guest on the stack. */
    private static @Nullable String where(LoadedModule module, Throwable thrown) {
        int function = function(module, thrown);
        return function < 0 ? null : module.describe(function);
    }

    /** The number of that function, or of the one that it is a part of; or -1. */
    private static int function(LoadedModule module, Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            String method = frame.getMethodName();
            if (frame.getClassName().startsWith(COMPILED) && method.startsWith(METHOD)) {
                try {
                    return Integer.parseInt(method.substring(METHOD.length())) % module.functions();
                } catch (NumberFormatException e) {
                    return -1;
                }
            }
        }
        return thrown.getCause() == null ? -1 : function(module, thrown.getCause());
    }
}
