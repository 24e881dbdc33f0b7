package org.wasix4j.cli;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.wasix4j.runtime.WasixMetrics;
import org.wasix4j.runtime.WasixProcess;

/** The guest as a managed bean, {@code org.wasix4j:type=Guest,name=...}. */
final class GuestBean implements GuestMXBean {

    private final WasixProcess guest;
    private final Readiness readiness;

    private GuestBean(WasixProcess guest, Readiness readiness) {
        this.guest = guest;
        this.readiness = readiness;
    }

    /** Makes it known to the JVM's own server of beans. */
    static void register(String name, WasixProcess guest, Readiness readiness) throws JMException {
        ManagementFactory.getPlatformMBeanServer()
                .registerMBean(
                        new GuestBean(guest, readiness),
                        new ObjectName("org.wasix4j:type=Guest,name=" + ObjectName.quote(name)));
    }

    private WasixMetrics now() {
        return guest.metrics();
    }

    @Override
    public boolean isReady() {
        return readiness.isReady();
    }

    @Override
    public long getConnectionsOpen() {
        return now().connectionsOpen();
    }

    @Override
    public long getConnectionsAccepted() {
        return now().connectionsAccepted();
    }

    @Override
    public long getConnectionsOpened() {
        return now().connectionsOpened();
    }

    @Override
    public long getBytesReceived() {
        return now().bytesReceived();
    }

    @Override
    public long getBytesSent() {
        return now().bytesSent();
    }

    @Override
    public int getDescriptors() {
        return now().descriptors();
    }

    @Override
    public int getThreads() {
        return now().threads();
    }

    @Override
    public long getDenials() {
        return now().denials();
    }

    @Override
    public long getSyscalls() {
        return now().syscalls();
    }
}
