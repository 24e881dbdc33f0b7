package org.wasix4j.system;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.net.HostNetwork;
import org.wasix4j.system.net.Network;
import org.wasix4j.trace.SystemObserver;

/**
 * What a {@link GuestProcess} is made from, beside its directories. Immutable; {@link #defaults}
 * grants nothing, and each {@code with} method answers a changed copy. Nothing may be null.
 */
public final class ProcessSettings implements Cloneable {

    private static final ProcessSettings DEFAULTS = new ProcessSettings();

    private int pid = 1;
    private List<String> arguments = List.of();
    private Map<String, String> environment = Map.of();
    private Limits limits = Limits.defaults();
    private Network network = HostNetwork.instance();
    private NetworkPolicy policy = NetworkPolicy.denyAll();
    private SystemObserver observer = SystemObserver.NONE;

    private ProcessSettings() {}

    /** Settings that grant nothing. */
    public static ProcessSettings defaults() {
        return DEFAULTS;
    }

    private ProcessSettings with(Consumer<ProcessSettings> change) {
        try {
            ProcessSettings copy = (ProcessSettings) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /** The number the guest sees as its own; 1 unless set. */
    public ProcessSettings withPid(int number) {
        return with(copy -> copy.pid = number);
    }

    /** The command line, the program's name first; empty unless set. */
    public ProcessSettings withArguments(List<String> words) {
        List<String> copied = List.copyOf(words);
        return with(copy -> copy.arguments = copied);
    }

    /** The environment, in order; empty unless set. */
    public ProcessSettings withEnvironment(Map<String, String> variables) {
        Map<String, String> copied = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
        return with(copy -> copy.environment = copied);
    }

    /** How much it may use; {@link Limits#defaults} unless set. Memory and time are not bounded. */
    public ProcessSettings withLimits(Limits bounds) {
        Objects.requireNonNull(bounds);
        return with(copy -> copy.limits = bounds);
    }

    /** Where sockets come from; the host's network unless set. */
    public ProcessSettings withNetwork(Network source) {
        Objects.requireNonNull(source);
        return with(copy -> copy.network = source);
    }

    /** What of the network may be used; nothing unless set. */
    public ProcessSettings withPolicy(NetworkPolicy granted) {
        Objects.requireNonNull(granted);
        return with(copy -> copy.policy = granted);
    }

    /** Receives events; {@link SystemObserver#NONE} unless set. */
    public ProcessSettings withObserver(SystemObserver listener) {
        Objects.requireNonNull(listener);
        return with(copy -> copy.observer = listener);
    }

    int pid() {
        return pid;
    }

    List<String> arguments() {
        return arguments;
    }

    Map<String, String> environment() {
        return environment;
    }

    Limits limits() {
        return limits;
    }

    Network network() {
        return network;
    }

    NetworkPolicy policy() {
        return policy;
    }

    SystemObserver observer() {
        return observer;
    }
}
