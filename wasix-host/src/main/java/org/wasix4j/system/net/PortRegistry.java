package org.wasix4j.system.net;

import java.nio.channels.NetworkChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * Which local addresses the guests of this JVM have bound. The kernel would let two of our
 * placeholders share a port, because both must set SO_REUSEADDR; so a conflict between our own
 * guests is found here, by the kernel's rules for sockets without that option.
 */
final class PortRegistry {

    private final Map<Integer, List<Entry>> entries = new HashMap<>();

    /** One held address. */
    static final class Entry {
        private final InetAddr address;
        private final Sharing sharing;
        private volatile @Nullable NetworkChannel channel;

        private Entry(InetAddr address, Sharing sharing) {
            this.address = address;
            this.sharing = sharing;
        }

        Sharing sharing() {
            return sharing;
        }

        /** Says what the kernel knows the address by. */
        void channel(NetworkChannel bound) {
            channel = bound;
        }
    }

    /**
     * Holds an address.
     *
     * @return the entry, or null when it conflicts with one that is held
     */
    synchronized @Nullable Entry hold(InetAddr address, Sharing sharing) {
        List<Entry> held = entries.computeIfAbsent(address.port(), port -> new ArrayList<>(1));
        for (Entry other : held) {
            if (conflict(address, sharing, other.address, other.sharing)
                    && !sharing.with(other.sharing)) {
                return null;
            }
        }
        return add(held, address, sharing);
    }

    private static Entry add(List<Entry> held, InetAddr address, Sharing sharing) {
        Entry entry = new Entry(address, sharing);
        held.add(entry);
        return entry;
    }

    /** Notes an address whose conflicts the host has looked for. */
    synchronized Entry note(InetAddr address, Sharing sharing) {
        return add(
                entries.computeIfAbsent(address.port(), port -> new ArrayList<>(1)),
                address,
                sharing);
    }

    /** The holder of a port that conflicts only because IPV6_V6ONLY cannot be set. */
    synchronized List<NetworkChannel> otherFamily(InetAddr address, Sharing sharing) {
        List<Entry> held = entries.get(address.port());
        if (held == null) {
            return List.of();
        }
        List<NetworkChannel> others = new ArrayList<>(0);
        for (Entry other : held) {
            if (other.channel != null
                    && meet(address, other.address)
                    && !conflict(address, sharing, other.address, other.sharing)) {
                others.add(other.channel);
            }
        }
        return others;
    }

    /** Gives an address back; twice does nothing. */
    synchronized void release(Entry entry) {
        List<Entry> held = entries.get(entry.address.port());
        if (held != null && held.remove(entry) && held.isEmpty()) {
            entries.remove(entry.address.port());
        }
    }

    /** Whether an address is free, before the host is asked. */
    void requireFree(InetAddr address, Sharing sharing) {
        Entry probe = hold(address, sharing);
        if (probe == null) {
            throw Errno.ADDRINUSE.exception();
        }
        release(probe);
    }

    /** Whether two addresses with one port are in each other's way, by the kernel's rules. */
    static boolean conflict(InetAddr a, Sharing sharedA, InetAddr b, Sharing sharedB) {
        boolean apart =
                a.family() != b.family() && (a.octets().length == 16 ? sharedA : sharedB).onlyV6();
        return !apart && meet(a, b);
    }

    /** Whether two addresses with one port meet, when IPv6 has both families. */
    private static boolean meet(InetAddr a, InetAddr b) {
        if (a.family() == b.family()) {
            return a.isAny() || b.isAny() || a.toInetAddress().equals(b.toInetAddress());
        }
        // across families only a dual-stack wildcard or a v4-mapped address meets IPv4
        InetAddr six = a.octets().length == 16 ? a : b;
        InetAddr four = six == a ? b : a;
        return six.isAny()
                || six.isV4Mapped()
                        && (four.isAny()
                                || six.toInetAddress().isAnyLocalAddress()
                                || six.toInetAddress().equals(four.toInetAddress()));
    }
}
