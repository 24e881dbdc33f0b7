package org.wasix4j.system.fs;

/**
 * How a path is to be followed.
 *
 * @param confined whether nothing above the directory that the path starts from can be reached, as
 *     preview1 has it: an absolute path, an absolute link and a {@code ..} too many are {@code
 *     notcapable}. Otherwise the directories that were granted are one tree, as POSIX has it, and
 *     only leaving that is.
 * @param follow whether a symbolic link at the end is followed
 * @param followSlash whether it is followed when a slash comes after it; what creates and removes
 *     names does not
 */
public record Lookup(boolean confined, boolean follow, boolean followSlash) {

    /** For what acts on existing files. */
    public static Lookup of(boolean confined, boolean follow) {
        return new Lookup(confined, follow, true);
    }

    /** For what creates, renames and removes names. */
    public static Lookup ofName(boolean confined) {
        return new Lookup(confined, false, false);
    }
}
