package org.wasix4j.runtime;

/**
 * Counters of a guest, from {@link WasixProcess#metrics}. Each is exact; they are read one after
 * the other, so that a guest that runs may have gone on between two of them. Connections are those
 * of stream sockets, TCP and unix; bytes are those of all sockets but socket pairs, which do not
 * leave the guest.
 *
 * @param connectionsOpen connections that are open now
 * @param connectionsAccepted connections that came in, since the start
 * @param connectionsOpened connections that went out, since the start
 * @param bytesReceived bytes that the guest received from sockets, since the start
 * @param bytesSent bytes that the guest sent to sockets, since the start
 * @param descriptors descriptors that are open now
 * @param threads guest threads that run now
 * @param denials how often the policy refused something, since the start
 * @param syscalls host calls, since the start
 */
public record WasixMetrics(
        long connectionsOpen,
        long connectionsAccepted,
        long connectionsOpened,
        long bytesReceived,
        long bytesSent,
        int descriptors,
        int threads,
        long denials,
        long syscalls) {}
