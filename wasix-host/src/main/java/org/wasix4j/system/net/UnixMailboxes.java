package org.wasix4j.system.net;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.system.fs.HostPlace;
import org.wasix4j.types.Nullable;

/**
 * The unix datagram sockets of this JVM that have a name, by the file that is the name: the JVM
 * knows no such sockets, so datagrams stay in memory, between guests that share a directory.
 */
final class UnixMailboxes {

    private final Map<Object, UnixDatagramSocket> sockets = new ConcurrentHashMap<>();

    /** A socket has a name from here on, until {@link #remove}. */
    void add(Object file, UnixDatagramSocket socket) {
        sockets.put(file, socket);
    }

    void remove(Object file) {
        sockets.remove(file);
    }

    /** The socket whose name the file is, or null; also for a null file. */
    @Nullable
    UnixDatagramSocket of(@Nullable Object file) {
        return file == null ? null : sockets.get(file);
    }

    /** Whether a place is the name of one. */
    boolean has(HostPlace place) throws IOException {
        return !sockets.isEmpty() && of(UnixFiles.key(place)) != null;
    }
}
