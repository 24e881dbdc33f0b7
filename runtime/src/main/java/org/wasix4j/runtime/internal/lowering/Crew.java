package org.wasix4j.runtime.internal.lowering;

import java.util.List;

/** Does pieces of work that do not depend on each other. */
@FunctionalInterface
public interface Crew {

    /** One piece after the other, on the calling thread. */
    // no lambda expression: the JVM's archives do not have those of interfaces
    Crew ALONE =
            new Crew() {
                @Override
                public void run(List<Runnable> pieces) {
                    for (Runnable piece : pieces) {
                        piece.run();
                    }
                }
            };

    /**
     * Does all pieces and waits for them. When one throws, so does this, and others may be left
     * undone.
     */
    void run(List<Runnable> pieces);
}
