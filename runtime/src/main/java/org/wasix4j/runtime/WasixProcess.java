package org.wasix4j.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.wasix4j.runtime.internal.GuestRun;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;

/** A guest that was started; the cousin of {@link Process}. */
public final class WasixProcess implements AutoCloseable {

    private static final int SIGTERM = 15;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final GuestRun run;
    private final ListeningSockets listening;
    private final CompletableFuture<ExitStatus> exit;

    WasixProcess(GuestRun run, ListeningSockets listening) {
        this.run = run;
        this.listening = listening;
        this.exit = run.exit();
        exit.whenComplete((status, failure) -> listening.wake());
    }

    /** The number that the guest sees as its own; not one of the host's process numbers. */
    public int pid() {
        return run.pid();
    }

    /** Whether it has not ended. */
    public boolean isAlive() {
        return !exit.isDone();
    }

    /** Completes when it has ended and everything it held was given back. */
    public CompletableFuture<ExitStatus> onExit() {
        return exit.copy();
    }

    /** How it ended, or nothing while it runs. */
    public Optional<ExitStatus> exitStatus() {
        return Optional.ofNullable(exit.getNow(null));
    }

    /** Waits for its end. */
    public ExitStatus waitFor() throws InterruptedException {
        try {
            return exit.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Waits for its end, for some time; nothing when it still runs then. */
    public Optional<ExitStatus> waitFor(Duration time) throws InterruptedException {
        try {
            return Optional.of(exit.get(time.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    // ---- where it listens

    /** The addresses on which it listens now, in the order in which it began. */
    public List<SocketAddr> listeningAddresses() {
        return listening.addresses();
    }

    /**
     * The port of the first internet socket on which it listens.
     *
     * @throws IllegalStateException when it does not listen
     */
    public int port() {
        for (SocketAddr address : listening.addresses()) {
            if (address instanceof InetAddr inet) {
                return inet.port();
            }
        }
        throw new IllegalStateException("the guest does not listen");
    }

    /**
     * Waits until it listens.
     *
     * @return this
     * @throws TimeoutException when it does not in that time
     * @throws IllegalStateException when it has ended
     */
    public WasixProcess awaitListening(Duration time)
            throws TimeoutException, InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        while (listening.addresses().isEmpty()) {
            if (exit.isDone()) {
                throw new IllegalStateException("the guest has ended: " + exit.join());
            }
            if (!listening.await(deadline)) {
                throw new TimeoutException("the guest does not listen after " + time);
            }
        }
        return this;
    }

    // ---- what it does

    /**
     * What it has done so far, and what it holds. Costs a few sums; can be asked as often as
     * wanted, also when the guest has ended.
     */
    public WasixMetrics metrics() {
        return run.metrics();
    }

    // ---- its end

    /**
     * Sends it a signal, by the number of Linux.
     *
     * @return false when it has no handler for signals, and nothing was done
     */
    public boolean signal(int number) {
        return run.signal(number);
    }

    /**
     * Asks it to end, by SIGTERM, when it has a handler for that; ends it when it has none, or when
     * the time is up.
     */
    public ExitStatus stop(Duration grace) throws InterruptedException {
        if (!signal(SIGTERM) || waitFor(grace).isEmpty()) {
            destroy(SIGTERM);
        }
        return waitFor();
    }

    /** Ends it, wherever it is. Returns at once. */
    public void destroy() {
        destroy(0);
    }

    /** Ends it; the status says that the signal was the cause. */
    public void destroy(int signal) {
        run.kill(signal);
    }

    /**
     * How many threads had not left the guest when its end was reported, since the host did not let
     * them go, and still have not.
     */
    public int abandonedThreads() {
        return run.abandonedThreads();
    }

    /** Ends it, and waits until everything was given back. */
    @Override
    public void close() {
        destroy();
        try {
            waitFor(CLOSE_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
