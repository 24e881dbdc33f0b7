package org.wasix4j.system.thread;

import org.wasix4j.types.Nullable;

/**
 * What stands on the stack of a guest thread, as far as the host can leave it and enter it again.
 * Touched by the thread itself.
 */
public final class ThreadFrames {

    private @Nullable GuestStack stack;
    private @Nullable Checkpoints checkpoints;
    private @Nullable GuestContexts contexts;

    /**
     * How many host calls the thread is in: more than one when a host call has called the guest.
     */
    private int depth;

    ThreadFrames() {}

    /** The frames as something that can be left and entered; null when they cannot. */
    public @Nullable GuestStack stack() {
        return stack;
    }

    /** Sets {@link #stack()}. */
    public void stack(@Nullable GuestStack frames) {
        stack = frames;
    }

    /** The frames that the thread can jump back to. */
    public Checkpoints checkpoints() {
        if (checkpoints == null) {
            checkpoints = new Checkpoints();
        }
        return checkpoints;
    }

    /** Takes over the checkpoints of the thread that forked. */
    void inherit(ThreadFrames parent) {
        checkpoints = parent.checkpoints == null ? null : new Checkpoints(parent.checkpoints);
    }

    /** The thread's contexts, or null when its module knows none. */
    public @Nullable GuestContexts contexts() {
        return contexts;
    }

    /** Sets {@link #contexts()}. */
    public void contexts(GuestContexts stacks) {
        contexts = stacks;
    }

    /** How many host calls the thread is in. */
    public int depth() {
        return depth;
    }

    /** Sets {@link #depth()}: another context runs. */
    public void depth(int calls) {
        depth = calls;
    }

    /** A host call begins. */
    public void enterCall() {
        depth++;
    }

    /** A host call is over. */
    public void leaveCall() {
        depth--;
    }

    /** Whether there are frames of the host between those of the guest: a handler runs, say. */
    public boolean isNested() {
        return depth > 1;
    }
}
