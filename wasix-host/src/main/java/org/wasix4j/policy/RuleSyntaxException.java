package org.wasix4j.policy;

/** Malformed rules: the error, and its position. */
public final class RuleSyntaxException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final String text;
    private final int index;

    RuleSyntaxException(String text, int index, String message) {
        super(message);
        this.text = text;
        this.index = index;
    }

    /** {@return the rules} */
    public String text() {
        return text;
    }

    /** {@return the position of the error: 0 for the first character, the length for the end} */
    public int index() {
        return index;
    }

    /** {@return two lines: the rules, and a caret under the error} */
    public String pointer() {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) ? ' ' : c);
        }
        return line + "\n" + " ".repeat(index) + "^";
    }
}
