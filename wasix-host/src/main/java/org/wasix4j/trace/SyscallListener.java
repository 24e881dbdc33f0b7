package org.wasix4j.trace;

/** Is told of every host call; called on the guest's thread, must be quick and must not throw. */
@FunctionalInterface
public interface SyscallListener {

    /** A call has returned to the guest, or never will: the guest ends or unwinds in it. */
    void completed(TracedCall call);
}
