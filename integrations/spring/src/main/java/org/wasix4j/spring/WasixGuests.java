package org.wasix4j.spring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.Engine;
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

    private void start(String name, WasixProperties.Guest guest)
            throws IOException, TimeoutException, InterruptedException {
        if (guest.module() == null) {
            throw new IllegalArgumentException("wasix4j.guests." + name + ".module is not set");
        }
        byte[] wasm;
        try (var in = guest.module().getInputStream()) {
            wasm = in.readAllBytes();
        }
        LogStream log = new LogStream(LogFactory.getLog("wasix4j." + name));
        WasixRuntime.Builder settings =
                WasixRuntime.builder()
                        .withArguments(guest.arguments())
                        .withEnvironment(guest.environment())
                        .withStdout(log)
                        .withStderr(log);
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
        WasixModule module = WasixModule.load(file == null ? name : file, wasm, Engine.COMPILER);
        WasixProcess process = settings.build().start(module);
        running.put(name, process);
        process.onExit().thenAccept(status -> LOG.info("guest " + name + " has ended: " + status));
        if (guest.listens()) {
            process.awaitListening(guest.startTimeout());
        }
    }

    private static Volume volume(String name, String text) {
        String[] parts = text.split(":");
        boolean readOnly = parts.length == 3 && parts[2].equals("ro");
        if (parts.length != 2 && !readOnly) {
            throw new IllegalArgumentException(
                    "wasix4j.guests."
                            + name
                            + ".volumes: "
                            + text
                            + " is not HOST:GUEST or HOST:GUEST:ro");
        }
        return new Volume(Path.of(parts[0]), parts[1], readOnly);
    }

    @Override
    public void destroy() throws InterruptedException {
        for (Map.Entry<String, WasixProcess> each : running.entrySet()) {
            each.getValue().stop(wanted.get(each.getKey()).stopTimeout());
        }
    }
}
