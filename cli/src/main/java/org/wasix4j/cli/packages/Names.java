package org.wasix4j.cli.packages;

/** Names from a package in messages. */
final class Names {

    private static final int MOST = 80;

    private Names() {}

    /** A name in quotes, with control characters as escapes, and shortened when it is long. */
    static String shown(String name) {
        StringBuilder text = new StringBuilder("\"");
        String part = name.length() > MOST ? name.substring(0, MOST) + "..." : name;
        part.chars()
                .forEach(
                        c -> {
                            if (c < ' ' || c >= 0x7f && c < 0xa0) {
                                text.append(String.format("\\u%04x", c));
                            } else {
                                text.append((char) c);
                            }
                        });
        return text.append('"').toString();
    }
}
