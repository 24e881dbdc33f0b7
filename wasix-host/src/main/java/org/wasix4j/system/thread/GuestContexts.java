package org.wasix4j.system.thread;

/**
 * The contexts of a guest thread: several stacks of frames, of which one runs at a time, until it
 * switches to another. Each has an id; that of the context in which the thread began is {@link
 * #MAIN}.
 */
public interface GuestContexts {

    /** The context in which the thread began. */
    long MAIN = 0;

    /**
     * Makes a context that will run a function when it is first switched to.
     *
     * @param function the place of the function in the table, of a type without parameters and
     *     results
     * @return its id
     * @throws org.wasix4j.types.ErrnoException inval when there is no such function, again when
     *     there are too many contexts, nomem
     */
    long create(int function);

    /**
     * Goes on in another context; returns when a context switches back to the calling one.
     *
     * @throws org.wasix4j.types.ErrnoException inval when there is no such context
     */
    void switchTo(long id);

    /**
     * Gives a context up, wherever it is.
     *
     * @throws org.wasix4j.types.ErrnoException inval for the calling context and for {@link #MAIN}
     */
    void destroy(long id);
}
