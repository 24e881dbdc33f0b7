package org.wasix4j.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;
import org.wasix4j.runtime.WasixMetrics;
import org.wasix4j.runtime.WasixProcess;

/**
 * The numbers of a guest as meters, {@code wasix.*} with the tag {@code guest}. A registry asks
 * when it publishes; the guest pays nothing.
 *
 * <pre>{@code
 * new WasixMeters("shop", process).bindTo(registry);
 * }</pre>
 */
public final class WasixMeters implements MeterBinder {

    private final Tags tags;
    private final WasixProcess process;

    /**
     * The meters of a guest.
     *
     * @param guest how the guest is called
     */
    public WasixMeters(String guest, WasixProcess process) {
        this.tags = Tags.of("guest", guest);
        this.process = process;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "wasix.connections.open", WasixMetrics::connectionsOpen);
        counter(registry, "wasix.connections.accepted", WasixMetrics::connectionsAccepted);
        counter(registry, "wasix.connections.opened", WasixMetrics::connectionsOpened);
        counter(registry, "wasix.bytes.received", WasixMetrics::bytesReceived);
        counter(registry, "wasix.bytes.sent", WasixMetrics::bytesSent);
        gauge(registry, "wasix.descriptors", WasixMetrics::descriptors);
        gauge(registry, "wasix.threads", WasixMetrics::threads);
        counter(registry, "wasix.denials", WasixMetrics::denials);
        counter(registry, "wasix.syscalls", WasixMetrics::syscalls);
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<WasixMetrics> number) {
        Gauge.builder(name, process, guest -> number.applyAsDouble(guest.metrics()))
                .tags(tags)
                .register(registry);
    }

    private void counter(
            MeterRegistry registry, String name, ToDoubleFunction<WasixMetrics> number) {
        FunctionCounter.builder(name, process, guest -> number.applyAsDouble(guest.metrics()))
                .tags(tags)
                .register(registry);
    }
}
