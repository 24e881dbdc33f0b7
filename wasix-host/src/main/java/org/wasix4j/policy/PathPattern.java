package org.wasix4j.policy;

/**
 * Paths of unix sockets as a glob: {@code ?} is one character and {@code *} any number of them, not
 * a slash; {@code **} is anything. Paths are the guest's, absolute and resolved.
 */
record PathPattern(String glob) {

    /** Whether every path is meant. */
    boolean isAny() {
        return glob.equals("*") || glob.equals("**") || glob.equals("/**");
    }

    /** Whether a path is meant; takes time in proportion to the product of both lengths. */
    boolean matches(String path) {
        if (isAny()) {
            return true;
        }
        // the places in the glob that can be reached with the path so far
        boolean[] reached = new boolean[glob.length() + 1];
        reached[0] = true;
        skipStars(reached);
        for (int i = 0; i < path.length(); i++) {
            boolean[] next = new boolean[reached.length];
            for (int j = 0; j < glob.length(); j++) {
                if (reached[j]) {
                    step(j, path.charAt(i), next);
                }
            }
            skipStars(next);
            reached = next;
        }
        return reached[glob.length()];
    }

    private void step(int place, char c, boolean[] next) {
        char wanted = glob.charAt(place);
        if (wanted == '*') {
            if (c != '/' || isDouble(place)) {
                next[place] = true;
            }
        } else if (wanted == c || wanted == '?' && c != '/') {
            next[place + 1] = true;
        }
    }

    private boolean isDouble(int place) {
        return glob.startsWith("**", place) || place > 0 && glob.startsWith("**", place - 1);
    }

    /** A star can also stand for nothing. */
    private void skipStars(boolean[] reached) {
        for (int j = 0; j < glob.length(); j++) {
            if (reached[j] && glob.charAt(j) == '*') {
                reached[j + 1] = true;
            }
        }
    }

    /** Whether a path is in the form that globs are matched against. */
    static boolean isResolved(String path) {
        return path.startsWith("/")
                && !path.contains("//")
                && !(path + "/").contains("/../")
                && !(path + "/").contains("/./");
    }
}
