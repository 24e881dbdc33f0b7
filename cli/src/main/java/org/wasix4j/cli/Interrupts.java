package org.wasix4j.cli;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.types.Nullable;
import sun.misc.Signal;

/**
 * What is sent to this process and meant for the guest. The first SIGINT or SIGTERM stops it, and
 * it has some time to come to its end; the second one ends this process at once. SIGHUP, SIGUSR1
 * and SIGUSR2 are the guest's own affair: to read its configuration again, say, or to open its logs
 * anew. HotSpot itself uses SIGUSR2 to suspend threads, for the flight recorder above all, unless
 * it is given another signal as the start script does: without that, SIGUSR2 is left to HotSpot.
 *
 * <p>The JVM keeps SIGQUIT to itself, and writes a dump of its threads. SIGWINCH is not passed on:
 * it interrupts what waits, also in a guest that does not care for it, and the size of a terminal
 * never changes here.
 */
final class Interrupts {

    private @Nullable WasixProcess guest;
    private @Nullable Duration grace;
    private @Nullable Duration delay;
    private @Nullable Runnable ending;
    private @Nullable Consumer<String> notice;
    private int count;

    /** Begins to listen. */
    void install() {
        for (String name : new String[] {"INT", "TERM"}) {
            handle(name, this::received);
        }
        handle("HUP", this::pass);
        handle("USR1", this::pass);
        if (StartScript.hasOtherJvmSignal()) {
            handle("USR2", this::pass);
        }
    }

    private static void handle(String name, IntConsumer handler) {
        try {
            Signal.handle(new Signal(name), signal -> handler.accept(signal.getNumber()));
        } catch (IllegalArgumentException e) {
            // the JVM leaves this signal alone (-Xrs)
        }
    }

    /**
     * The process that they are for, from now on.
     *
     * @param time how long it may take to end
     * @param before the delay before anything but a message happens
     * @param ending hears that the end was asked for
     * @param sentences for the human
     */
    synchronized void guest(
            WasixProcess process,
            Duration time,
            Duration before,
            Runnable ending,
            Consumer<String> sentences) {
        guest = process;
        grace = time;
        delay = before;
        this.ending = ending;
        notice = sentences;
    }

    private synchronized void received(int number) {
        if (guest == null || count++ > 0) {
            Runtime.getRuntime().halt(128 + number);
        }
        Thread stopping = new Thread(() -> stop(number), "wasix-stop");
        stopping.setDaemon(true);
        stopping.start();
    }

    /** A guest without a handler ends by it: that is what both do by default. */
    private synchronized void pass(int number) {
        if (guest == null) {
            Runtime.getRuntime().halt(128 + number);
        } else if (!guest.signal(number)) {
            guest.destroy(number);
        }
    }

    private void stop(int number) {
        try {
            ending.run();
            if (!delay.isZero()) {
                Thread.sleep(delay.toMillis());
            }
            long open = guest.metrics().connectionsOpen();
            if (open > 0 && !grace.isZero()) {
                notice.accept(
                        "waiting up to "
                                + grace.toMillis() / 1000.0
                                + " s for "
                                + open
                                + (open == 1 ? " connection" : " connections")
                                + "; again to end now");
            }
            guest.stop(number, grace);
        } catch (InterruptedException e) {
            guest.destroy(number);
        }
    }
}
