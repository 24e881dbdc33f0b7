package org.wasix4j.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copying, as bytes come. */
final class Streams {

    private static final int BUFFER = 16_384;

    private Streams() {}

    /** Copies to the end; what is there is handed on at once. */
    static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
            to.flush();
        }
    }
}
