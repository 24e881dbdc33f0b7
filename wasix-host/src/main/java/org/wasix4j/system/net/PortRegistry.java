package org.wasix4j.system.net;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;

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
        private final boolean reuseAddr;
        private final boolean reusePort;

        private Entry(InetAddr address, boolean reuseAddr, boolean reusePort) {
            this.address = address;
            this.reuseAddr = reuseAddr;
            this.reusePort = reusePort;
        }

        /** That no two listen on one port is the kernel's to find. */
        private boolean shares(Entry other) {
            return reuseAddr && other.reuseAddr || reusePort && other.reusePort;
        }
    }

    /**
     * Holds an address.
     *
     * @return the entry, or null when it conflicts with one that is held
     */
    synchronized Entry hold(InetAddr address, boolean reuseAddr, boolean reusePort) {
        Entry entry = new Entry(address, reuseAddr, reusePort);
        List<Entry> held = entries.computeIfAbsent(address.port(), port -> new ArrayList<>(1));
        for (Entry other : held) {
            if (conflict(address, other.address) && !entry.shares(other)) {
                return null;
            }
        }
        held.add(entry);
        return entry;
    }

    /** Gives an address back; twice does nothing. */
    synchronized void release(Entry entry) {
        List<Entry> held = entries.get(entry.address.port());
        if (held != null && held.remove(entry) && held.isEmpty()) {
            entries.remove(entry.address.port());
        }
    }

    /** Whether an address is free, before the host is asked. */
    void requireFree(InetAddr address, boolean reuseAddr, boolean reusePort) {
        Entry probe = hold(address, reuseAddr, reusePort);
        if (probe == null) {
            throw Errno.ADDRINUSE.exception();
        }
        release(probe);
    }

    /** Whether two addresses with one port meet, by the kernel's rules. */
    static boolean conflict(InetAddr a, InetAddr b) {
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
