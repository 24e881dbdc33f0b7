package org.wasix4j.trace;

/**
 * Receives every host call. Called on guest threads, several at a time; must be quick and must not
 * throw.
 */
@FunctionalInterface
public interface SyscallListener {

    /**
     * A call has returned to the guest, or never will: the guest ends or unwinds in it.
     *
     * @param call the call
     */
    void completed(TracedCall call);

    /**
     * What else happened meanwhile, in a sentence: a refusal of the policy, an error of the host.
     *
     * @param sentence the sentence, without a line end
     */
    default void note(String sentence) {}
}
