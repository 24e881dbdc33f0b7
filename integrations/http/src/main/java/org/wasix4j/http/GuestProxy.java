package org.wasix4j.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.types.Nullable;

/**
 * A reverse proxy to an HTTP/1.1 server that runs as a guest, over connections inside the process.
 * Bodies are streamed both ways. Connections to the guest are kept open between requests when the
 * guest agrees. Thread-safe.
 *
 * <p>When the guest cannot be reached, or what it answers is no HTTP, the client gets 502; when it
 * does not begin to answer in time, 504; when it breaks off in the middle of a body, the client's
 * connection is broken off too. Headers that belong to one hop (RFC 9110, 7.6.1) are not handed on.
 */
public final class GuestProxy implements AutoCloseable {

    /** How long the guest may take to begin an answer, unless said otherwise. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    /** How many idle connections are kept. */
    private static final int MOST_IDLE = 32;

    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;

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

    /** Methods that may be sent a second time when a kept connection turns out to be closed. */
    private static final Set<String> REPEATABLE = Set.of("GET", "HEAD", "OPTIONS");

    private final GuestConnector connector;
    private final Duration timeout;
    private final Deque<Line> idle = new ArrayDeque<>();
    private boolean closed;

    /** A proxy with the usual time limit, {@link #DEFAULT_TIMEOUT}. */
    public GuestProxy(GuestConnector connector) {
        this(connector, DEFAULT_TIMEOUT);
    }

