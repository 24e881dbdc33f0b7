package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Follows a path, name by name, from one open directory to the next: the only code that decides
 * where a guest's path leads, for files, directories and unix sockets alike.
 *
 * <p>Each step opens a name without following links, relative to a directory that is open already;
 * a symbolic link is read and its words are walked here, as guest paths. So there is no moment at
 * which a rename can send the walk outside: whatever is moved, the walk stands in directories that
 * it has reached from a granted one. {@code ..} never asks the host: it goes back along the names
 * the walk came by, from the directory it started in.
 */
final class Walker {

    /** How many symbolic links a path may lead through, as on Linux. */
    private static final int MAX_LINKS = 40;

    private final Mounts mounts;
    private final Lookup lookup;
    private final DirectoryNode base;

    private Deque<String> words = new ArrayDeque<>();
    private @Nullable DirectoryNode here;
    private int links;

    /** Whether the path, or the text of a link at its end, ends with a slash. */
    private boolean slash;

    /** The last word of the path, or of a link at its end, when it is one or two dots. */
    private @Nullable String last;

    /** Whether the walk has been sent elsewhere by a link or by {@code ..}. */
    private boolean strayed;

    private Walker(Mounts mounts, DirectoryNode base, Lookup lookup) {
        this.mounts = mounts;
        this.base = base;
        this.lookup = lookup;
    }

    /**
     * Where a path leads.
     *
     * @param base the directory that it starts in when it is relative; stays the caller's
     * @throws org.wasix4j.types.ErrnoException noent, notdir, loop, nametoolong, acces; notcapable
     *     when it would lead out of what was granted
     */
    static ResolvedPath walk(Mounts mounts, DirectoryNode base, String path, Lookup lookup) {
        Walker walker = new Walker(mounts, base, lookup);
        try {
            return walker.walk(path);
        } catch (Throwable e) {
            if (walker.here != null) {
                walker.here.close();
            }
            throw e;
        }
    }

    private ResolvedPath walk(String path) {
        if (path.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        if (path.startsWith("/")) {
            if (lookup.confined()) {
                throw Errno.NOTCAPABLE.exception();
            }
            here = mounts.root();
        } else {
            here = base.retain();
        }
        words = GuestPath.names(path);
        slash = path.endsWith("/");
        last = lastDots(path);
        while (!words.isEmpty()) {
            String name = words.remove();
            boolean end = words.isEmpty() && !".".equals(last);
            if (name.equals("..")) {
                up();
                continue;
            }
            String target = GuestPath.child(here().path(), name);
            if (mounts.at(target) != null) {
                enter(name);
                continue;
            }
            long mark = here().hasFolder() ? here().directory().mark() : 0;
            BasicFileAttributes found = here().hasFolder() ? here().directory().look(name) : null;
            DirectoryNode programs = found == null ? mounts.program(here().path(), name) : null;
            if (programs != null) {
                here().close();
                here = programs;
                mark = programs.directory().mark();
                found = programs.directory().look(name);
            }
            if (found == null && mounts.isAbove(target)) {
                enter(name);
            } else if (found == null) {
                if (!here().hasFolder() && strayed && mounts.own() == null) {
                    throw Errno.NOTCAPABLE.exception();
                }
                if (!end) {
                    throw Errno.NOENT.exception();
                }
                return new ResolvedPath(here(), name, last, slash, null, mark);
            } else if (found.isSymbolicLink() && follows(end)) {
                follow(name);
            } else if (end) {
                return new ResolvedPath(here(), name, null, slash, found, mark);
            } else if (found.isDirectory() && !mounts.isAbove(target)) {
                become(mounts.enter(here(), name, found, mark));
            } else if (found.isDirectory()) {
                enter(name);
            } else {
                throw Errno.NOTDIR.exception();
            }
        }
        return new ResolvedPath(here(), null, last, slash, null, 0);
    }

    private DirectoryNode here() {
        return Objects.requireNonNull(here);
    }

    private boolean follows(boolean end) {
        return !end || lookup.follow() || slash && lookup.followSlash();
    }

    /** The last word when it is one or two dots. */
    private static @Nullable String lastDots(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        String word = path.substring(path.lastIndexOf('/', end - 1) + 1, end);
        return word.equals(".") || word.equals("..") ? word : null;
    }

    private void enter(String name) {
        become(step(here(), name));
    }

    private void become(DirectoryNode next) {
        here().close();
        here = next;
    }

    /** A name that is a directory, or should be; the node it starts from stays open. */
    private DirectoryNode step(DirectoryNode from, String name) {
        String path = GuestPath.child(from.path(), name);
        Mount mount = mounts.at(path);
        if (mount != null) {
            return new DirectoryNode(mount, mount.root().retain(), path);
        }
        if (from.hasFolder() && (!mounts.isAbove(path) || from.directory().look(name) != null)) {
            return mounts.enter(from, name);
        }
        if (mounts.isAbove(path)) {
            return new DirectoryNode(null, null, path);
        }
        throw Errno.NOENT.exception();
    }

    private void up() {
        if (here().path().equals(base.path()) && lookup.confined()) {
            throw Errno.NOTCAPABLE.exception();
        }
        strayed = true;
        String parent = GuestPath.parent(here().path());
        here().close();
        here = null;
        DirectoryNode at = GuestPath.isWithin(parent, base.path()) ? base.retain() : mounts.root();
        for (String name : GuestPath.between(at.path(), parent)) {
            DirectoryNode next;
            try {
                next = step(at, name);
            } finally {
                at.close();
            }
            at = next;
        }
        here = at;
    }

    private void follow(String name) {
        if (++links > MAX_LINKS) {
            throw Errno.LOOP.exception();
        }
        strayed = true;
        String text = here().directory().readLink(name);
        if (text.isEmpty()) {
            throw Errno.NOENT.exception();
        }
        if (text.startsWith("/")) {
            if (lookup.confined()) {
                throw Errno.NOTCAPABLE.exception();
            }
            here().close();
            here = null;
            here = mounts.root();
        }
        if (words.isEmpty()) {
            // the link ends the path, so the end of its text says what has to be there
            slash |= text.endsWith("/");
            String dots = lastDots(text);
            last = dots != null ? dots : last;
        }
        Deque<String> inserted = GuestPath.names(text);
        while (!inserted.isEmpty()) {
            words.addFirst(inserted.removeLast());
        }
    }
}
