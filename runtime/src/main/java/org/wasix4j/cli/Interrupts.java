package org.wasix4j.cli;

import java.time.Duration;
import org.wasix4j.runtime.WasixProcess;
import sun.misc.Signal;

/**
 * SIGINT and SIGTERM. The first one stops the guest, which has some time to come to its end; the
 * second one ends this process at once.
 */
final class Interrupts {

    private WasixProcess guest;
    private Duration grace;
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

    /** Whom they are for, from now on, and how long it may take to end. */
    synchronized void guest(WasixProcess process, Duration time) {
        guest = process;
        grace = time;
    }

    private synchronized void received(int number) {
        if (guest == null || count++ > 0) {
            Runtime.getRuntime().halt(128 + number);
        }
        Thread stopping = new Thread(() -> stop(number), "wasix-stop");
        stopping.setDaemon(true);
        stopping.start();
    }

    private void stop(int number) {
        try {
            guest.stop(number, grace);
        } catch (InterruptedException e) {
            guest.destroy(number);
        }
    }
}
