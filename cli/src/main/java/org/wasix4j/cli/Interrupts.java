package org.wasix4j.cli;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.types.Nullable;
import sun.misc.Signal;

/**
 * What is sent to this process and meant for the guest. The first SIGINT or SIGTERM stops it, and
 * it has some time to end; the second one ends this process at once. SIGHUP, SIGUSR1 and SIGUSR2
 * are passed to the guest, which may reload its configuration or reopen its logs. HotSpot itself
 * uses SIGUSR2 to suspend threads, for the flight recorder above all, unless it is given another
 * signal as the start script does: without that, SIGUSR2 is left to HotSpot.
 *
 * <p>The JVM keeps SIGQUIT to itself, and writes a dump of its threads. SIGWINCH is not passed on:
 * it interrupts what waits, also in a guest that does not care for it, and the size of a terminal
 * never changes here.
 */
final class Interrupts {

    /**
     * The process that the signals are for, and how it is ended.
     *
     * @param grace how long it may take to end
     * @param delay the time before anything but a message happens
     * @param ending is called when the end was asked for
     * @param notice receives sentences for the user
     */
    record Target(
            WasixProcess guest,
            Duration grace,
            Duration delay,
            Runnable ending,
            Consumer<String> notice) {}

    private @Nullable Target target;
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

    /** Passes what comes from now on to this process. */
    synchronized void passTo(Target process) {
        target = process;
    }

    private synchronized void received(int number) {
        Target stopped = target;
        if (stopped == null || count++ > 0) {
            Runtime.getRuntime().halt(128 + number);
            return;
        }
        Thread stopping = new Thread(() -> stop(stopped, number), "wasix-stop");
        stopping.setDaemon(true);
        stopping.start();
    }

    /** A guest without a handler ends by it: that is what both do by default. */
    private synchronized void pass(int number) {
        if (target == null) {
            Runtime.getRuntime().halt(128 + number);
        } else if (!target.guest.signal(number)) {
            target.guest.destroy(number);
        }
    }

    private static void stop(Target target, int number) {
        try {
            target.ending.run();
            if (!target.delay.isZero()) {
                Thread.sleep(target.delay.toMillis());
            }
            long open = target.guest.metrics().connectionsOpen();
            if (open > 0 && !target.grace.isZero()) {
                target.notice.accept(
                        "waiting up to "
                                + target.grace.toMillis() / 1000.0
                                + " s for "
                                + open
                                + (open == 1 ? " connection" : " connections")
                                + "; again to end now");
            }
            target.guest.stop(number, target.grace);
        } catch (InterruptedException e) {
            target.guest.destroy(number);
        }
    }
}
