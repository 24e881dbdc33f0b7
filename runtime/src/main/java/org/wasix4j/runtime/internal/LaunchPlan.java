package org.wasix4j.runtime.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.GuestThreadFactory;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.runtime.Volume;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;

/**
 * Everything a guest is started with. Immutable: each {@code with} method answers a changed copy,
 * so a setting is declared here and nowhere else between the builder and its use.
 */
public final class LaunchPlan implements Cloneable {

    private static final LaunchPlan DEFAULTS = new LaunchPlan();

    private @Nullable String programName;
    private List<String> arguments = List.of();
    private Map<String, String> environment = Map.of();
    private List<Volume> volumes = List.of();
    private List<Path> protectedFiles = List.of();
    private boolean scratchFolders = true;
    private @Nullable String workingDirectory;
    private @Nullable InProcessClients network;
    private List<ListenerGrant> listeningSockets = List.of();
    private List<InetSocketAddress> connectedSockets = List.of();
    private NetworkPolicy policy = NetworkPolicy.denyAll();
    private Limits limits = Limits.defaults();
    private @Nullable AbiProfile profile;
    private boolean strictImports;
    private @Nullable InputStream stdin;
    private @Nullable OutputStream stdout;
    private @Nullable OutputStream stderr;
    private GuestThreadFactory threads = GuestThreadFactory.DAEMON;
    private List<ProcessListener> listeners = List.of();
    private ProcessListener listener = ProcessListener.NONE;
    private @Nullable SyscallListener tracer;
    private Map<String, LoadedModule> programs = Map.of();
    private @Nullable Invocation invocation;

    private LaunchPlan() {}

    /** A plan that grants nothing. */
    public static LaunchPlan defaults() {
        return DEFAULTS;
    }

