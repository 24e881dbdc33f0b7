package org.wasix4j.runtime.internal.lowering;

import java.util.List;

/** Does pieces of work that do not depend on each other. */
@FunctionalInterface
public interface Crew {

    /** One piece after the other, on the calling thread. */
    Crew ALONE = pieces -> pieces.forEach(Runnable::run);

    /**
     * Does all pieces and waits for them. When one throws, so does this, and others may be left
     * undone.
     */
    void run(List<Runnable> pieces);
}
