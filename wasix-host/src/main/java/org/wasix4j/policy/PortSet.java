package org.wasix4j.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A set of ports. Port 0 in it lets a guest have a port of the system's choice.
 *
 * <p>Immutable: sorted ranges that neither touch nor overlap, first and last port in turn.
 */
final class PortSet {

    static final int MAX_PORT = 65535;

    /** No port at all. */
    static final PortSet NONE = new PortSet();

    /** Every port, 0 included. */
    static final PortSet ALL = new PortSet(0, MAX_PORT);

    private static final int FIRST_UNPRIVILEGED = 1024;

    private final int[] bounds;

    private PortSet(int... bounds) {
        this.bounds = bounds;
    }

    /** The ports from first to last. */
    static PortSet range(int first, int last) {
        return new PortSet(first, last);
    }

    boolean contains(int port) {
        for (int i = 0; i < bounds.length && bounds[i] <= port; i += 2) {
            if (port <= bounds[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a port may be asked for. Port 0, the system's choice, is also in a set that has every
     * port which the system could choose.
     */
    boolean permits(int port) {
        return contains(port) || port == 0 && coversRange(FIRST_UNPRIVILEGED, MAX_PORT);
    }

    boolean isEmpty() {
        return bounds.length == 0;
    }

    /** Whether every port of another set is in this one. */
    boolean covers(PortSet other) {
        for (int i = 0; i < other.bounds.length; i += 2) {
            if (!coversRange(other.bounds[i], other.bounds[i + 1])) {
                return false;
            }
        }
        return true;
    }

    private boolean coversRange(int first, int last) {
        for (int i = 0; i < bounds.length; i += 2) {
            if (bounds[i] <= first && last <= bounds[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** The ports of both sets. */
    PortSet union(PortSet other) {
        if (covers(other)) {
            return this;
        }
        if (other.covers(this)) {
            return other;
        }
        List<int[]> ranges = new ArrayList<>();
        for (PortSet set : List.of(this, other)) {
            for (int i = 0; i < set.bounds.length; i += 2) {
                ranges.add(new int[] {set.bounds[i], set.bounds[i + 1]});
            }
        }
        ranges.sort((a, b) -> Integer.compare(a[0], b[0]));
        List<int[]> merged = new ArrayList<>();
        for (int[] range : ranges) {
            int[] last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && range[0] <= last[1] + 1) {
                last[1] = Math.max(last[1], range[1]);
            } else {
                merged.add(range);
            }
        }
        return new PortSet(merged.stream().flatMapToInt(range -> Arrays.stream(range)).toArray());
    }
}
