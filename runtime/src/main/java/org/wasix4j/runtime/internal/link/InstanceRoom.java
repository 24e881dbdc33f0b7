package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.TableFactory;

/** Makes the tables of a thread's instances, and counts what these hold on the heap. */
public interface InstanceRoom extends TableFactory {

    /**
     * Takes room for an instance of a module, with the tables that it makes.
     *
     * @return false, with nothing taken, when the guest has too little memory left
     */
    boolean takeInstance(LinkableModule module);
}
