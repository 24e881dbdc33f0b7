package org.wasix4j.system.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * Names to addresses, getaddrinfo(3). A look-up of the host can not be interrupted, so it runs on a
 * bounded pool of daemon threads while the guest thread parks, and can end meanwhile.
 */
public final class Resolver {

    private static final int MAX_LOOK_UPS = 16;
    private static final int MAX_QUEUED = 256;
    private static final int MAX_NAME = 255;

    private final NetContext net;
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(
                    MAX_LOOK_UPS,
                    MAX_LOOK_UPS,
                    5,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(MAX_QUEUED),
                    body -> {
                        Thread thread = new Thread(body, "wasix-resolver");
                        thread.setDaemon(true);
                        return thread;
                    });

    /** A resolver without threads; they come with the first look-up and go when idle. */
    Resolver(NetContext net) {
        this.net = net;
        pool.allowCoreThreadTimeOut(true);
    }

    /** What a look-up ended with; either is null until it has. */
    private static final class Outcome {
        private volatile @Nullable List<InetAddr> addresses;
        private volatile @Nullable Errno error;
    }

    /**
     * The addresses of a name: IPv4 first, each once; IPv6 only where the network has it. A
     * literal, with or without brackets, is its own address.
     *
     * @param port goes into each address
     * @throws org.wasix4j.types.ErrnoException inval for an empty or impossible name, acces by the
     *     policy, noent when there is no such name, again when that is not known now, intr
     */
    public List<InetAddr> resolve(GuestThread thread, String name, int port) {
        InetAddr literal = Literals.parse(name, port);
        if (literal != null) {
            return List.of(literal);
        }
        if (name.isEmpty() || name.length() > MAX_NAME || !isHostName(name)) {
            throw Errno.INVAL.exception();
        }
        net.requireName(name);
        Outcome outcome = new Outcome();
        thread.beginWait();
        try {
            pool.execute(
                    () -> {
                        try {
                            lookUp(name, port, outcome);
                        } finally {
                            if (outcome.addresses == null && outcome.error == null) {
                                // an error of the JVM: the guest still gets an answer
                                outcome.error = Errno.AGAIN;
                            }
                            thread.wake();
                        }
                    });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // too many at a time, or the host has no thread for one more
            throw Errno.AGAIN.exception();
        }
        for (; ; ) {
            List<InetAddr> addresses = outcome.addresses;
            Errno error = outcome.error;
            if (addresses != null) {
                net.policy().resolved(name, addresses);
                return addresses;
            }
            if (error != null) {
                throw error.exception();
            }
            thread.resume(thread.park(GuestThread.FOREVER));
        }
    }

    private static boolean isHostName(String name) {
        return name.chars().allMatch(c -> c > ' ' && c != 0x7f && c != '/' && c != ':');
    }

    /** The one name of a network without name servers. */
    private static InetAddress[] local(String name) throws UnknownHostException {
        if (!name.equalsIgnoreCase("localhost")) {
            throw new UnknownHostException(name + ": no name server in this network");
        }
        return new InetAddress[] {
            InetAddr.any(AddressFamily.INET4, 0).asDestination().toInetAddress(),
            InetAddr.any(AddressFamily.INET6, 0).asDestination().toInetAddress()
        };
    }

    private void lookUp(String name, int port, Outcome outcome) {
        try {
            InetAddress[] found =
                    net.network().isHostNetwork() ? InetAddress.getAllByName(name) : local(name);
            LinkedHashSet<InetAddr> ordered = new LinkedHashSet<>();
            Stream.of(found)
                    .filter(address -> !(address instanceof Inet6Address))
                    .forEach(address -> ordered.add(InetAddr.v4(address.getAddress(), port)));
            if (net.network().supports(AddressFamily.INET6)) {
                Stream.of(found)
                        .filter(Inet6Address.class::isInstance)
                        .forEach(
                                address ->
                                        ordered.add(InetAddr.v6(address.getAddress(), port, 0, 0)));
            }
            outcome.addresses = List.copyOf(ordered);
        } catch (UnknownHostException | RuntimeException e) {
            outcome.error = JvmErrors.of(e);
            net.reporter().hostError("resolve " + name, e);
        } catch (Error e) {
            outcome.error = Errno.AGAIN;
            net.reporter().hostError("resolve " + name, e);
        }
    }
}
