package org.wasix4j.policy;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * The addresses that names turned out to have. Bounded: the address that was not used for the
 * longest time is forgotten and has to be looked up again. What is denied is never forgotten; when
 * there is no more room for it, names that could add to it are not looked up any more.
 */
final class LearnedAddresses {

    static final int CAPACITY = 4096;

    private record Denial(PortSet ports, @Nullable Rule rule) {}

    private final Map<CanonicalAddr, PortSet> opened =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<CanonicalAddr, PortSet> eldest) {
                    return size() > CAPACITY;
                }
            };
    private final Map<CanonicalAddr, Denial> closed = new HashMap<>();

    /** Nothing learned yet. */
    LearnedAddresses() {}

    /** What another has learned. */
    LearnedAddresses(LearnedAddresses other) {
        synchronized (other) {
            opened.putAll(other.opened);
            closed.putAll(other.closed);
        }
    }

    /** Takes note of one address: opens it only if it is public. */
    synchronized void add(
            CanonicalAddr address,
            PortSet openedPorts,
            PortSet closedPorts,
            @Nullable Rule denial) {
        CanonicalAddr key = address.withoutForm();
        if (!closedPorts.isEmpty()) {
            closed.merge(
                    key,
                    new Denial(closedPorts, denial),
                    (old, more) -> new Denial(old.ports.union(more.ports), old.rule));
        }
        if (!openedPorts.isEmpty() && address.isPublic()) {
            opened.merge(key, openedPorts, PortSet::union);
        }
    }

    /** Whether a name opened this address and port. */
    synchronized boolean allows(CanonicalAddr address, int port) {
        if (opened.isEmpty()) {
            return false;
        }
        PortSet ports = opened.get(address.withoutForm());
        return ports != null && ports.contains(port);
    }

    /** The rule about a name that denies this address and port, or null. */
    @Nullable
    synchronized Rule denying(CanonicalAddr address, int port) {
        if (closed.isEmpty()) {
            return null;
        }
        Denial denial = closed.get(address.withoutForm());
        return denial != null && denial.ports.contains(port) ? denial.rule : null;
    }

    /** Whether there is no room for another denial. */
    synchronized boolean isFull() {
        return closed.size() >= CAPACITY;
    }
}
