package org.wasix4j.system.fs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.wasix4j.types.Errno;
import org.wasix4j.types.PathText;

/** Paths as the guest writes them: slashes, no host in them. */
final class GuestPath {

    /** The longest name in a path, NAME_MAX of Linux, in bytes. */
    static final int MAX_NAME = 255;

    static final String ROOT = "/";

    private GuestPath() {}

    /** The absolute path of a name in a directory. */
    static String child(String directory, String name) {
        return directory.equals(ROOT) ? ROOT + name : directory + '/' + name;
    }

    /** The directory that an absolute path lies in; the root lies in itself. */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? ROOT : path.substring(0, slash);
    }

    /** Whether an absolute path is another one or lies beneath it. */
    static boolean isWithin(String path, String directory) {
        return directory.equals(ROOT)
                || path.equals(directory)
                || path.startsWith(directory) && path.charAt(directory.length()) == '/';
    }

    /** The names between a directory and a path beneath it. */
    static List<String> between(String directory, String path) {
        return new ArrayList<>(
                names(path.substring(directory.equals(ROOT) ? 0 : directory.length())));
    }

    /**
     * The names in a path, without empty ones and single dots.
     *
     * @throws org.wasix4j.types.ErrnoException nametoolong
     */
    static Deque<String> names(String path) {
        Deque<String> names = new ArrayDeque<>();
        int start = 0;
        while (start < path.length()) {
            int end = path.indexOf('/', start);
            if (end < 0) {
                end = path.length();
            }
            String name = path.substring(start, end);
            if (!name.isEmpty() && !name.equals(".")) {
                if (name.length() > MAX_NAME
                        || name.length() * 3 > MAX_NAME
                                && PathText.encode(name).length > MAX_NAME) {
                    throw Errno.NAMETOOLONG.exception();
                }
                names.add(name);
            }
            start = end + 1;
        }
        return names;
    }

    /** An absolute path without dots, double or trailing slashes; {@code ..} goes up as text. */
    static String normalise(String base, String path) {
        Deque<String> kept = path.startsWith("/") ? new ArrayDeque<>() : names(base);
        for (String name : names(path)) {
            if (name.equals("..")) {
                kept.pollLast();
            } else {
                kept.add(name);
            }
        }
        return ROOT + String.join("/", kept);
    }
}
