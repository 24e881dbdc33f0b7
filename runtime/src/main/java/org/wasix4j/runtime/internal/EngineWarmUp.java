package org.wasix4j.runtime.internal;

import com.dylibso.chicory.compiler.internal.Compiler;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Initialises what the engine's compiler needs, once, while another thread reads the module. The
 * engine looks for the methods of its operations by their annotations and makes an object for each
 * instruction, which is a tenth of the work of a cold start.
 */
final class EngineWarmUp {

    private static final String[] CLASSES = {
        "com.dylibso.chicory.compiler.internal.EmitterMap",
        "com.dylibso.chicory.compiler.internal.ShadedRefs",
        EngineCalls.class.getName()
    };

    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private EngineWarmUp() {}

    /** Begins it, unless it has begun; returns at once. */
    static void begin() {
        if (BEGUN.compareAndSet(false, true)) {
            try {
                Workers.start("wasix4j-engine-warm-up", EngineWarmUp::initialise);
            } catch (OutOfMemoryError e) {
                // the host has no thread for it: the compiler does it when it comes to it
            }
        }
    }

    private static void initialise() {
        for (String name : CLASSES) {
            try {
                Class.forName(name, true, Compiler.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                // an engine that has other classes; or the compiler will say what is wrong
            }
        }
    }
}
