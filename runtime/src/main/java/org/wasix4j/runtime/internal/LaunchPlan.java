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
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.GuestThreadFactory;
import org.wasix4j.runtime.Invocation;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.runtime.Volume;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;

/**
 * Everything a guest is started with. Immutable: each {@code with} method answers a changed copy,
 * so a setting is declared here and nowhere else between the builder and its use.
 */
public final class LaunchPlan implements Cloneable {

    private static final LaunchPlan DEFAULTS = new LaunchPlan();

    private String programName;
    private List<String> arguments = List.of();
    private Map<String, String> environment = Map.of();
    private List<Volume> volumes = List.of();
    private List<Path> protectedFiles = List.of();
    private boolean scratchFolders = true;
    private String workingDirectory;
    private InProcessClients network;
    private List<ListenerGrant> listeningSockets = List.of();
    private List<InetSocketAddress> connectedSockets = List.of();
    private NetworkPolicy policy = NetworkPolicy.denyAll();
    private Limits limits = Limits.defaults();
    private AbiProfile profile;
    private boolean strictImports;
    private InputStream stdin;
    private OutputStream stdout;
    private OutputStream stderr;
    private GuestThreadFactory threads = GuestThreadFactory.DAEMON;
    private List<ProcessListener> listeners = List.of();
    private ProcessListener listener = ProcessListener.NONE;
    private SyscallListener tracer;
    private Map<String, LoadedModule> programs = Map.of();
    private Invocation invocation;

    private LaunchPlan() {}

    /** A plan that grants nothing. */
    public static LaunchPlan defaults() {
        return DEFAULTS;
    }

    private LaunchPlan with(Consumer<LaunchPlan> change) {
        try {
            LaunchPlan copy = (LaunchPlan) clone();
            change.accept(copy);
            return copy;
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
        return with(plan -> plan.programName = name);
    }

    /** The words of the command line behind the program's name. */
    public LaunchPlan withArguments(List<String> words) {
        List<String> copied = List.copyOf(words);
        return with(plan -> plan.arguments = copied);
    }

    /** One more variable of the environment. */
    public LaunchPlan withEnvironment(String name, String value) {
        Map<String, String> variables = new LinkedHashMap<>(environment);
        variables.put(name, Objects.requireNonNull(value));
        return with(plan -> plan.environment = Collections.unmodifiableMap(variables));
    }

    /** Read as descriptor 0; null is an empty file. */
    public LaunchPlan withStdin(InputStream stream) {
        return with(plan -> plan.stdin = stream);
    }

    /** Written as descriptor 1; null takes everything and keeps nothing. */
    public LaunchPlan withStdout(OutputStream stream) {
        return with(plan -> plan.stdout = stream);
    }

    /** Written as descriptor 2; null takes everything and keeps nothing. */
    public LaunchPlan withStderr(OutputStream stream) {
        return with(plan -> plan.stderr = stream);
    }

    // ---- what it is granted

    /** One more directory. */
    public LaunchPlan withVolume(Volume volume) {
        List<Volume> longer = plus(volumes, volume);
        return with(plan -> plan.volumes = longer);
    }

    /** One more file of the host's that the guest must not be able to write or exchange. */
    public LaunchPlan withProtectedFile(Path file) {
        List<Path> longer = plus(protectedFiles, file);
        return with(plan -> plan.protectedFiles = longer);
    }

    /** Whether there are {@code /tmp} and {@code /dev/shm} in memory; there are unless set. */
    public LaunchPlan withScratchFolders(boolean wanted) {
        return with(plan -> plan.scratchFolders = wanted);
    }

    /** The guest's path to start in, or null. */
    public LaunchPlan withWorkingDirectory(String path) {
        return with(plan -> plan.workingDirectory = path);
    }

    /** The network that it is in, or null for the host's. */
    public LaunchPlan withNetwork(InProcessClients inside) {
        return with(plan -> plan.network = inside);
    }

    /** One more place where it listens from the beginning. */
    public LaunchPlan withListeningSocket(ListenerGrant listener) {
        List<ListenerGrant> longer = plus(listeningSockets, listener);
        return with(plan -> plan.listeningSockets = longer);
    }

    /** One more peer to which it is connected from the beginning. */
    public LaunchPlan withConnectedSocket(InetSocketAddress address) {
        List<InetSocketAddress> longer = plus(connectedSockets, address);
        return with(plan -> plan.connectedSockets = longer);
    }

    /** What of the network is granted. */
    public LaunchPlan withPolicy(NetworkPolicy granted) {
        Objects.requireNonNull(granted);
        return with(plan -> plan.policy = granted);
    }

    /** What may be used. */
    public LaunchPlan withLimits(Limits bounds) {
        Objects.requireNonNull(bounds);
        return with(plan -> plan.limits = bounds);
    }

    /** One more module that processes can start, by its absolute guest path. */
    public LaunchPlan withProgram(String path, LoadedModule module) {
        Map<String, LoadedModule> more = new LinkedHashMap<>(programs);
        more.put(path, Objects.requireNonNull(module));
        return with(plan -> plan.programs = Collections.unmodifiableMap(more));
    }

    // ---- how it is run

    /** Whether functions that are not known here make a module that cannot be run. */
    public LaunchPlan withStrictImports(boolean on) {
        return with(plan -> plan.strictImports = on);
    }

    /** The generation of the ABI, or null for what the imports show. */
    public LaunchPlan withProfile(AbiProfile generation) {
        return with(plan -> plan.profile = generation);
    }

    /** The function to call, or null for {@code _start}. */
    public LaunchPlan withInvocation(Invocation call) {
        return with(plan -> plan.invocation = call);
    }

    /** Makes the host threads. */
    public LaunchPlan withThreads(GuestThreadFactory factory) {
        Objects.requireNonNull(factory);
        return with(plan -> plan.threads = factory);
    }

    /** Adds a listener for events. */
    public LaunchPlan withListener(ProcessListener listener) {
        List<ProcessListener> longer = plus(listeners, listener);
        return with(plan -> plan.listeners = longer);
    }

    /** The listener in place of all others: it passes events on to {@link #listeners}. */
    public LaunchPlan observedBy(ProcessListener one) {
        return with(plan -> plan.listener = one);
    }

    /** Receives every call, or null. */
    public LaunchPlan withTracer(SyscallListener listener) {
        return with(plan -> plan.tracer = listener);
    }

    // ---- the plan

    /** The first word of the command line, or null for the module's name. */
    public String programName() {
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

    String workingDirectory() {
        return workingDirectory;
    }

    /** The network inside the JVM that it is in, or null. */
    public InProcessClients network() {
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

    AbiProfile profile() {
        return profile;
    }

    InputStream stdin() {
        return stdin;
    }

    OutputStream stdout() {
        return stdout;
    }

    /** Written as descriptor 2, or null. */
    public OutputStream stderr() {
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

    SyscallListener tracer() {
        return tracer;
    }

    Map<String, LoadedModule> programs() {
        return programs;
    }

    boolean strictImports() {
        return strictImports;
    }

    Invocation invocation() {
        return invocation;
    }
}
