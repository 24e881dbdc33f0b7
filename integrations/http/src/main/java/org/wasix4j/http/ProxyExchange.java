package org.wasix4j.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.wasix4j.runtime.InProcessConnection;

/** One request of a client and the way to answer it, as a server in Java has them. */
interface ProxyExchange {

    /** The method, such as {@code GET}. */
    String method();

    /** Path and query as they were sent. */
    String target();

    /** The headers of the request, by name. */
    Map<String, List<String>> headers();

    /** The body of the request; its end is the end of the request. */
    InputStream body() throws IOException;

    /**
     * Sends status and headers.
     *
     * @param length of the body, or -1 when it lasts until the end of the stream, or 0 for none
     */
    void answer(int status, Map<String, List<String>> headers, long length) throws IOException;

    /** Where the body of the answer goes, after {@link #answer}. */
    OutputStream answerBody() throws IOException;

    /** Whether the connection to the client can be handed to another protocol. */
    default boolean canUpgrade() {
        return false;
    }

    /**
     * Answers 101 and hands the client's connection over; the guest's is closed with it.
     *
     * @throws UnsupportedOperationException unless {@link #canUpgrade}
     */
    default void upgrade(
            Map<String, List<String>> headers, InputStream in, InProcessConnection guest)
            throws IOException {
        throw new UnsupportedOperationException();
    }
}
