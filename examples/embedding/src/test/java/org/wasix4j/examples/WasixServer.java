package org.wasix4j.examples;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/**
 * A JUnit extension that runs a server for the tests of a class.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final WasixServer SERVER =
 *         new WasixServer(MODULE, settings -> settings.withArguments("0", "127.0.0.1"));
 * }</pre>
 */
final class WasixServer implements BeforeAllCallback, AfterAllCallback {

    private final WasixModule module;
    private final UnaryOperator<WasixRuntime.Builder> settings;
    private WasixProcess process;

    WasixServer(WasixModule module, UnaryOperator<WasixRuntime.Builder> settings) {
        this.module = module;
        this.settings = settings;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        process = settings.apply(WasixRuntime.builder()).build().start(module);
        process.awaitListening(Duration.ofSeconds(30));
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        process.stop(Duration.ofSeconds(5));
    }

    int port() {
        return process.port();
    }

    WasixProcess process() {
        return process;
    }
}
