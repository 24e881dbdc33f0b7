package org.wasix4j.system.process;

import org.wasix4j.system.thread.GuestThread;

/**
 * Whether a process is stopped by a signal (SIGSTOP and its like). Its threads are held when they
 * return from a host call, until it is continued or ends.
 */
public final class StopState {

    private final ProcessTable table;
    private final int pid;
    private final GuestThreads threads;

    /** The signal that has stopped it, or 0. */
    private volatile int signal;

    /**
     * A process that is not stopped.
     *
     * @param table learns of stops and continuations, for the parent
     */
    public StopState(ProcessTable table, int pid, GuestThreads threads) {
        this.table = table;
        this.pid = pid;
        this.threads = threads;
    }

    /** Another program takes over in the same process: it is stopped when this is. */
    public void takeOver(StopState before) {
        signal = before.signal;
    }

    /** Whether it is stopped now. */
    public boolean isStopped() {
        return signal != 0;
    }

    /** Stops the process; nothing when it is stopped already. */
    public void stop(int by) {
        if (signal == 0) {
            signal = by;
            table.stopped(pid, by);
        }
    }

    /** Lets the process go on; nothing when it is not stopped. */
    public void resume() {
        if (signal != 0) {
            signal = 0;
            threads.wakeAll();
            table.continued(pid);
        }
    }

    /** Keeps a thread that is about to return to the guest, while its process is stopped. */
    public void awaitContinue(GuestThread thread, GuestThread.Owner process) {
        if (signal == 0) {
            return;
        }
        thread.beginWait();
        while (signal != 0 && !process.isEnding()) {
            thread.park(GuestThread.FOREVER, false);
        }
    }
}
