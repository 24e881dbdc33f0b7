package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.wasix4j.runtime.Volume;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.MountsBuilder;
import org.wasix4j.system.fs.OwnNodes;
import org.wasix4j.system.net.NetContext;
import org.wasix4j.system.net.Preopens;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/** Builds the machine that a plan describes, with its standard streams and directories open. */
final class ProcessAssembly {

    private ProcessAssembly() {}

    /**
     * The machine of a plan.
     *
     * @param profile the generation of the guest
     * @param cache where its compiled code is kept, or null
     * @param polls whether the guest expects that the sockets handed in are non-blocking
     * @param memory what it has together with its children
     * @throws IllegalArgumentException when a directory of the plan cannot be opened or must not be
     *     written, or there are more sockets than the limits allow
     * @throws UncheckedIOException when a listener or a connection of the plan cannot be opened
     */
    static GuestProcess build(
            LaunchPlan plan,
            AbiProfile profile,
            @Nullable Path cache,
            boolean polls,
            MemoryBudget memory) {
        MountsBuilder mounts = Mounts.builder();
        mounts.withKeptPlaces(OutOfReach.of(cache, plan.protectedFiles()));
        for (Volume volume : plan.volumes()) {
            mounts.withVolume(volume.host(), volume.guest(), volume.readOnly());
        }
        mounts.withMemory(memory);
        mounts.withOwnNodes(new OwnNodes(plan.scratchFolders()));
        plan.programs().keySet().forEach(mounts::withProgram);
        if (plan.workingDirectory() != null) {
            mounts.withWorkingDirectory(plan.workingDirectory());
        }
        ProcessSettings settings =
                ProcessSettings.defaults()
                        .withArguments(plan.arguments())
                        .withEnvironment(plan.environment())
                        .withLimits(plan.limits())
                        .withPolicy(plan.policy())
                        .withObserver(plan.listener());
        if (plan.network() != null) {
            settings = settings.withNetwork(plan.network().network());
        }
        GuestProcess process = new GuestProcess(settings, mounts.build());
        try {
            open(process, plan, profile, polls ? FdFlags.NONBLOCK : 0);
            process.reporter().deliver();
            return process;
        } catch (Throwable e) {
            process.release();
            throw e;
        }
    }

    private static void open(
            GuestProcess process, LaunchPlan plan, AbiProfile profile, int socketFlags) {
        FdTable descriptors = process.descriptors();
        descriptors.open(null, input(plan.stdin()));
        descriptors.open(null, output(plan.stdout()));
        descriptors.open(null, output(plan.stderr()));
        if (profile.rootPreopen()) {
            process.mounts().preopenRoot(descriptors);
        } else {
            process.mounts().preopen(descriptors);
        }
        if (profile.extendedErrno()
                || plan.listeningSockets().isEmpty() && plan.connectedSockets().isEmpty()) {
            // programs of preview1 take what comes after their directories for their socket, and
            // some
            // know its number
            process.mounts().preopenOwnRoot(descriptors);
        }
        if (profile.extendedErrno()) {
            descriptors.keepPlaces();
        }
        for (ListenerGrant each : plan.listeningSockets()) {
            ServerSocketChannel channel = each.channel();
            InetSocketAddress address = each.address();
            if (channel != null) {
                preopen(
                        process,
                        "listen on " + channel,
                        socketFlags,
                        net -> Preopens.listener(net, channel));
            } else if (address != null) {
                preopen(
                        process,
                        "listen on " + text(address),
                        socketFlags,
                        net -> Preopens.listener(net, inet(address)));
            }
        }
        for (InetSocketAddress address : plan.connectedSockets()) {
            preopen(
                    process,
                    "connect to " + text(address),
                    socketFlags,
                    net -> Preopens.connection(net, inet(address)));
        }
    }

    /** A way to get a socket. */
    private interface Opening {
        SocketDescription open(NetContext net) throws IOException;
    }

    private static InetAddr inet(InetSocketAddress address) throws UnknownHostException {
        InetAddress ip = address.getAddress();
        if (ip == null) {
            throw new UnknownHostException("no such host");
        }
        return InetAddr.of(
                address, ip instanceof Inet6Address ? AddressFamily.INET6 : AddressFamily.INET4);
    }

    private static void preopen(GuestProcess process, String what, int flags, Opening opening) {
        String target = what + ": ";
        try {
            SocketDescription socket = opening.open(process.net());
            socket.statusFlags(flags);
            process.descriptors().install(null, socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot " + target + e.getMessage(), e);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.MFILE) {
                throw new IllegalArgumentException(
                        "cannot " + target + "the limits allow no more descriptors or sockets", e);
            }
            throw new UncheckedIOException(
                    "cannot "
                            + target
                            + (e.errno() == Errno.ADDRINUSE
                                    ? "a guest of this JVM has the address"
                                    : e.errno()),
                    new IOException(e));
        }
    }

    private static String text(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static OpenDescription input(@Nullable InputStream stream) {
        if (stream == null) {
            return StandardStreams.nullInput();
        }
        return stream == InheritedStreams.INPUT
                ? StandardStreams.hostInput()
                : StandardStreams.input(stream);
    }

    private static OpenDescription output(@Nullable OutputStream stream) {
        if (stream == null) {
            return StandardStreams.nullOutput();
        }
        if (stream == InheritedStreams.OUTPUT) {
            return StandardStreams.hostOutput();
        }
        return stream == InheritedStreams.ERROR
                ? StandardStreams.hostError()
                : StandardStreams.output(stream);
    }
}
