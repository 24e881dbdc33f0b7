package org.wasix4j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.runtime.WasixProcess;

/**
 * Puts an HTTP server that runs as a guest behind the JDK's {@code HttpServer}: a reverse proxy
 * without a port in between, since each exchange is a connection inside the process. Bodies are
 * streamed both ways. When the guest cannot be reached, or what it answers is no HTTP, the client
 * gets 502; when it breaks off later, the client's connection is broken off too.
 *
 * <pre>{@code
 * HttpServer front = HttpServer.create(new InetSocketAddress(8080), 0);
 * front.setExecutor(Executors.newCachedThreadPool());
 * front.createContext("/", new WasmHandler(guest, 80));
 * front.start();
 * }</pre>
 */
public final class WasmHandler implements HttpHandler {

    /** Headers of one hop, which are not handed on; RFC 9110, 7.6.1. */
    private static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "expect",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    private final WasixProcess guest;
    private final int port;

    /** A handler that asks the guest on a port of its {@code InProcessNetwork}. */
    public WasmHandler(WasixProcess guest, int port) {
        this.guest = guest;
        this.port = port;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange;
                InProcessConnection connection = connect(exchange)) {
            if (connection != null) {
                exchange(exchange, connection);
            }
        }
    }

    private InProcessConnection connect(HttpExchange exchange) throws IOException {
        try {
            return guest.connect(port);
        } catch (IOException e) {
            refuse(exchange, e);
            return null;
        }
    }

    private static void exchange(HttpExchange exchange, InProcessConnection connection)
            throws IOException {
        AnswerHead head;
        InputStream body;
        try {
            send(exchange, connection);
            InputStream in = new BufferedInputStream(connection.inputStream());
            head = AnswerHead.read(in);
            body = head.body(in, exchange.getRequestMethod());
        } catch (IOException e) {
            refuse(exchange, e);
            return;
        }
        Set<String> dropped = notForwarded(head.headers());
        head.headers()
                .forEach(
                        (name, values) -> {
                            if (!dropped.contains(name.toLowerCase(Locale.ROOT))) {
                                exchange.getResponseHeaders().put(name, values);
                            }
                        });
        if (body == null) {
            exchange.sendResponseHeaders(head.status(), -1);
            return;
        }
        long length = head.length();
        // to the JDK 0 is a length that is not known, and -1 is no body
        exchange.sendResponseHeaders(head.status(), length < 0 ? 0 : length == 0 ? -1 : length);
        copy(body, exchange.getResponseBody());
    }

    /** Sends the request; its body on a thread of its own, since the answer can come before. */
    private static void send(HttpExchange exchange, InProcessConnection connection)
            throws IOException {
        Map<String, List<String>> headers = exchange.getRequestHeaders();
        String encoding = exchange.getRequestHeaders().getFirst("Transfer-Encoding");
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        Set<String> dropped = notForwarded(headers);
        StringBuilder head = new StringBuilder();
        head.append(exchange.getRequestMethod())
                .append(' ')
                .append(exchange.getRequestURI().toASCIIString())
                .append(" HTTP/1.1\r\n");
        headers.forEach(
                (name, values) -> {
                    if (!dropped.contains(name.toLowerCase(Locale.ROOT))) {
                        values.forEach(
                                value ->
                                        head.append(name)
                                                .append(": ")
                                                .append(value)
                                                .append("\r\n"));
                    }
                });
        head.append("Connection: close\r\n");
        if (encoding != null) {
            head.append("Transfer-Encoding: chunked\r\n");
        }
        OutputStream out = connection.outputStream();
        out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
        if (encoding != null || length != null && !length.equals("0")) {
            Thread upload =
                    new Thread(
                            () -> upload(exchange.getRequestBody(), out, encoding != null),
                            "upload");
            upload.setDaemon(true);
            upload.start();
        }
    }

    private static void upload(InputStream body, OutputStream to, boolean chunked) {
        try {
            copy(body, chunked ? new ChunkedOutput(to) : to);
            if (chunked) {
                to.write("0\r\n\r\n".getBytes(ISO_8859_1));
            }
        } catch (IOException e) {
            // the client is gone, or the guest wants no more; the answer tells which
        }
    }

    /** What is there is handed on at once. */
    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[16_384];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
            to.flush();
        }
    }

    /** Names that are not handed on: those of one hop, and what a Connection header names. */
    private static Set<String> notForwarded(Map<String, List<String>> headers) {
        Set<String> names = new TreeSet<>(HOP_BY_HOP);
        headers.forEach(
                (name, values) -> {
                    if (name.equalsIgnoreCase("Connection")) {
                        for (String word : String.join(",", values).split(",")) {
                            names.add(word.strip().toLowerCase(Locale.ROOT));
                        }
                    }
                });
        return names;
    }

    private static void refuse(HttpExchange exchange, IOException reason) throws IOException {
        byte[] text = ("502 Bad Gateway: " + reason.getMessage() + "\n").getBytes(ISO_8859_1);
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(502, head ? -1 : text.length);
        if (!head) {
            exchange.getResponseBody().write(text);
        }
    }

    /** Writes chunks, each as it comes; the last one is the writer's own. */
    private static final class ChunkedOutput extends OutputStream {

        private final OutputStream to;

        ChunkedOutput(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) {
                to.write((Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1));
                to.write(bytes, offset, length);
                to.write("\r\n".getBytes(ISO_8859_1));
            }
        }
    }
}
