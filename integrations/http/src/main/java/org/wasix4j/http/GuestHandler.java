package org.wasix4j.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.wasix4j.runtime.WasixProcess;

/**
 * Puts an HTTP server that runs as a guest behind the JDK's {@code HttpServer}: a {@link
 * GuestProxy} without a port in between. The JDK's server cannot hand a connection to another
 * protocol, so that WebSockets do not pass.
 *
 * <pre>{@code
 * HttpServer front = HttpServer.create(new InetSocketAddress(8080), 0);
 * front.setExecutor(Executors.newCachedThreadPool());
 * front.createContext("/", new GuestHandler(guest, 80));
 * front.start();
 * }</pre>
 */
public final class GuestHandler implements HttpHandler, AutoCloseable {

    private final GuestProxy proxy;

    /** A handler that asks the guest on a port of its {@code InProcessNetwork}. */
    public GuestHandler(WasixProcess guest, int port) {
        this(new GuestProxy(() -> guest.connect(port)));
    }

    /** A handler that hands each exchange to a proxy. */
    public GuestHandler(GuestProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            proxy.serve(new JdkExchange(exchange));
        }
    }

    /** Closes the connections to the guest that are kept. */
    @Override
    public void close() {
        proxy.close();
    }

    private record JdkExchange(HttpExchange exchange) implements ProxyExchange {

        @Override
        public String method() {
            return exchange.getRequestMethod();
        }

        @Override
        public String target() {
            return exchange.getRequestURI().toASCIIString();
        }

        @Override
        public Map<String, List<String>> headers() {
            return exchange.getRequestHeaders();
        }

        @Override
        public InputStream body() {
            return exchange.getRequestBody();
        }

        @Override
        public void answer(int status, Map<String, List<String>> headers, long length)
                throws IOException {
            exchange.getResponseHeaders().putAll(headers);
            // to the JDK 0 is a length that is not known, and -1 is no body
            exchange.sendResponseHeaders(status, length < 0 ? 0 : length == 0 ? -1 : length);
        }

        @Override
        public OutputStream answerBody() {
            return exchange.getResponseBody();
        }
    }
}
