package org.wasix4j.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.wasix4j.types.Nullable;

/**
 * The beginning of an HTTP/1.1 answer, and how to find the end of its body; RFC 9112.
 *
 * @param status 101 or 200 to 599
 * @param headers by name, in any case
 * @param persistent whether the connection can be used again after the body
 */
record AnswerHead(int status, Map<String, List<String>> headers, boolean persistent) {

    /** The status of a connection that speaks another protocol from here on. */
    static final int SWITCHING_PROTOCOLS = 101;

    private static final int MOST_BYTES = 65_536;

    /** Reads up to the empty line; interim answers (1xx) but 101 are skipped. */
    static AnswerHead read(InputStream in) throws IOException {
        for (; ; ) {
            String line = line(in, MOST_BYTES);
            if (!line.matches("HTTP/1\\.[01] [1-5]\\d\\d( .*)?")) {
                throw new IOException("the guest answers no HTTP");
            }
            int status = Integer.parseInt(line.substring(9, 12));
            Map<String, List<String>> headers = headers(in);
            if (status >= 200 || status == SWITCHING_PROTOCOLS) {
                boolean current = line.startsWith("HTTP/1.1");
                String connection = String.join(",", headers.getOrDefault("Connection", List.of()));
                boolean closes = connection.toLowerCase(Locale.ROOT).contains("close");
                return new AnswerHead(status, headers, current && !closes);
            }
        }
    }

    private static Map<String, List<String>> headers(InputStream in) throws IOException {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        int left = MOST_BYTES;
        for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
            left -= line.length() + 2;
            int colon = line.indexOf(':');
            if (colon <= 0 || line.indexOf(' ') >= 0 && line.indexOf(' ') < colon) {
                throw new IOException("the guest sends a malformed header");
            }
            headers.computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>(1))
                    .add(line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static String line(InputStream in, int most) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("the guest breaks off");
            }
            if (line.size() >= most) {
                throw new IOException("the guest's header is too long");
            }
            line.write(octet);
        }
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private @Nullable String first(String name) {
        List<String> values = headers.get(name);
        return values == null ? null : values.get(0);
    }

    private boolean isChunked() {
        String encoding = first("Transfer-Encoding");
        return encoding != null && encoding.equalsIgnoreCase("chunked");
    }

    /** The length of the body, or -1 when it lasts until the end of the stream. */
    long length() throws IOException {
        String length = first("Content-Length");
        if (isChunked() || length == null) {
            return -1;
        }
        try {
            return Long.parseUnsignedLong(length);
        } catch (NumberFormatException e) {
            throw new IOException("the guest sends an invalid length", e);
        }
    }

    /** Whether the body ends with the connection, and not before. */
    boolean endsWithConnection(String method) throws IOException {
        return body(InputStream.nullInputStream(), method) != null && !isChunked() && length() < 0;
    }

    /** The body, decoded; null where there is none. */
    @Nullable
    InputStream body(InputStream in, String method) throws IOException {
        if (method.equals("HEAD") || status == 204 || status == 304) {
            return null;
        }
        if (isChunked()) {
            return new Parts(in, 0, true);
        }
        long length = length();
        return length < 0 ? in : new Parts(in, length, false);
    }

    /** So many bytes, or chunks of so many; an end before that is an error. */
    private static final class Parts extends InputStream {

        private final InputStream in;
        private final boolean chunked;
        private long left;
        private boolean first = true;
        private boolean ended;

        Parts(InputStream in, long left, boolean chunked) {
            this.in = in;
            this.left = left;
            this.chunked = chunked;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0 && !ended) {
                next();
            }
            if (ended) {
                return -1;
            }
            int count = in.read(into, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw new EOFException("the guest breaks off");
            }
            left -= count;
            return count;
        }

        private void next() throws IOException {
            if (!chunked) {
                ended = true;
                return;
            }
            if (!first && !line(in, 2).isEmpty()) {
                throw new IOException("the guest sends a chunk that is too long");
            }
            first = false;
            String size = line(in, 1000).split(";", 2)[0].strip();
            try {
                left = Long.parseLong(size, 16);
            } catch (NumberFormatException e) {
                throw new IOException("the guest sends a chunk without a size", e);
            }
            if (left <= 0) {
                headers(in); // the trailer, which is not needed
                ended = true;
            }
        }
    }
}
