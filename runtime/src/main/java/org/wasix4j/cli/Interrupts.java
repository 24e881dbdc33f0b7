package org.wasix4j.cli;

import org.wasix4j.runtime.WasixProcess;
import sun.misc.Signal;

/**
 * SIGINT and SIGTERM. The first one goes to a guest that handles signals, and ends another; the
 * second one ends this process at once.
 */
final class Interrupts {

    private WasixProcess guest;
    private int count;

    /** Begins to listen. */
    void install() {
        for (String name : new String[] {"INT", "TERM"}) {
            try {
                Signal.handle(new Signal(name), signal -> received(signal.getNumber()));
            } catch (IllegalArgumentException e) {
                // the JVM was told to leave this signal alone (-Xrs)
            }
        }
    }

    /** Whom they are for, from now on. */
    synchronized void guest(WasixProcess process) {
        guest = process;
    }

    private synchronized void received(int number) {
        if (guest == null || count++ > 0) {
            Runtime.getRuntime().halt(128 + number);
        }
        if (!guest.signal(number)) {
            guest.destroy(number);
        }
    }
}
