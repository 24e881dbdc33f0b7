package org.wasix4j.cli;

/** A guest's numbers for JMX, see {@link org.wasix4j.runtime.WasixMetrics}. */
public interface GuestMXBean {

    /** Whether it listens, and was not asked to end. */
    boolean isReady();

    /** Connections that are open now. */
    long getConnectionsOpen();

    /** Connections that came in, since the start. */
    long getConnectionsAccepted();

    /** Connections that went out, since the start. */
    long getConnectionsOpened();

    /** Bytes that the guest received from sockets, since the start. */
    long getBytesReceived();

    /** Bytes that the guest sent to sockets, since the start. */
    long getBytesSent();

    /** Descriptors that are open now. */
    int getDescriptors();

    /** Guest threads that run now. */
    int getThreads();

    /** How often the policy refused something, since the start. */
    long getDenials();

    /** Host calls, since the start. */
    long getSyscalls();
}
