package org.wasix4j.runtime.internal.link;

import org.wasix4j.system.DynamicLinker;
import org.wasix4j.types.Errno;

/** Why a library cannot be opened. */
final class LinkFailure extends RuntimeException {

    /** Why a library does not come in when the guest is at its memory limit. */
    static final String MEMORY_USED_UP = "the memory that the guest may use is used up";

    private static final long serialVersionUID = 1;

    private final Errno errno;
    private final String problem;

    LinkFailure(Errno errno, String problem) {
        super(problem, null, false, false);
        this.errno = errno;
        this.problem = problem;
    }

    DynamicLinker.Answer answer() {
        return DynamicLinker.Answer.failure(errno, problem);
    }
}
