package org.wasix4j.jfr;

import java.util.function.Supplier;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * The only access to the JDK Flight Recorder. While nothing is recorded, a call costs a look at a
 * flag and allocates nothing, and no class of the recorder but the one with that flag is loaded: a
 * start of the JVM does not pay for it either. Only {@link #recording()} true lets the event
 * classes in.
 *
 * <p>The events are in the category <em>WASIX</em>, their names begin with {@code org.wasix4j.}:
 * see {@link SyscallEvent}, {@link AcceptEvent}, {@link ConnectEvent}, {@link CloseEvent}, {@link
 * DenialEvent}, {@link ExitEvent}.
 */
public final class FlightEvents {

    /** No descriptor. */
    public static final int NO_FD = -1;

    /** The answer when the number of bytes has no meaning. */
    public static final long NO_BYTES = -1;

    private static final boolean PRESENT = isPresent();

    private static volatile boolean prepared;

    private FlightEvents() {}

    /** Initialised when a recording runs. */
    private static final class Types {
        private static final EventType SYSCALL = EventType.getEventType(SyscallEvent.class);

        /** The descriptor of the host call that a thread is in. */
        private static final ThreadLocal<Integer> CALL_FD = ThreadLocal.withInitial(() -> NO_FD);
    }

    private static boolean isPresent() {
        try {
            Class.forName("jdk.jfr.FlightRecorder", false, FlightEvents.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            // an image without the module jdk.jfr, or a module path without it
            return false;
        }
    }

    /** Whether the recorder was ever started in this JVM, so that events may be wanted. */
    public static boolean recording() {
        return PRESENT && FlightRecorder.isInitialized() && (prepared || prepare());
    }

    /**
     * Has the events registered with the recorder, on a thread of its own: that initialises many
     * classes of the JDK, and a guest that calls with little stack left must not leave them broken.
     */
    private static synchronized boolean prepare() {
        if (!prepared) {
            Thread thread = new Thread(FlightEvents::register, "wasix-flight-events");
            thread.setDaemon(true);
            thread.start();
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            prepared = true;
        }
        return true;
    }

    private static void register() {
        Types.SYSCALL.isEnabled();
        for (GuestEvent event :
                new GuestEvent[] {
                    new SyscallEvent(),
                    new AcceptEvent(),
                    new ConnectEvent(),
                    new CloseEvent(),
                    new DenialEvent(),
                    new ExitEvent()
                }) {
            event.begin();
            event.end();
            event.shouldCommit();
        }
    }

    // ---- calls

    /**
     * A host call of the calling thread begins; to be asked when {@link #recording()}.
     *
     * @param fd the descriptor it is for, or {@link #NO_FD}
     * @return null when calls are not recorded
     */
    public static @Nullable Object beginSyscall(int fd) {
        Types.CALL_FD.set(fd);
        if (!Types.SYSCALL.isEnabled()) {
            return null;
        }
        SyscallEvent event = new SyscallEvent();
        event.begin();
        return event;
    }

    /**
     * A host call that began as {@code begun} is over. True when it is slow enough to be recorded.
     */
    public static boolean endSyscall(Object begun) {
        SyscallEvent event = (SyscallEvent) begun;
        event.end();
        return event.shouldCommit();
    }

    /**
     * Records a call that is over.
     *
     * @param begun from {@link #beginSyscall}
     * @param error how it ended; null when it did not return
     * @param fd the descriptor it was for, or {@link #NO_FD}
     * @param bytes moved, or {@link #NO_BYTES}
     */
    public static void syscall(
            Object begun,
            Guest guest,
            int tid,
            String function,
            int fd,
            @Nullable Errno error,
            long bytes) {
        SyscallEvent event = (SyscallEvent) begun;
        event.of(guest, tid);
        event.function = function;
        event.fd = fd;
        event.errno = error == null ? "?" : error.wasiName();
        event.bytes = bytes;
        event.commit();
    }

    /** The descriptor of the host call that the calling thread is in, or {@link #NO_FD}. */
    public static int callFd() {
        return Types.CALL_FD.get();
    }

    // ---- connections

    /** A connection was accepted from a listener with the number {@code fd}. */
    public static void accepted(Guest guest, int tid, int fd, SocketAddr local, SocketAddr peer) {
        AcceptEvent event = new AcceptEvent();
        if (event.shouldCommit()) {
            event.of(guest, tid, fd, local, peer);
            event.commit();
        }
    }

    /** A connection was established outward. */
    public static void connected(Guest guest, int tid, int fd, SocketAddr local, SocketAddr peer) {
        ConnectEvent event = new ConnectEvent();
        if (event.shouldCommit()) {
            event.of(guest, tid, fd, local, peer);
            event.commit();
        }
    }

    /**
     * A connection is over.
     *
     * @param nanos how long it was open
     */
    public static void closed(
            Guest guest,
            int tid,
            int fd,
            SocketAddr local,
            SocketAddr peer,
            long received,
            long sent,
            long nanos) {
        CloseEvent event = new CloseEvent();
        if (event.shouldCommit()) {
            event.of(guest, tid, fd, local, peer);
            event.bytesReceived = received;
            event.bytesSent = sent;
            event.age = nanos;
            event.commit();
        }
    }

    // ---- the process

    /** The policy refused something. */
    public static void denied(
            Guest guest,
            int tid,
            String operation,
            Supplier<String> target,
            Supplier<String> reason) {
        DenialEvent event = new DenialEvent();
        if (event.shouldCommit()) {
            event.of(guest, tid);
            event.operation = operation;
            event.target = target.get();
            event.reason = reason.get();
            event.commit();
        }
    }

    /** A process runs that another one has started, or another program in one. */
    public static void started(Guest guest, int tid, int parent, String command) {
        StartEvent event = new StartEvent();
        if (event.shouldCommit()) {
            event.of(guest, tid);
            event.parent = parent;
            event.command = command;
            event.commit();
        }
    }

    /** A process begins to end. */
    public static void exited(
            Guest guest, int tid, String kind, int code, @Nullable String message) {
        ExitEvent event = new ExitEvent();
        if (event.shouldCommit()) {
            event.of(guest, tid);
            event.kind = kind;
            event.code = code;
            event.message = message;
            event.commit();
        }
    }
}
