package org.wasix4j.policy;

/**
 * Names of hosts: one name, or with a leading star the sub-domains of one, or all. Case and the dot
 * at the end make no difference.
 *
 * @param suffix what a name has to end with
 * @param exact whether that is the whole name
 */
record NamePattern(String suffix, boolean exact) {

    /** Every name. */
    static final NamePattern ANY = new NamePattern("", false);

    /** One name. */
    static NamePattern exactly(String name) {
        return new NamePattern(canonical(name), true);
    }

    /** The sub-domains of a name that begins with a dot; not the name itself. */
    static NamePattern below(String suffix) {
        return new NamePattern(canonical(suffix), false);
    }

    /**
     * A name in the form that is compared. Only ASCII letters have a case here: other letters that
     * fold into ASCII would make two names one.
     */
    static String canonical(String name) {
        int end = name.endsWith(".") ? name.length() - 1 : name.length();
        StringBuilder lower = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            char c = name.charAt(i);
            lower.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
        }
        return lower.toString();
    }

    /** Whether a canonical name is meant. */
    boolean matches(String name) {
        return exact
                ? name.equals(suffix)
                : name.length() > suffix.length() && name.endsWith(suffix);
    }
}
