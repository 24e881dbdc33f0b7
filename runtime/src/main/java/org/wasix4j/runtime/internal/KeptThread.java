package org.wasix4j.runtime.internal;

import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.clock.ReusedThread;

/**
 * A thread of the system that runs one thread of a guest after the other. A server that starts a
 * thread for each request waits for the system twice for each: until it has made a stack and a
 * thread, and until the JVM knows of it. So a thread whose body has said so ({@link #keep}) waits a
 * moment for another body.
 *
 * <p>Only for the JVM that runs one guest: what an embedder's thread leaves in a thread it starts,
 * such as its class loader, must not get to another's.
 */
final class KeptThread extends Thread implements ReusedThread {

    /** How long a thread waits for another body. */
    static final long PATIENCE_NANOS = 100_000_000;

    /** How many may wait at a time. */
    private static final int MOST = 16;

    private static final Runnable NONE_YET = () -> {};

    private static final Runnable OVER = () -> {};

    private static final ConcurrentLinkedDeque<KeptThread> IDLE = new ConcurrentLinkedDeque<>();

    private final long stack;

    /**
     * What it runs next: {@link #NONE_YET} while it waits, {@link #OVER} when it waits no longer.
     */
    private final AtomicReference<Runnable> next;

    private boolean kept;

    private long timeBefore;

    private KeptThread(Runnable body, String name, long stack) {
        super(null, body, name, stack);
        this.stack = stack;
        next = new AtomicReference<>(body);
        setDaemon(true);
    }

    /** Runs a body on a thread that waits for one, or on a new one. */
    static void start(Runnable body, String name, long stack) {
        KeptThread idle = IDLE.pollFirst();
        if (idle != null && idle.stack != stack) {
            IDLE.addLast(idle);
            idle = null;
        }
        if (idle == null || !idle.take(body, name)) {
            new KeptThread(body, name, stack).start();
        }
    }

    /**
     * Says that the calling thread can run another body when this one has returned: nobody will
     * interrupt it for what this one did.
     */
    static void keep() {
        if (Thread.currentThread() instanceof KeptThread thread) {
            thread.kept = true;
        }
    }

    private boolean take(Runnable body, String name) {
        Runnable named =
                () -> {
                    setName(name);
                    body.run();
                };
        if (!next.compareAndSet(NONE_YET, named)) {
            return false;
        }
        LockSupport.unpark(this);
        return true;
    }

    @Override
    public void run() {
        Runnable body = next();
        while (body != OVER) {
            kept = false;
            body.run();
            body = kept ? await() : OVER;
            timeBefore = body == OVER ? 0 : Clocks.threadTimeSoFar();
        }
    }

    @Override
    public long timeBefore() {
        return timeBefore;
    }

    /** The next body, or {@link #OVER} when none comes. */
    private Runnable await() {
        next.set(NONE_YET);
        try {
            if (IDLE.size() >= MOST) {
                return OVER;
            }
            IDLE.addFirst(this);
        } catch (OutOfMemoryError e) {
            return OVER;
        }
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Runnable body = next();
        while (body == NONE_YET) {
            long left = deadline - System.nanoTime();
            if (left > 0) {
                LockSupport.parkNanos(this, left);
            } else if (next.compareAndSet(NONE_YET, OVER)) {
                IDLE.remove(this);
            }
            body = next();
        }
        return body;
    }

    private Runnable next() {
        return Objects.requireNonNull(next.get());
    }
}
