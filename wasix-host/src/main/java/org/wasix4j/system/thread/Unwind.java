package org.wasix4j.system.thread;

/**
 * Leaves the guest's frames when its process or its thread ends. Stackless; passes through the
 * choke point of the calls untouched and is caught where the guest thread was started.
 */
public final class Unwind extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The process ends: its {@link ExitReason} says why. */
    public static final Unwind PROCESS = new Unwind("the process ends");

    /** Only the calling thread ends. */
    public static final Unwind THREAD = new Unwind("the thread ends");

    /** The frames are given up: the thread goes on at others. */
    public static final Unwind FRAMES = new Unwind("the thread goes on elsewhere");

    private Unwind(String message) {
        super(message, null, false, false);
    }
}
