package org.wasix4j.system.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.wasix4j.types.Nullable;

/**
 * Whether the last answer on a connection is complete, where the guest speaks HTTP/1: the answer
 * itself says how long it is (RFC 9112, section 6). Only for the gentle end of a guest. While bytes
 * pass, the beginning of the answer is kept and its bytes are counted; what they mean is found out
 * when it is needed.
 *
 * <p>Guarded by the lock of the {@link WriteHalf}, but for {@link #asked}.
 */
final class AnswerFraming {

    /** How much of the beginning is kept; of an answer with a longer head nothing is known. */
    private static final int KEPT = 512;

    /** How an answer starts, {@code HTTP/1.}: the first four of its bytes, and the last four. */
    private static final int START = 0x48545450;

    private static final int START_END = 0x502f312e;
    private static final int START_LENGTH = 7;
    private static final String HEAD_END = "\r\n\r\n";

    /** The last bytes of chunks without trailers, as they stand in {@link #tail}. */
    private static final long LAST_CHUNK = 0x300d0a0d0aL;

    private static final int TAIL = 5;
    private static final long TAIL_MASK = (1L << 8 * TAIL) - 1;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private @Nullable byte[] head;
    private int kept;
    private long sent;
    private long tail;
    private boolean speaksHttp;
    private boolean withoutBody;

    /** What the next write adds to the head and to the tail if all of it is sent. */
    private int keeping;

    private long nextTail;

    /** Whether the last request asked for a head only; set by the reading half. */
    private volatile boolean askedForHead;

    /** A request begins with this byte. */
    void asked(byte first) {
        boolean headOnly = first == 'H';
        if (askedForHead != headOnly) {
            askedForHead = headOnly;
        }
    }

    /**
     * These buffers are about to be written.
     *
     * @param asked whether something was received since the last write
     */
    void writing(ByteBuffer[] buffers, int count, boolean asked) {
        if (startsAnswer(buffers, count) && (asked || !isIncomplete())) {
            if (head == null) {
                head = new byte[KEPT];
            }
            speaksHttp = true;
            withoutBody = askedForHead;
            kept = 0;
            sent = 0;
            tail = 0;
        }
        if (speaksHttp) {
            keepHead(buffers, count);
            keepTail(buffers, count);
        }
    }

    private static boolean startsAnswer(ByteBuffer[] buffers, int count) {
        if (count == 0 || buffers[0].remaining() < START_LENGTH) {
            return false;
        }
        ByteBuffer first = buffers[0];
        int at = first.position();
        return word(first, at) == START
                && word(first, at + START_LENGTH - Integer.BYTES) == START_END;
    }

    /** Four bytes as a number, the first one highest. */
    private static int word(ByteBuffer buffer, int at) {
        int word = buffer.getInt(at);
        return buffer.order() == ByteOrder.BIG_ENDIAN ? word : Integer.reverseBytes(word);
    }

    private void keepHead(ByteBuffer[] buffers, int count) {
        keeping = 0;
        // only what follows without a gap; a file in between leaves one
        for (int i = 0; i < count && sent == kept && kept + keeping < KEPT; i++) {
            int length = Math.min(buffers[i].remaining(), KEPT - kept - keeping);
            buffers[i].get(buffers[i].position(), head, kept + keeping, length);
            keeping += length;
        }
    }

    private void keepTail(ByteBuffer[] buffers, int count) {
        ByteBuffer last = count == 0 ? NOTHING : buffers[count - 1];
        if (last.remaining() >= TAIL) {
            int at = last.limit() - TAIL;
            nextTail = (last.get(at) & 0xffL) << 32 | word(last, at + 1) & 0xffff_ffffL;
            return;
        }
        nextTail = 0;
        int taken = 0;
        for (int i = count - 1; i >= 0 && taken < TAIL; i--) {
            ByteBuffer buffer = buffers[i];
            for (int at = buffer.limit() - 1; at >= buffer.position() && taken < TAIL; at--) {
                nextTail |= (buffer.get(at) & 0xffL) << 8 * taken++;
            }
        }
        nextTail |= tail << 8 * taken & TAIL_MASK;
    }

    /**
     * So much of it was written.
     *
     * @param all whether that is everything
     */
    void wrote(long bytes, boolean all) {
        if (speaksHttp) {
            kept += (int) Math.min(bytes, keeping);
            sent += bytes;
            tail = all ? nextTail : 0;
        }
    }

    /** So much of a file was written. */
    void wroteFile(long bytes) {
        sent += bytes;
        tail = 0;
    }

    /** Whether the answer goes on, as far as that is known. */
    boolean isIncomplete() {
        if (!speaksHttp) {
            return false;
        }
        String text = new String(head, 0, kept, ISO_8859_1);
        int start = finalAnswer(text);
        int end = text.indexOf(HEAD_END, start);
        if (end < 0) {
            return kept == sent && kept < KEPT;
        }
        String fields = text.substring(start, end + 2).toLowerCase(Locale.ROOT);
        int status = status(fields);
        if (withoutBody || status == 101 || status == 204 || status == 304) {
            // no body; after 101 it is another protocol
            return false;
        }
        long body = sent - end - HEAD_END.length();
        String coding = field(fields, "transfer-encoding");
        if (coding != null && coding.endsWith("chunked")) {
            return body < TAIL || tail != LAST_CHUNK;
        }
        String length = field(fields, "content-length");
        // an answer without a length goes on until the connection is closed
        return length == null || body < number(length);
    }

    /**
     * Whether the guest speaks something of which is not known when an answer is complete: not
     * HTTP/1, or what it has switched to.
     */
    boolean isOpenEnded() {
        if (!speaksHttp) {
            return true;
        }
        String text = new String(head, 0, kept, ISO_8859_1);
        return status(text.substring(finalAnswer(text))) == 101;
    }

    /** Where the answer begins that is none of the interim ones, such as 100 and 103. */
    private static int finalAnswer(String text) {
        int start = 0;
        for (; ; ) {
            int end = text.indexOf(HEAD_END, start);
            int status = end < 0 ? 0 : status(text.substring(start, end));
            if (status < 100 || status == 101 || status >= 200) {
                return start;
            }
            start = end + HEAD_END.length();
        }
    }

    private static int status(String fields) {
        int space = fields.indexOf(' ');
        return space < 0 || space + 4 > fields.length()
                ? 0
                : (int) number(fields.substring(space + 1, space + 4));
    }

    private static @Nullable String field(String fields, String name) {
        int at = fields.indexOf("\r\n" + name + ":");
        if (at < 0) {
            return null;
        }
        int from = at + name.length() + 3;
        return fields.substring(from, fields.indexOf("\r\n", from)).trim();
    }

    /** A decimal number, or 0 for what is none. */
    private static long number(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > Long.MAX_VALUE / 10 - 10) {
                return 0;
            }
            value = 10 * value + digit;
        }
        return value;
    }
}
