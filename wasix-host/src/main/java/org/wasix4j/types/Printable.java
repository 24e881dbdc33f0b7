package org.wasix4j.types;

/**
 * Text of foreign origin, made fit for a line that a human or a script reads: a guest, a module or
 * a peer can put line ends, terminal commands and letters that change the direction of writing into
 * names and paths. Everything that writes such text takes one of these forms.
 */
public final class Printable {

    private Printable() {}

    /**
     * {@return a name that a guest or a module chose: printable ASCII, all else as {@code \\uXXXX}}
     *
     * @param text any text
     */
    public static String foreign(String text) {
        return escape(text, false, false);
    }

    /**
     * {@return a whole sentence, of which some words may be foreign: letters of every script stay,
     * what controls a terminal, ends a line or has no shape becomes {@code \\uXXXX}} Does nothing
     * to what it has done already.
     *
     * @param text any text
     */
    public static String line(String text) {
        return escape(text, true, false);
    }

    /**
     * As {@link #line}, and a backslash is doubled: a program can get the text back that was
     * written.
     *
     * @param text any text
     * @return the text in one line, from which {@code text} can be read back
     */
    public static String exact(String text) {
        return escape(text, true, true);
    }

    @SuppressWarnings("NullAway") // null for null only
    private static String escape(String text, boolean letters, boolean backslashes) {
        if (text == null) {
            return null;
        }
        StringBuilder safe = null;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int length = Character.charCount(c);
            boolean plain = c >= ' ' && c < 0x7f ? !backslashes || c != '\\' : letters && shows(c);
            if (!plain && safe == null) {
                safe = new StringBuilder(text.length() + 16).append(text, 0, i);
            }
            if (safe != null) {
                if (plain) {
                    safe.appendCodePoint(c);
                } else if (c == '\\') {
                    safe.append("\\\\");
                } else {
                    for (int j = i; j < i + length; j++) {
                        safe.append(String.format("\\u%04x", (int) text.charAt(j)));
                    }
                }
            }
            i += length;
        }
        return safe == null ? text : safe.toString();
    }

    /** Whether a character beyond ASCII is one that is seen and does nothing else. */
    private static boolean shows(int c) {
        if (c < 0xa0) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
