package org.wasix4j.runtime.internal.link;

import java.lang.reflect.InvocationTargetException;

/** Calls by reflection. Public for the package above; no other code may use it. */
public final class Reflected {

    private Reflected() {}

    /**
     * What the called method or constructor has thrown, to be thrown on as it is.
     *
     * @return an unchecked exception; an error is thrown at once
     */
    public static RuntimeException thrown(InvocationTargetException e) {
        Throwable cause = e.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException exception
                ? exception
                : new IllegalStateException(cause);
    }
}
