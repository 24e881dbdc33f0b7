package org.wasix4j.host;

import org.wasix4j.system.thread.GuestContexts;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Contexts, as ucontext(3) has them: {@code context_create}, {@code context_switch}, {@code
 * context_destroy}. They need nothing of the module.
 *
 * <p>Source: wasix-libc, {@code wasix/context.h}.
 */
public final class WasixContexts implements HostModule {

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "context_create" -> this::contextCreate;
            case "context_switch" -> this::contextSwitch;
            case "context_destroy" -> this::contextDestroy;
            default -> null;
        };
    }

    /**
     * {@code context_create(ret: *context_id, entrypoint)}: a context that will call a function of
     * the table, of the type () -> (), when it is first switched to. Its C stack has 1 MiB. When
     * the function returns the context is gone and the main one goes on. Errors: inval when there
     * is no such function, again when there are too many contexts, nomem, notsup.
     */
    private Errno contextCreate(CallContext call, long[] args) {
        int contextIdOut = (int) args[0];
        int entrypoint = (int) args[1];
        call.memory().check(contextIdOut, 8);
        call.memory().writeI64(contextIdOut, contexts(call).create(entrypoint));
        return Errno.SUCCESS;
    }

    /**
     * {@code context_switch(next)}: goes on in that context, and here when a context switches back.
     * The id of the main context is 0. Errors: inval when there is none, notsup.
     */
    private Errno contextSwitch(CallContext call, long[] args) {
        long next = args[0];
        contexts(call).switchTo(next);
        return Errno.SUCCESS;
    }

    /**
     * {@code context_destroy(context)}: gives a context up; one that is gone already is no error.
     * Errors: inval for the calling context and the main one, notsup.
     */
    private Errno contextDestroy(CallContext call, long[] args) {
        long context = args[0];
        contexts(call).destroy(context);
        return Errno.SUCCESS;
    }

    /** Not in the child of a vfork: other contexts run code that is its parent's. */
    private static GuestContexts contexts(CallContext call) {
        GuestContexts contexts = call.thread().frames().contexts();
        if (contexts == null || call.thread().acting() != null || call.process().isVforked()) {
            throw Errno.NOTSUP.exception();
        }
        return contexts;
    }
}
