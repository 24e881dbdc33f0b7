package org.wasix4j.junit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.InProcessNetwork;
import org.wasix4j.runtime.Volume;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/** A guest that an annotation asked for, with what it has written. JUnit closes it. */
final class RunningGuest implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final String LOOPBACK_RULES = "loopback:*";

    private final String name;
    private final GuestOutput output;
    private final WasixProcess process;

    private RunningGuest(String name, GuestOutput output, WasixProcess process) {
        this.name = name;
        this.output = output;
        this.process = process;
    }

    /** Starts it, and waits until it listens. */
    static RunningGuest start(
            WasixGuest wanted, Class<?> test, Modules modules, InProcessNetwork shared) {
        GuestOutput output = new GuestOutput();
        WasixModule module = modules.load(wanted.module(), read(wanted.module(), test));
        WasixRuntime.Builder settings =
                WasixRuntime.builder()
                        .withArguments(wanted.args())
                        .withStdout(output)
                        .withStderr(output);
        if (wanted.network() == GuestNetwork.IN_PROCESS) {
            settings.withNetwork(shared).withNetworkPolicy(NetworkPolicy.allowAll());
        } else {
            settings.withNetworkPolicy(NetworkPolicy.parse(LOOPBACK_RULES));
        }
        for (String variable : wanted.env()) {
            int equals = variable.indexOf('=');
            if (equals <= 0) {
                throw new ExtensionConfigurationException(
                        "env = \"" + variable + "\" is not NAME=VALUE");
            }
            settings.withEnvironment(variable.substring(0, equals), variable.substring(equals + 1));
        }
        for (String volume : wanted.volumes()) {
            settings.withVolume(volume(volume));
        }
        RunningGuest guest =
                new RunningGuest(wanted.module(), output, settings.build().start(module));
        if (wanted.listens()) {
            guest.await(Duration.ofSeconds(wanted.startSeconds()));
        }
        return guest;
    }

    private void await(Duration time) {
        try {
            process.awaitListening(time);
        } catch (TimeoutException | IllegalStateException e) {
            close();
            throw new ExtensionConfigurationException(e.getMessage() + describeOutput(), e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new ExtensionConfigurationException("interrupted while " + name + " starts", e);
        }
    }

    private static Volume volume(String text) {
        try {
            return Volume.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException("volumes: " + e.getMessage(), e);
        }
    }

    private static byte[] read(String module, Class<?> test) {
        String resource = module.startsWith("/") ? module : '/' + module;
        try (InputStream in = test.getResourceAsStream(resource)) {
            return in != null ? in.readAllBytes() : Files.readAllBytes(Path.of(module));
        } catch (IOException e) {
            throw new ExtensionConfigurationException(
                    "the module " + module + " is neither on the class path nor a file", e);
        }
    }

    WasixProcess process() {
        return process;
    }

    /** What it wrote last and how it ended, for a failure. */
    String describeOutput() {
        String state = process.exitStatus().map(status -> ", ended: " + status).orElse("");
        String text = output.text();
        return "\nguest "
                + name
                + state
                + (text.isEmpty() ? ", wrote nothing" : ", wrote:\n" + text);
    }

    @Override
    public void close() {
        try {
            process.stop(GRACE);
        } catch (InterruptedException e) {
            process.close();
            Thread.currentThread().interrupt();
        }
    }

    /** The end of what the guest writes. */
    private static final class GuestOutput extends java.io.OutputStream {

        private static final int MOST = 64 * 1024;

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
            if (bytes.size() > 2 * MOST) {
                byte[] all = bytes.toByteArray();
                bytes.reset();
                bytes.write(all, all.length - MOST, MOST);
            }
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
