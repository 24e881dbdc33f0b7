package org.wasix4j.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.wasix4j.runtime.internal.GuestRun;
import org.wasix4j.runtime.internal.Times;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * A guest that was started; resembles {@link Process}. A guest can start processes of its own
 * (fork, exec, spawn): this is the handle of all of them. It ends with the first one, and the
 * others then end too.
 */
public final class WasixProcess implements AutoCloseable {

    private static final int SIGTERM = 15;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final GuestRun run;
    private final ListeningSockets listening;
    private final StartDiagnosis diagnosis;
    private final List<SocketAddr> preopened;
    private final @Nullable InProcessNetwork network;
    private final CompletableFuture<ExitStatus> exit;

    @SuppressWarnings("FutureReturnValueIgnored")
    WasixProcess(
            GuestRun run,
            ListeningSockets listening,
            StartDiagnosis diagnosis,
            @Nullable InProcessNetwork network,
            Runnable lastLines) {
        this.run = run;
        this.network = network;
        this.listening = listening;
        this.diagnosis = diagnosis;
        // nothing runs yet: these are the ones it was given
        this.preopened = listening.addresses();
        this.exit = run.exit().whenComplete((status, failure) -> tell(lastLines));
        exit.whenComplete((status, failure) -> listening.wake());
    }

    /** Without room on the heap the last lines are lost, and not the end. */
    private static void tell(Runnable lastLines) {
        try {
            lastLines.run();
        } catch (OutOfMemoryError e) {
            // whoever waits for the end still learns of it
        }
    }

    /**
     * {@return the process number that the guest sees as its own; not a process number of the host}
     */
    public int pid() {
        return run.pid();
    }

    /** {@return whether the guest has not ended} */
    public boolean isAlive() {
        return !exit.isDone();
    }

    /**
     * Completes when the guest has ended and all its resources are released.
     *
     * @return how it has ended, in the future
     */
    public CompletableFuture<ExitStatus> onExit() {
        return exit.copy();
    }

    /** {@return how the guest ended; empty while it runs} */
    public Optional<ExitStatus> exitStatus() {
        return Optional.ofNullable(exit.getNow(null));
    }

    /**
     * Waits for the end of the guest.
     *
     * @return how it has ended
     * @throws InterruptedException when the calling thread is interrupted
     */
    public ExitStatus waitFor() throws InterruptedException {
        try {
            return exit.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /**
     * Waits for the end of the guest for some time; empty when it still runs then.
     *
     * @param time how long to wait at most
     * @return how it has ended, or empty
     * @throws InterruptedException when the calling thread is interrupted
     */
    public Optional<ExitStatus> waitFor(Duration time) throws InterruptedException {
        try {
            return Optional.of(exit.get(Times.nanos(time), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    // ---- where it listens

    /** {@return the addresses on which the guest listens at present, the oldest first} */
    public List<SocketAddr> listeningAddresses() {
        return listening.addresses();
    }

    /**
     * {@return the addresses of the listeners that were passed to the guest at its start, in the
     * order in which they were passed, with the ports that were chosen}
     */
    public List<SocketAddr> preopenedListeners() {
        return preopened;
    }

    /**
     * {@return the port of the first internet socket on which the guest listens}
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
     * @param time how long to wait at most
     * @return this
     * @throws TimeoutException when it does not in that time
     * @throws IllegalStateException when it has ended. Both messages say what was refused last, and
     *     what the guest last wrote to standard error, unless that is this JVM's own ({@link
     *     WasixRuntime.Builder#inheritIO})
     * @throws InterruptedException when the calling thread is interrupted
     */
    public WasixProcess awaitListening(Duration time)
            throws TimeoutException, InterruptedException {
        long deadline = Times.deadlineIn(time);
        while (listening.addresses().isEmpty()) {
            if (exit.isDone()) {
                throw new IllegalStateException("the guest has ended: " + exit.join() + diagnosis);
            }
            if (!listening.await(deadline)) {
                throw new TimeoutException("the guest does not listen after " + time + diagnosis);
            }
        }
        return this;
    }

    // ---- what it does

    /**
     * {@return the processes of the guest at this moment, by number; only the first one if it has
     * started no others} A process that has ended is included until its parent has waited for it.
     */
    public List<ProcessInfo> processes() {
        return run.processes();
    }

    /**
     * {@return counters of the guest and all its processes since the start, and the resources they
     * hold} Cheap; may be called at any time, also after the guest has ended.
     */
    public WasixMetrics metrics() {
        return run.metrics();
    }

    /**
     * Connects to a port of the guest's {@link InProcessNetwork}.
     *
     * @param port the port in the guest's network
     * @return the client's end
     * @throws java.net.ConnectException when nothing listens there
     * @throws IllegalStateException when the guest uses the machine's network: use a socket
     */
    public InProcessConnection connect(int port) throws IOException {
        if (network == null) {
            throw new IllegalStateException("the guest is in the machine's network");
        }
        return network.connect(port);
    }

    // ---- its end

    /**
     * Sends the guest a signal.
     *
     * @param number the number of the signal, as on Linux
     * @return false when the guest has no handler for signals, and nothing was done
     */
    public boolean signal(int number) {
        return run.signal(number);
    }

    /**
     * As {@link #stop(int, Duration)}, by SIGTERM.
     *
     * @param grace how long the guest may take to end
     * @return how it has ended
     * @throws InterruptedException when the calling thread is interrupted
     */
    public ExitStatus stop(Duration grace) throws InterruptedException {
        return stop(SIGTERM, grace);
    }

    /**
     * Shuts the guest down gracefully. New connections are no longer accepted: its ports are
     * closed, but earlier connections are still served. A guest that handles the signal gets it,
     * and ends as it likes. Any other guest may finish the connections that clients have opened: it
     * is ended when none is left, or when all of them have been at rest for some tenths of a
     * second, as those are that HTTP keeps open between requests. At rest is a connection on which
     * the guest was the last to send, and has sent all; bytes are all that can be seen from here,
     * so an answer that comes in parts with longer pauses is cut off. A guest that still runs when
     * the time is up is ended.
     *
     * @param signal SIGTERM or SIGINT, by the number of Linux
     * @param grace the time that it may take; zero ends it at once
     * @return how it ended: {@link ExitStatus.Kind#EXITED} when it ended by itself, else killed by
     *     that signal
     * @throws InterruptedException when the calling thread is interrupted
     */
    public ExitStatus stop(int signal, Duration grace) throws InterruptedException {
        run.stop(signal, grace);
        return waitFor();
    }

    /** Ends the guest, whatever it is doing. Returns at once. */
    public void destroy() {
        destroy(0);
    }

    /**
     * Ends the guest; the status names the signal as the cause.
     *
     * @param signal the number of the signal, as on Linux
     */
    public void destroy(int signal) {
        run.kill(signal);
    }

    /**
     * {@return the number of threads that had not left the guest when its end was reported, because
     * a call of the host blocks them, and still have not}
     */
    public int abandonedThreads() {
        return run.abandonedThreads();
    }

    /**
     * Ends the guest, and waits at most 10 s until all its resources are released. An interrupt
     * does not shorten the wait: the thread is still interrupted afterwards.
     */
    @Override
    public void close() {
        destroy();
        long deadline = Times.deadlineIn(CLOSE_TIMEOUT);
        boolean interrupted = false;
        for (; ; ) {
            try {
                waitFor(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
