package org.wasix4j.spring;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.InProcessNetwork;
import org.wasix4j.runtime.Volume;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/**
 * The guests of the application. They are started with the bean, and ended with it, gently, which
 * is after the web server has stopped. What they write goes to the log {@code wasix4j.NAME}.
 */
public final class WasixGuests implements InitializingBean, DisposableBean {

    private static final Log LOG = LogFactory.getLog(WasixGuests.class);

    private final Map<String, WasixProperties.Guest> wanted;
    private final Map<String, WasixProcess> running = new LinkedHashMap<>();
    private final InProcessNetwork network = new InProcessNetwork();

    /** The guests of the properties; none runs yet. */
    public WasixGuests(WasixProperties properties) {
        this.wanted = properties.guests();
    }

    /**
     * A guest.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public WasixProcess get(String name) {
        WasixProcess process = running.get(name);
        if (process == null) {
            throw new IllegalArgumentException(
                    "no guest " + name + "; there are " + running.keySet());
        }
        return process;
    }

    /** All guests by name, in the order of the properties. */
    public Map<String, WasixProcess> all() {
        return Collections.unmodifiableMap(running);
    }

    /** The network of the guests without a port on the machine. */
    public InProcessNetwork network() {
        return network;
    }

    @Override
    public void afterPropertiesSet() throws Exception {
        try {
            for (Map.Entry<String, WasixProperties.Guest> each : wanted.entrySet()) {
                start(each.getKey(), each.getValue());
            }
        } catch (IOException | RuntimeException | TimeoutException | InterruptedException e) {
            destroy();
            throw e;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void start(String name, WasixProperties.Guest guest)
            throws IOException, TimeoutException, InterruptedException {
        if (guest.module() == null) {
            throw new IllegalArgumentException("wasix4j.guests." + name + ".module is not set");
        }
        Log log = LogFactory.getLog("wasix4j." + name);
        WasixRuntime.Builder settings =
                WasixRuntime.builder()
                        .withArguments(guest.arguments())
                        .withEnvironment(guest.environment())
                        .withStdoutLines(log::info)
                        .withStderrLines(log::info);
        if (guest.isInProcess()) {
            settings.withNetwork(network).withNetworkPolicy(NetworkPolicy.allowAll());
        } else {
            settings.withNetworkPolicy(NetworkPolicy.parse(guest.network()));
        }
        guest.volumes().forEach(volume -> settings.withVolume(volume(name, volume)));
        if (guest.maxMemory() != null) {
            settings.withLimits(Limits.defaults().withMaxMemory(guest.maxMemory().toBytes()));
        }
        String file = guest.module().getFilename();
        WasixModule module =
                WasixModule.load(file == null ? name : file, guest.module().getInputStream());
        WasixProcess process = settings.build().start(module);
        running.put(name, process);
        process.onExit().thenAccept(status -> LOG.info("guest " + name + " has ended: " + status));
        if (guest.listens()) {
            process.awaitListening(guest.startTimeout());
        }
    }

    private static Volume volume(String name, String text) {
        try {
            return Volume.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "wasix4j.guests." + name + ".volumes: " + e.getMessage(), e);
        }
    }

    @Override
    public void destroy() throws InterruptedException {
        for (Map.Entry<String, WasixProcess> each : running.entrySet()) {
            each.getValue().stop(Objects.requireNonNull(wanted.get(each.getKey())).stopTimeout());
        }
    }
}
