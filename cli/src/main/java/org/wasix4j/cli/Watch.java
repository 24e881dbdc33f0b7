package org.wasix4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.types.Nullable;

/** Reports how the guest does to a balancer, Prometheus, a service manager, JMX and a log. */
final class Watch implements AutoCloseable {

    /** Set where beans are published. */
    private static final String JMX = "com.sun.management.jmxremote";

    private final Options options;
    private final Messages messages;
    private final Readiness readiness;
    private final @Nullable MetricsServer metrics;

    private Watch(
            Options options,
            Messages messages,
            Readiness readiness,
            @Nullable MetricsServer metrics) {
        this.options = options;
        this.messages = messages;
        this.readiness = readiness;
        this.metrics = metrics;
    }

    /**
     * What the options ask for.
     *
     * @throws UncheckedIOException with a sentence when the port for metrics cannot be opened
     */
    static Watch of(Options options, Messages messages) {
        Readiness readiness = new Readiness(messages);
        if (options.watch.metrics == null) {
            return new Watch(options, messages, readiness, null);
        }
        try {
            MetricsServer server =
                    new MetricsServer(options.watch.metrics, options.module(), readiness);
            if (options.watch.metrics.getPort() == 0) {
                messages.notice("metrics on " + server.address());
            }
            return new Watch(options, messages, readiness, server);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot open --metrics "
                            + options.watch.metrics.getHostString()
                            + ":"
                            + options.watch.metrics.getPort()
                            + ": "
                            + Bindings.explain(options.watch.metrics.toString(), e),
                    e);
        }
    }

    List<ProcessListener> listeners() {
        List<ProcessListener> all = new ArrayList<>(List.of(readiness));
        if (options.watch.accessLog) {
            all.add(new AccessLog(messages));
        }
        return all;
    }

    /** The guest that it is about. */
    void guest(WasixProcess guest) {
        if (metrics != null) {
            metrics.guest(guest);
        }
        if (metrics != null || System.getProperty(JMX) != null) {
            try {
                GuestBean.register(options.module(), guest, readiness);
            } catch (JMException e) {
                messages.notice("there is no managed bean: " + e);
            }
        }
    }

    /** The guest was asked to end. */
    void ending() {
        readiness.ending();
    }

    @Override
    public void close() {
        if (metrics != null) {
            metrics.close();
        }
    }
}
