package org.wasix4j.runtime;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** An HTTP/1.1 connection as a test wants it: it sends what it is given, however wrong. */
public final class HttpClientSocket implements AutoCloseable {

    /** An answer. */
    public record Answer(int status, Map<String, String> headers, byte[] bytes) {
        public String body() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        String header(String name) {
            return headers.get(name);
        }
    }

    private final Socket socket;
    private final InputStream in;

    public HttpClientSocket(int port) throws IOException {
        socket = new Socket();
        // small, so that a client that does not read is soon full
        socket.setReceiveBufferSize(16_384);
        socket.connect(new InetSocketAddress("127.0.0.1", port), (int) Guest.SOON.toMillis());
        socket.setSoTimeout((int) Guest.SOON.toMillis());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    public HttpClientSocket send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public HttpClientSocket get(String path) throws IOException {
        return request("GET", path);
    }

    public HttpClientSocket request(String method, String path) throws IOException {
        return send(method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    }

    /** Reads an answer with its body. */
    public Answer answer() throws IOException {
        return answer(true);
    }

    /** Reads an answer to HEAD. */
    public Answer head() throws IOException {
        return answer(false);
    }

    /** The first byte of an answer, which stays to be read. */
    public int begin() throws IOException {
        in.mark(1);
        int first = in.read();
        in.reset();
        return first;
    }

    private Answer answer(boolean withBody) throws IOException {
        String status = line();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        int size = withBody ? Integer.parseInt(headers.get("Content-Length")) : 0;
        byte[] body = in.readNBytes(size);
        if (body.length < size) {
            throw new EOFException("the body has " + body.length + " bytes of " + size);
        }
        return new Answer(Integer.parseInt(status.substring(9, 12)), headers, body);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("after [" + line + "]");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }

    /** Whether the server has ended its side: waits for that, or for another byte. */
    public boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    /** Ends the client's side. */
    public HttpClientSocket shutdown() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Closes with a reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
