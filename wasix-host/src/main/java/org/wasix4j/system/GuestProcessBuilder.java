package org.wasix4j.system;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.HostNetwork;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.report.SystemObserver;

/** What a {@link GuestProcess} is made from. Every part has a default that grants nothing. */
public final class GuestProcessBuilder {

    /** The largest thread number that wasix-libc's locks can hold. */
    public static final int MAX_TID = 0x1fffffff;

    int pid = 1;
    List<String> arguments = List.of();
    Map<String, String> environment = Map.of();
    int maxDescriptors = 65536;
    int maxSockets = Integer.MAX_VALUE;
    int maxThreads = 4096;
    Mounts mounts = Mounts.none();
    Network network = HostNetwork.instance();
    NetworkPolicy policy = NetworkPolicy.denyAll();
    SystemObserver observer = SystemObserver.NONE;

    /** The number the guest sees as its own. */
    public GuestProcessBuilder withPid(int number) {
        pid = number;
        return this;
    }

    /** The command line, the program's name first. */
    public GuestProcessBuilder withArguments(List<String> words) {
        arguments = words;
        return this;
    }

    /** The environment, in order. */
    public GuestProcessBuilder withEnvironment(Map<String, String> variables) {
        environment = new LinkedHashMap<>(variables);
        return this;
    }

    /** How many descriptors there can be; at the limit calls answer {@code mfile}. */
    public GuestProcessBuilder withMaxDescriptors(int count) {
        maxDescriptors = count;
        return this;
    }

    /** How many sockets there can be; at the limit calls answer {@code mfile}. */
    public GuestProcessBuilder withMaxSockets(int count) {
        maxSockets = count;
        return this;
    }

    /** How many threads there can be; at the limit calls answer {@code again}. */
    public GuestProcessBuilder withMaxThreads(int count) {
        maxThreads = count;
        return this;
    }

    /** The directories that are granted. */
    public GuestProcessBuilder withMounts(Mounts granted) {
        mounts = granted;
        return this;
    }

    /** Where sockets come from; the host's network unless set. */
    public GuestProcessBuilder withNetwork(Network source) {
        network = source;
        return this;
    }

    /** What of the network may be used; nothing unless set. */
    public GuestProcessBuilder withPolicy(NetworkPolicy granted) {
        policy = granted;
        return this;
    }

    /** Who is told what happens. */
    public GuestProcessBuilder withObserver(SystemObserver listener) {
        observer = listener;
        return this;
    }

    /** The process, with no descriptor open and no thread yet. */
    public GuestProcess build() {
        return new GuestProcess(this);
    }
}
