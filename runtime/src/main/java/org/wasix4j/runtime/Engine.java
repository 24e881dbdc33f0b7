package org.wasix4j.runtime;

/** How a module's code is executed. */
public enum Engine {
    /** Compiled to JVM byte code when the module is loaded. */
    COMPILER,

    /** Interpreted: starts at once, but runs some hundred times slower. */
    INTERPRETER
}
