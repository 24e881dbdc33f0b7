package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import org.wasix4j.system.ProcessRunner;
import org.wasix4j.system.thread.StackRoom;

/**
 * Tells of functions that are interpreted, because they could not be compiled, and have much to do.
 * Public because {@link GuestInterpreter} runs under another name; no other code may call it.
 */
public final class HotFunctions {

    /** An interpreter has executed so many instructions, which take it a second or two. */
    public static final long MANY = 50_000_000;

    private HotFunctions() {}

    /** A function was found running when many instructions had been executed once more. */
    public static void tell(Instance instance, int function) {
        ProcessRunner runner = LateFunctions.runner(instance);
        if (runner == null) {
            return;
        }
        try {
            StackRoom.require(1);
        } catch (StackOverflowError e) {
            // there will be another time
            return;
        }
        runner.notice(
                "function "
                        + function
                        + " has much to do and is interpreted, because it could not be compiled:"
                        + " it runs some hundred times slower");
    }
}
