package org.wasix4j.policy;

import java.util.function.IntPredicate;

/** The text of rules and how far it was read. */
final class RuleScanner {

    private final String text;
    private int at;

    RuleScanner(String text) {
        this.text = text;
    }

    /** Where the next part begins. */
    int start() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    boolean atEnd() {
        return start() == text.length();
    }

    /** The next character, or 0 at the end. */
    char peek() {
        return atEnd() ? 0 : text.charAt(at);
    }

    /** Goes over the next character if it is this one. */
    boolean take(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    void expect(char c, String otherwise) {
        if (!take(c)) {
            throw fault(otherwise);
        }
    }

    /** Lower-case letters and digits, perhaps none. */
    String word() {
        return run(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9');
    }

    /** As many characters of a kind as there are, perhaps none. */
    String run(IntPredicate kind) {
        int start = start();
        while (at < text.length() && kind.test(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    /** Goes back to a place. */
    void back(int place) {
        at = place;
    }

    /** A decimal number; -1, with nothing read, when it is over a limit. */
    int number(String otherwise, int limit) {
        int start = start();
        String digits = run(c -> c >= '0' && c <= '9');
        if (digits.isEmpty()) {
            throw fault(otherwise);
        }
        if (digits.length() > 6 || Integer.parseInt(digits) > limit) {
            back(start);
            return -1;
        }
        return Integer.parseInt(digits);
    }

    /** A path: blanks inside are its own, those around it are not. */
    String path() {
        int start = start();
        String path = run(c -> ",;{}".indexOf(c) < 0).stripTrailing();
        if (path.isEmpty()) {
            throw faultAt(start, "expected a path");
        }
        if (!path.startsWith("/") && !path.equals("*") && !path.equals("**")) {
            throw faultAt(start, "a path begins with a slash");
        }
        if (path.startsWith("/") && !PathPattern.isResolved(path) || path.endsWith("/")) {
            throw faultAt(
                    start,
                    "this can match nothing: paths have no //, /./ or /../ and no slash at the"
                            + " end when they are compared");
        }
        return path;
    }

    /** The text from a place to where reading stands, without blanks at its end. */
    String since(int start) {
        return text.substring(start, at).stripTrailing();
    }

    RuleSyntaxException fault(String message) {
        return faultAt(start(), message);
    }

    RuleSyntaxException faultAt(int index, String message) {
        return new RuleSyntaxException(text, index, message);
    }
}
