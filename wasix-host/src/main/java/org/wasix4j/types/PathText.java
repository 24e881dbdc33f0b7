package org.wasix4j.types;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Paths between their bytes and Java's text. On Linux a path is bytes, which mostly, and not
 * always, are UTF-8. A byte that is no part of UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF,
 * which no UTF-8 has, and becomes that byte again: so every path survives.
 */
public final class PathText {

    private static final char FIRST = '\udc80';
    private static final char LAST = '\udcff';
    private static final int OFFSET = 0xdc00;

    private PathText() {}

    /**
     * {@return the text of some bytes}
     *
     * @param bytes the bytes of a name or path
     */
    public static String decode(byte[] bytes) {
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        for (; ; ) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (OFFSET + (in.get() & 0xff)));
            }
            decoder.reset();
        }
    }

    /**
     * {@return the bytes of a text}
     *
     * @param text the text, with lone surrogates for bytes that are not UTF-8
     */
    public static byte[] encode(String text) {
        if (!hasBytes(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() * 3);
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isByte(text, i)) {
                bytes.writeBytes(text.substring(start, i).getBytes(StandardCharsets.UTF_8));
                bytes.write(text.charAt(i) - OFFSET);
                start = i + 1;
            }
        }
        bytes.writeBytes(text.substring(start).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /**
     * {@return whether a text has bytes in it that are no UTF-8}
     *
     * @param text the text, with lone surrogates for bytes that are not UTF-8
     */
    public static boolean hasBytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isByte(text, i)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isByte(String text, int at) {
        char c = text.charAt(at);
        return c >= FIRST
                && c <= LAST
                && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