    /** A copy, of which the caller changes one field. */
    private LaunchPlan copy() {
        try {
            return (LaunchPlan) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> List<T> plus(List<T> list, T element) {
        List<T> longer = new ArrayList<>(list);
        longer.add(Objects.requireNonNull(element));
        return Collections.unmodifiableList(longer);
    }

    // ---- what the program sees

    /** The first word of the command line; null for the module's name. */
    public LaunchPlan withProgramName(String name) {
        LaunchPlan plan = copy();
        plan.programName = name;
        return plan;
    }

    /** The words of the command line behind the program's name. */
    public LaunchPlan withArguments(List<String> words) {
        List<String> copied = List.copyOf(words);
        LaunchPlan plan = copy();
        plan.arguments = copied;
        return plan;
    }

    /** One more variable of the environment. */
    public LaunchPlan withEnvironment(String name, String value) {
        Map<String, String> variables = new LinkedHashMap<>(environment);
        variables.put(name, Objects.requireNonNull(value));
        LaunchPlan plan = copy();
        plan.environment = Collections.unmodifiableMap(variables);
        return plan;
    }

    /** Read as descriptor 0; null is an empty file. */
    public LaunchPlan withStdin(@Nullable InputStream stream) {
        LaunchPlan plan = copy();
        plan.stdin = stream;
        return plan;
    }

    /** Written as descriptor 1; null takes everything and keeps nothing. */
    public LaunchPlan withStdout(OutputStream stream) {
        LaunchPlan plan = copy();
        plan.stdout = stream;
        return plan;
    }

    /** Written as descriptor 2; null takes everything and keeps nothing. */
    public LaunchPlan withStderr(OutputStream stream) {
        LaunchPlan plan = copy();
        plan.stderr = stream;
        return plan;
    }

    // ---- what it is granted

    /** One more directory. */
    public LaunchPlan withVolume(Volume volume) {
        List<Volume> longer = plus(volumes, volume);
        LaunchPlan plan = copy();
        plan.volumes = longer;
        return plan;
    }

    /** One more file of the host's that the guest must not be able to write or exchange. */
    public LaunchPlan withProtectedFile(Path file) {
        List<Path> longer = plus(protectedFiles, file);
        LaunchPlan plan = copy();
        plan.protectedFiles = longer;
        return plan;
    }

    /** Whether there are {@code /tmp} and {@code /dev/shm} in memory; there are unless set. */
    public LaunchPlan withScratchFolders(boolean wanted) {
        LaunchPlan plan = copy();
        plan.scratchFolders = wanted;
        return plan;
    }

    /** The guest's path to start in, or null. */
    public LaunchPlan withWorkingDirectory(@Nullable String path) {
        LaunchPlan plan = copy();
        plan.workingDirectory = path;
        return plan;
    }

    /** The network that it is in, or null for the host's. */
    public LaunchPlan withNetwork(InProcessClients inside) {
        LaunchPlan plan = copy();
        plan.network = inside;
        return plan;
    }

    /** One more place where it listens from the beginning. */
    public LaunchPlan withListeningSocket(ListenerGrant listener) {
        List<ListenerGrant> longer = plus(listeningSockets, listener);
        LaunchPlan plan = copy();
        plan.listeningSockets = longer;
        return plan;
    }

    /** One more peer to which it is connected from the beginning. */
    public LaunchPlan withConnectedSocket(InetSocketAddress address) {
        List<InetSocketAddress> longer = plus(connectedSockets, address);
        LaunchPlan plan = copy();
        plan.connectedSockets = longer;
        return plan;
    }

    /** What of the network is granted. */
    public LaunchPlan withPolicy(NetworkPolicy granted) {
        Objects.requireNonNull(granted);
        LaunchPlan plan = copy();
        plan.policy = granted;
        return plan;
    }

    /** What may be used. */
    public LaunchPlan withLimits(Limits bounds) {
        Objects.requireNonNull(bounds);
        LaunchPlan plan = copy();
        plan.limits = bounds;
        return plan;
    }

    /** One more module that processes can start, by its absolute guest path. */
    public LaunchPlan withProgram(String path, LoadedModule module) {
        Map<String, LoadedModule> more = new LinkedHashMap<>(programs);
        more.put(path, Objects.requireNonNull(module));
        LaunchPlan plan = copy();
        plan.programs = Collections.unmodifiableMap(more);
        return plan;
    }

    // ---- how it is run

    /** Whether functions that are not known here make a module that cannot be run. */
    public LaunchPlan withStrictImports(boolean on) {
        LaunchPlan plan = copy();
        plan.strictImports = on;
        return plan;
    }

    /** The generation of the ABI, or null for what the imports show. */
    public LaunchPlan withProfile(@Nullable AbiProfile generation) {
        LaunchPlan plan = copy();
        plan.profile = generation;
        return plan;
    }

    /** The function to call, or null for {@code _start}. */
    public LaunchPlan withInvocation(Invocation call) {
        LaunchPlan plan = copy();
        plan.invocation = call;
        return plan;
    }

    /** Makes the host threads. */
    public LaunchPlan withThreads(GuestThreadFactory factory) {
        Objects.requireNonNull(factory);
        LaunchPlan plan = copy();
        plan.threads = factory;
        return plan;
    }

    /** Adds a listener for events. */
    public LaunchPlan withListener(ProcessListener listener) {
        List<ProcessListener> longer = plus(listeners, listener);
        LaunchPlan plan = copy();
        plan.listeners = longer;
        return plan;
    }

    /** The listener in place of all others: it passes events on to {@link #listeners}. */
    public LaunchPlan observedBy(ProcessListener one) {
        LaunchPlan plan = copy();
        plan.listener = one;
        return plan;
    }

    /** Receives every call, or null. */
    public LaunchPlan withTracer(SyscallListener listener) {
        LaunchPlan plan = copy();
        plan.tracer = listener;
        return plan;
    }

    // ---- the plan

    /** The first word of the command line, or null for the module's name. */
    public @Nullable String programName() {
        return programName;
    }

    /** The command line, the program's name first. */
    List<String> arguments() {
        return Stream.concat(Stream.of(programName), arguments.stream()).toList();
    }

    Map<String, String> environment() {
        return environment;
    }

    List<Volume> volumes() {
        return volumes;
    }

    List<Path> protectedFiles() {
        return protectedFiles;
    }

    boolean scratchFolders() {
        return scratchFolders;
    }

    @Nullable
    String workingDirectory() {
        return workingDirectory;
    }

    /** The network inside the JVM that it is in, or null. */
    public @Nullable InProcessClients network() {
        return network;
    }

    List<ListenerGrant> listeningSockets() {
        return listeningSockets;
    }

    List<InetSocketAddress> connectedSockets() {
        return connectedSockets;
    }

    NetworkPolicy policy() {
        return policy;
    }

    Limits limits() {
        return limits;
    }

    @Nullable
    AbiProfile profile() {
        return profile;
    }

    @Nullable
    InputStream stdin() {
        return stdin;
    }

    @Nullable
    OutputStream stdout() {
        return stdout;
    }

    /** Written as descriptor 2, or null. */
    public @Nullable OutputStream stderr() {
        return stderr;
    }

    GuestThreadFactory threads() {
        return threads;
    }

    /** The listeners for events, in order. */
    public List<ProcessListener> listeners() {
        return tracer == null ? listeners : plus(listeners, new TracerNotes(tracer));
    }

    ProcessListener listener() {
        return listener;
    }

    @Nullable
    SyscallListener tracer() {
        return tracer;
    }

    Map<String, LoadedModule> programs() {
        return programs;
    }

    boolean strictImports() {
        return strictImports;
    }

    @Nullable
    Invocation invocation() {
        return invocation;
    }
}
