package org.wasix4j.runtime.internal;

import org.wasix4j.policy.Decision;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.trace.SyscallListener;

/** Writes refusals of the policy and errors of the host between the calls of a trace. */
record TracerNotes(SyscallListener tracer) implements ProcessListener {

    @Override
    public void denied(Decision decision) {
        tracer.note(decision.toString());
    }

    @Override
    public void hostError(String operation, Throwable error) {
        tracer.note(operation + ": " + error);
    }
}
