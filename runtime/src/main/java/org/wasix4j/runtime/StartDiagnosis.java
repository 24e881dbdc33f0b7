package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.wasix4j.policy.Decision;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * Remembers what helps to see why a guest does not listen: the last refusals, and the end of what
 * it wrote to standard error. Both are bounded.
 */
final class StartDiagnosis implements ProcessListener {

    private static final int MOST_REFUSALS = 3;
    private static final int MOST_BYTES = 1024;

    private final Deque<String> refusals = new ArrayDeque<>();
    private final byte[] tail = new byte[MOST_BYTES];

    /** How many bytes were written; the last of them are in {@link #tail}, as a ring. */
    private long written;

    @Override
    public void denied(Decision decision) {
        refused(decision.toString());
    }

    @Override
    public void hostError(String operation, Throwable error) {
        refused(operation + ": " + error);
    }

    private synchronized void refused(String sentence) {
        if (refusals.contains(sentence)) {
            return;
        }
        refusals.addLast(sentence);
        if (refusals.size() > MOST_REFUSALS) {
            refusals.removeFirst();
        }
    }

    /** The stream for standard error, which is remembered here and goes on to another, if any. */
    OutputStream standardError(@Nullable OutputStream next) {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                remember(bytes, offset, length);
                if (next != null) {
                    next.write(bytes, offset, length);
                }
            }

            @Override
            public void flush() throws IOException {
                if (next != null) {
                    next.flush();
                }
            }
        };
    }

    private synchronized void remember(byte[] bytes, int offset, int length) {
        int skipped = Math.max(0, length - MOST_BYTES);
        written += skipped;
        for (int i = offset + skipped; i < offset + length; i++) {
            tail[(int) (written++ % MOST_BYTES)] = bytes[i];
        }
    }

    /** Clauses for the message of an exception; empty when nothing is known. */
    @Override
    public synchronized String toString() {
        StringBuilder text = new StringBuilder();
        refusals.forEach(each -> text.append("; ").append(each));
        int count = (int) Math.min(written, MOST_BYTES);
        if (count > 0) {
            byte[] last = new byte[count];
            for (int i = 0; i < count; i++) {
                last[i] = tail[(int) ((written - count + i) % MOST_BYTES)];
            }
            // a letter of several bytes may begin before the ring does
            int first = 0;
            while (written > MOST_BYTES && first < count && (last[first] & 0xC0) == 0x80) {
                first++;
            }
            String said = new String(Arrays.copyOfRange(last, first, count), UTF_8).strip();
            text.append("; standard error ends with: ").append(Printable.line(said));
        }
        return text.toString();
    }
}
