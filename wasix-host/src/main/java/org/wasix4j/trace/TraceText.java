package org.wasix4j.trace;

import java.nio.charset.StandardCharsets;

/** Writes shown values as strace or as JSON does; what the guest chose never leaves its quotes. */
final class TraceText {

    private TraceText() {}

    // ---- as strace

    static void text(Shown value, StringBuilder line) {
        if (value instanceof Shown.Number number) {
            line.append(number.value());
        } else if (value instanceof Shown.Truth truth) {
            line.append(truth.value());
        } else if (value instanceof Shown.Word word) {
            printable(word.text().getBytes(StandardCharsets.UTF_8), line);
        } else if (value instanceof Shown.Bytes bytes) {
            line.append('"');
            printable(bytes.bytes(), line);
            line.append(bytes.more() ? "\"..." : "\"");
        } else if (value instanceof Shown.Several several) {
            line.append('[');
            String separator = "";
            for (Shown each : several.values()) {
                line.append(separator);
                text(each, line);
                separator = ", ";
            }
            line.append(']');
        }
    }

    /** C escapes, for a path as well: it may hold anything. */
    private static void printable(byte[] bytes, StringBuilder line) {
        for (byte b : bytes) {
            switch (b) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                default -> {
                    if (b >= ' ' && b < 0x7f) {
                        line.append((char) b);
                    } else {
                        line.append("\\x").append(hex(b >> 4)).append(hex(b));
                    }
                }
            }
        }
    }

    private static char hex(int digit) {
        return Character.forDigit(digit & 15, 16);
    }

    // ---- as JSON

    static void json(Shown value, StringBuilder line) {
        if (value instanceof Shown.Number number) {
            line.append(number.value());
        } else if (value instanceof Shown.Truth truth) {
            line.append(truth.value());
        } else if (value instanceof Shown.Word word) {
            json(word.text(), line);
        } else if (value instanceof Shown.Bytes bytes) {
            String content = new String(bytes.bytes(), StandardCharsets.UTF_8);
            json(bytes.more() ? content + "..." : content, line);
        } else if (value instanceof Shown.Several several) {
            line.append('[');
            String separator = "";
            for (Shown each : several.values()) {
                line.append(separator);
                json(each, line);
                separator = ",";
            }
            line.append(']');
        }
    }

    /** A JSON string in ASCII. */
    static void json(String text, StringBuilder line) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                line.append(c);
            } else {
                line.append("\\u").append(hex(c >> 12)).append(hex(c >> 8));
                line.append(hex(c >> 4)).append(hex(c));
            }
        }
        line.append('"');
    }
}