    /**
     * A proxy.
     *
     * @param connector makes connections to the guest
     * @param timeout how long the guest may take to begin an answer; positive
     */
    public GuestProxy(GuestConnector connector, Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("the timeout " + timeout + " is not positive");
        }
        this.connector = connector;
        this.timeout = timeout;
    }

    /** A connection to the guest and what was read of it and not used. */
    private record Line(InProcessConnection connection, InputStream in, boolean used) {

        Line(InProcessConnection connection) {
            this(connection, new BufferedInputStream(connection.inputStream()), false);
        }

        Line again() {
            return new Line(connection, in, true);
        }

        void close() {
            try {
                connection.close();
            } catch (IOException e) {
                // it is of no use any more, whatever closing it says
            }
        }
    }

    /** Serves one exchange; throws when the client's connection has to be broken off. */
    void serve(ProxyExchange exchange) throws IOException {
        boolean upgrade = isUpgrade(exchange);
        boolean repeatable = REPEATABLE.contains(exchange.method()) && !hasBody(exchange);
        for (; ; ) {
            Line line;
            AnswerHead head;
            Upload upload;
            AnswerTimer timer = null;
            try {
                line = line();
            } catch (IOException e) {
                refuse(exchange, BAD_GATEWAY, "Bad Gateway", e.getMessage());
                return;
            }
            try {
                timer = new AnswerTimer(line.connection(), timeout);
                upload = send(exchange, line, upgrade);
                head = AnswerHead.read(line.in());
                timer.stop();
            } catch (IOException e) {
                line.close();
                if (timer != null && timer.hasFired()) {
                    refuse(
                            exchange,
                            GATEWAY_TIMEOUT,
                            "Gateway Timeout",
                            "the guest does not answer");
                    return;
                }
                if (line.used() && repeatable) {
                    continue; // the guest had closed the connection that was kept
                }
                refuse(exchange, BAD_GATEWAY, "Bad Gateway", e.getMessage());
                return;
            }
            answer(exchange, line, head, upload);
            return;
        }
    }

    private void answer(ProxyExchange exchange, Line line, AnswerHead head, Upload upload)
            throws IOException {
        boolean keep = false;
        boolean handedOver = false;
        try {
            if (head.status() == AnswerHead.SWITCHING_PROTOCOLS) {
                handedOver = exchange.canUpgrade();
                if (handedOver) {
                    exchange.upgrade(head.headers(), line.in(), line.connection());
                } else {
                    refuse(exchange, BAD_GATEWAY, "Bad Gateway", "the guest switches protocols");
                }
                return;
            }
            InputStream body = head.body(line.in(), exchange.method());
            exchange.answer(
                    head.status(), forwarded(head.headers()), body == null ? 0 : head.length());
            if (body != null) {
                Streams.copy(body, exchange.answerBody());
            }
            keep =
                    head.persistent()
                            && !head.endsWithConnection(exchange.method())
                            && upload.isDone();
        } finally {
            if (keep) {
                keep(line.again());
            } else if (!handedOver) {
                line.close();
            }
        }
    }

    // ---- the request

    private static Upload send(ProxyExchange exchange, Line line, boolean upgrade)
            throws IOException {
        Map<String, List<String>> headers = exchange.headers();
        StringBuilder head = new StringBuilder();
        head.append(exchange.method())
                .append(' ')
                .append(exchange.target())
                .append(" HTTP/1.1\r\n");
        forwarded(headers)
                .forEach((name, values) -> values.forEach(value -> header(head, name, value)));
        if (upgrade) {
            header(head, "Connection", "Upgrade");
            header(head, "Upgrade", String.join(", ", values(headers, "Upgrade")));
        }
        boolean chunked = !values(headers, "Transfer-Encoding").isEmpty();
        if (chunked) {
            header(head, "Transfer-Encoding", "chunked");
        }
        byte[] bytes = head.append("\r\n").toString().getBytes(ISO_8859_1);
        line.connection().outputStream().write(bytes);
        return hasBody(exchange)
                ? Upload.start(exchange.body(), line.connection().outputStream(), chunked)
                : Upload.NONE;
    }

    private static void header(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value.replaceAll("[\r\n]", " ")).append("\r\n");
    }

    private static boolean hasBody(ProxyExchange exchange) {
        List<String> length = values(exchange.headers(), "Content-Length");
        return !values(exchange.headers(), "Transfer-Encoding").isEmpty()
                || !length.isEmpty() && !length.get(0).equals("0");
    }

    private static boolean isUpgrade(ProxyExchange exchange) {
        return exchange.canUpgrade() && !values(exchange.headers(), "Upgrade").isEmpty();
    }

    private static List<String> values(Map<String, List<String>> headers, String name) {
        for (Map.Entry<String, List<String>> each : headers.entrySet()) {
            if (name.equalsIgnoreCase(each.getKey())) {
                return each.getValue();
            }
        }
        return List.of();
    }

    /** The headers that are handed on: not those of one hop, nor what Connection names. */
    private static Map<String, List<String>> forwarded(Map<String, List<String>> headers) {
        Set<String> dropped = new TreeSet<>(HOP_BY_HOP);
        for (String word : String.join(",", values(headers, "Connection")).split(",")) {
            dropped.add(word.strip().toLowerCase(Locale.ROOT));
        }
        Map<String, List<String>> kept = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach(
                (name, values) -> {
                    if (name != null && !dropped.contains(name.toLowerCase(Locale.ROOT))) {
                        kept.put(name, values);
                    }
                });
        return kept;
    }

    // ---- answers of our own

    private static void refuse(
            ProxyExchange exchange, int status, String words, @Nullable String reason)
            throws IOException {
        byte[] text = (status + " " + words + ": " + reason + "\n").getBytes(ISO_8859_1);
        Map<String, List<String>> headers = new TreeMap<>();
        headers.put("Content-Type", List.of("text/plain"));
        boolean head = exchange.method().equals("HEAD");
        exchange.answer(status, headers, head ? 0 : text.length);
        if (!head) {
            exchange.answerBody().write(text);
        }
    }

    // ---- connections

    private Line line() throws IOException {
        synchronized (idle) {
            Line kept = idle.pollFirst();
            if (kept != null) {
                return kept;
            }
        }
        return new Line(connector.connect());
    }

    private void keep(Line line) {
        synchronized (idle) {
            if (!closed && idle.size() < MOST_IDLE) {
                idle.addFirst(line);
                return;
            }
        }
        line.close();
    }

    /** Closes the connections that are kept; those of exchanges under way are closed after them. */
    @Override
    public void close() {
        Deque<Line> kept;
        synchronized (idle) {
            closed = true;
            kept = new ArrayDeque<>(idle);
            idle.clear();
        }
        kept.forEach(Line::close);
    }
}
