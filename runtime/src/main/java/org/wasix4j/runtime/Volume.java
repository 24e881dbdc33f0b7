package org.wasix4j.runtime;

import java.nio.file.Path;

/**
 * A directory of the host that a guest may use.
 *
 * @param host the directory
 * @param guest the absolute path under which the guest finds it
 * @param readOnly whether the guest may not change anything in it
 */
public record Volume(Path host, String guest, boolean readOnly) {

    private static final String READ_ONLY = ":ro";
    private static final String READ_WRITE = ":rw";

    /**
     * Parses {@code HOST:GUEST}, {@code HOST:GUEST:ro} or {@code HOST:GUEST:rw}. Without the last
     * part the guest may write. The host's path may have colons, the guest's may not.
     *
     * @param text the grant as text
     * @return the grant
     * @throws IllegalArgumentException when the text has none of these forms; the message names it
     */
    public static Volume parse(String text) {
        boolean readOnly = text.endsWith(READ_ONLY);
        String rest =
                readOnly || text.endsWith(READ_WRITE)
                        ? text.substring(0, text.length() - READ_ONLY.length())
                        : text;
        int colon = rest.lastIndexOf(':');
        if (colon <= 0 || colon == rest.length() - 1) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:GUEST or HOST:GUEST:ro");
        }
        return new Volume(Path.of(rest.substring(0, colon)), rest.substring(colon + 1), readOnly);
    }
}
