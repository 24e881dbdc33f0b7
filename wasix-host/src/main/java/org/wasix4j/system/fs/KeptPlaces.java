package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.types.Nullable;

/**
 * Keeps guests out of {@link KeptPlace}s: refuses grants, and informs the {@link Walker} which
 * directories cannot be entered and which cannot be moved.
 */
final class KeptPlaces {

    /** Keeps no guest out. */
    static final KeptPlaces NONE = new KeptPlaces(Set.of(), Set.of());

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    /** Directories that cannot be entered where something can be written. */
    private final Set<Object> hidden;

    /** Those, and what leads to them: else a guest puts another folder in their place. */
    private final Set<Object> fixed;

    private KeptPlaces(Set<Object> hidden, Set<Object> fixed) {
        this.hidden = hidden;
        this.fixed = fixed;
    }

    /**
     * Checks what is granted for writing.
     *
     * @throws IllegalArgumentException with a sentence that names the grant and what is kept
     */
    static KeptPlaces of(List<KeptPlace> places, Collection<Mount> mounts) {
        List<Mount> writable = mounts.stream().filter(mount -> !mount.readOnly()).toList();
        if (places.isEmpty() || writable.isEmpty()) {
            return NONE;
        }
        Map<Object, Mount> roots = new HashMap<>();
        writable.forEach(mount -> roots.putIfAbsent(mount.root().key(), mount));
        Set<Object> hidden = new HashSet<>();
        Set<Object> fixed = new HashSet<>();
        for (KeptPlace place : places) {
            List<Object> way = way(place.folder());
            if (way.isEmpty()) {
                continue;
            }
            if (place.extent() == KeptPlace.Extent.FILE) {
                way.forEach(key -> requireOther(roots.get(key), place));
                mountsBeneath(writable, way).forEach(mount -> requireOther(mount, place));
                continue;
            }
            requireOther(roots.get(way.get(0)), place);
            if (place.extent() == KeptPlace.Extent.TREE) {
                for (Mount mount : writable) {
                    Path host = mount.host();
                    if (host != null && way(host).contains(way.get(0))) {
                        requireOther(mount, place);
                    }
                }
            }
            hidden.add(way.get(0));
            fixed.addAll(way);
        }
        return new KeptPlaces(Set.copyOf(hidden), Set.copyOf(fixed));
    }

    private static void requireOther(@Nullable Mount mount, KeptPlace place) {
        if (mount != null) {
            throw new IllegalArgumentException(
                    "the guest may write in "
                            + mount.host()
                            + ", and "
                            + place.what()
                            + " is "
                            + place.folder()
                            + ": grant another folder, or this one for reading (:ro)");
        }
    }

    /** A directory and all above it, by device and inode; none when it is not there. */
    private static List<Object> way(Path folder) {
        List<Object> keys = new ArrayList<>();
        try {
            for (Path at = folder.toRealPath(); at != null; at = at.getParent()) {
                keys.add(key(at));
            }
        } catch (IOException e) {
            return List.of();
        }
        return keys;
    }

    private static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** The grants in which one of some directories is mounted once more. */
    private static List<Mount> mountsBeneath(List<Mount> granted, List<Object> way) {
        List<Mount> found = new ArrayList<>();
        for (Path point : mountPoints()) {
            for (Mount mount : granted) {
                try {
                    if (point.startsWith(mount.host()) && way.contains(key(point))) {
                        found.add(mount);
                    }
                } catch (IOException e) {
                    // it is gone, or not to be looked at by us either
                }
            }
        }
        return found;
    }

    private static List<Path> mountPoints() {
        List<Path> points = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(MOUNTS)) {
                String[] words = line.split(" ");
                if (words.length > 4) {
                    points.add(Path.of(unescape(words[4])));
                }
            }
        } catch (IOException | RuntimeException e) {
            // no /proc here, or a name that this JVM cannot have
        }
        return points;
    }

    /** Blanks, line ends and backslashes are octal there. */
    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 3 < text.length()) {
                plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    /** Whether a directory cannot be entered from a grant that can be written. */
    boolean hides(Object key) {
        return hidden.contains(key);
    }

    /** Whether a directory cannot be moved or removed in a grant that can be written. */
    boolean fixes(Object key) {
        return fixed.contains(key);
    }
}
