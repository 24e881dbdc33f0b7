package org.wasix4j.system.thread;

import org.wasix4j.types.Nullable;

/**
 * The frames of a guest thread as something that can be left, kept, and entered again: what fork
 * and setjmp need. A thread has one when its module was built with asyncify.
 *
 * <p>Leaving: a host call says what it waits for and returns at once; the guest's functions return
 * one after the other; then the act runs, outside the guest. Entering: the guest's functions are
 * called again and arrive at the same host call, which takes its answer and goes on. In between the
 * guest makes no other call.
 */
public interface GuestStack {

    /** Frames that were left. Immutable; can be entered any number of times, by a copy too. */
    interface Frames {
        /** About how many bytes they take. */
        int size();
    }

    /** What is done when the frames are gone. */
    @FunctionalInterface
    interface Act {
        /**
         * Runs on the guest's thread, outside the guest.
         *
         * @param frames those that were left
         * @return where the guest goes on
         */
        Entry act(Frames frames);
    }

    /**
     * Where a guest goes on.
     *
     * @param frames the frames to be entered
     * @param answer what the host call at the end of them answers
     */
    record Entry(Frames frames, long answer) {}

    /** The host call that the guest is being led away from or back to, or null. */
    @Nullable
    String pending();

    /** Whether the guest has been led back: the pending call takes its {@link #answer}. */
    boolean isEntering();

    /** What the entry has for the pending call; the guest runs on when that returns. */
    long answer();

    /** Why the frames cannot be left now, in words, or null when they can. */
    @Nullable
    String obstacle();

    /**
     * Begins to leave. The host call returns at once, with whatever result.
     *
     * @param call the name of the host call
     * @throws org.wasix4j.types.ErrnoException nomem when there is no room for the frames
     */
    void leave(String call, Act act);

    /** Gives all frames up and goes on elsewhere; what is to be thrown. */
    Unwind jump(Entry entry);
}
