package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/**
 * Hands on what a guest writes, a line each. A line that is longer than any should be comes in
 * parts: a guest that never ends its line must not fill the heap.
 */
final class LineStream extends OutputStream {

    private static final int LONGEST = 8192;

    private final Consumer<String> lines;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    LineStream(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public synchronized void write(int octet) {
        if (octet != '\n') {
            line.write(octet);
        }
        if (octet == '\n' || line.size() >= LONGEST) {
            handOn();
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    /** Hands on a last line that has no end. The guest has ended: what is thrown is ignored. */
    synchronized void finish() {
        if (line.size() > 0) {
            try {
                handOn();
            } catch (RuntimeException e) {
                // the consumer must not throw, and there is no call of the guest to fail
            }
        }
    }

    private void handOn() {
        String text = line.toString(UTF_8);
        line.reset();
        lines.accept(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    }
}
