package org.wasix4j.runtime.internal.link;

/** What an import of a library stands for, in all threads. */
sealed interface Binding {

    /** A function of the host, which is another one in each process; by {@link HostFunctions}. */
    record HostFunction(String key) implements Binding {}

    /** A function of another library, or of the same one. */
    record Function(Library library, int function) implements Binding {}

    /** A missing function. A call of it traps. */
    record Missing(String problem) implements Binding {}

    /** The address of a function or of a datum, or zero for what is weak and missing. */
    record Address(int value) implements Binding {}

    /** The address of a function, which gets an entry of the table when it has none. */
    record FunctionAddress(Library library, int function) implements Binding {}

    /** The address of a missing function. */
    record MissingAddress(String problem) implements Binding {}

    /** The address of a datum, from where its library has its data. */
    record DataAddress(Library library, int offset) implements Binding {}

    /** The address of a thread-local, which is another one in each thread. */
    record ThreadLocalAddress(Library library, int offset) implements Binding {}

    /** A tag of exceptions that a library has. */
    record Tag(Library library, int index) implements Binding {}

    /** A tag of exceptions that is one for all that import it by that name. */
    record SharedTag(String name) implements Binding {}

    /** The memory of the process. */
    record Memory() implements Binding {}

    /** The table of functions. */
    record Table() implements Binding {}

    /** The stack pointer of the thread. */
    record StackPointer() implements Binding {}

    /** Where the data of the library itself begin. */
    record MemoryBase() implements Binding {}

    /** Where the functions of the library itself begin in the table. */
    record TableBase() implements Binding {}
}
