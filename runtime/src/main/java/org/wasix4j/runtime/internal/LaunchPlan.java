package org.wasix4j.runtime.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.GuestThreadFactory;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.runtime.Limits;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.runtime.Volume;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;

/**
 * Everything a guest is started with.
 *
 * @param arguments the command line, the program's name first
 * @param environment the variables, in order
 * @param volumes the directories that are granted
 * @param hostFiles files of the host's that the guest must not be able to write or exchange
 * @param workingDirectory the guest's path to start in, or null
 * @param network the network that it is in, or null for the machine's
 * @param listeners where it listens from the beginning
 * @param connections to whom it is connected from the beginning
 * @param policy what of the network is granted
 * @param limits what may be used
 * @param profile the generation of the ABI, or null for what the imports show
 * @param stdin read as descriptor 0; null is an empty file
 * @param stdout written as descriptor 1; null takes everything and keeps nothing
 * @param stderr written as descriptor 2; null takes everything and keeps nothing
 * @param threads makes the host threads
 * @param listener is told what happens
 * @param tracer is told of every call, or null
 * @param invocation the function to call, or null for {@code _start}
 */
public record LaunchPlan(
        List<String> arguments,
        Map<String, String> environment,
        List<Volume> volumes,
        List<Path> hostFiles,
        String workingDirectory,
        Switchboard network,
        List<InetSocketAddress> listeners,
        List<InetSocketAddress> connections,
        NetworkPolicy policy,
        Limits limits,
        AbiProfile profile,
        InputStream stdin,
        OutputStream stdout,
        OutputStream stderr,
        GuestThreadFactory threads,
        ProcessListener listener,
        SyscallListener tracer,
        Invocation invocation) {}
