package org.wasix4j.host;

import com.dylibso.chicory.wasm.ChicoryException;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.system.thread.Checkpoints;
import org.wasix4j.system.thread.GuestStack;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * setjmp(3) and longjmp(3) of modules that went through asyncify: {@code stack_checkpoint} and
 * {@code stack_restore}. Modules with wasm exceptions do without the host.
 *
 * <p>Source: wasix-witx, wasix-libc.
 */
public final class WasixStacks implements HostModule {

    private static final String CHECKPOINT = "stack_checkpoint";

    /** Size of a {@code stack_snapshot}: user u64 at 0, hash 2 x u64 at 8. */
    private static final int SNAPSHOT_SIZE = 24;

    private static final int HASH = 8;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case CHECKPOINT -> this::stackCheckpoint;
            case "stack_restore" -> this::stackRestore;
            default -> null;
        };
    }

    /**
     * {@code stack_checkpoint(snapshot: *stack_snapshot, ret: *longsize)}: setjmp. Keeps the frames
     * and writes 0; each {@code stack_restore} of the snapshot returns here again and writes its
     * value. Memory stays as it is then.
     *
     * <p>In a module without asyncify, and in a signal handler, it succeeds too, and only a restore
     * fails: many programs that call setjmp never jump. Errors: nomem when too much is kept.
     */
    private Errno stackCheckpoint(CallContext call, long[] args) {
        GuestMemory memory = call.memory();
        GuestThread thread = call.thread();
        GuestStack stack = thread.frames().stack();
        int snapshot = (int) args[0];
        int out = (int) args[1];
        if (stack != null && stack.isEntering()) {
            memory.writeI64(out, stack.answer());
            return Errno.SUCCESS;
        }
        memory.check(snapshot, SNAPSHOT_SIZE);
        memory.writeI64(out, 0);
        memory.writeI64(snapshot + HASH, 0);
        memory.writeI64(snapshot + HASH + 8, 0);
        if (stack == null || thread.frames().isNested() || stack.obstacle() != null) {
            return Errno.SUCCESS;
        }
        Checkpoints kept = thread.frames().checkpoints();
        kept.requireRoom();
        stack.leave(
                CHECKPOINT,
                frames -> {
                    memory.writeI64(snapshot + HASH, kept.keep(snapshot, frames));
                    return new GuestStack.Entry(frames, 0);
                });
        return Errno.SUCCESS;
    }

    /**
     * {@code stack_restore(snapshot: *stack_snapshot, val)}: longjmp. Does not return; a value of 0
     * becomes 1. Also from a signal handler, which is over then. A snapshot that there is not is a
     * trap.
     */
    private Errno stackRestore(CallContext call, long[] args) {
        int snapshot = (int) args[0];
        long value = args[1];
        GuestThread thread = call.thread();
        GuestStack stack = thread.frames().stack();
        if (stack == null) {
            throw new ChicoryException(
                    "longjmp needs a module that was built with asyncify (wasm-opt --asyncify) or"
                            + " with wasm exceptions");
        }
        long id = call.memory().readI64(snapshot + HASH);
        GuestStack.Frames frames = thread.frames().checkpoints().find(id);
        if (frames == null) {
            throw new ChicoryException(
                    id == 0
                            ? "longjmp to a setjmp in a signal handler or below a function of a"
                                    + " shared library"
                            : "longjmp to a place that is not kept any more");
        }
        throw stack.jump(new GuestStack.Entry(frames, value == 0 ? 1 : value));
    }
}
