package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A directory in memory, with what is in it: {@code /dev}, {@code /tmp} and their like. It belongs
 * to one family of guests, and takes its room from their budget.
 *
 * <p>Lock rule: all directories of one tree share a monitor, which is held for an operation on
 * names. A {@link MemoryFile}'s own is taken under it.
 */
final class MemoryFolder extends OwnFolder {

    /** What a name takes besides its letters, with the node behind it. */
    private static final int COST = 512;

    private final Object lock;
    private final MemoryBudget budget;
    private final Map<String, MemoryNode> entries = new TreeMap<>();

    /** The directory that this one is in; null for the root of a tree. */
    private @Nullable MemoryFolder parent;

    private boolean removed;

    /** The root of a tree of its own. */
    MemoryFolder(MemoryBudget budget) {
        this(budget, new Object(), null);
    }

    private MemoryFolder(MemoryBudget budget, Object lock, @Nullable MemoryFolder parent) {
        this.budget = budget;
        this.lock = lock;
        this.parent = parent;
    }

    @Override
    int links() {
        return isRemoved() ? 0 : 2;
    }

    // ---- looking

    @Override
    public @Nullable BasicFileAttributes look(String name) {
        return node(name);
    }

    private @Nullable MemoryNode node(String name) {
        synchronized (lock) {
            return entries.get(name);
        }
    }

    private MemoryNode require(String name) {
        MemoryNode node = node(name);
        if (node == null) {
            throw Errno.NOENT.exception();
        }
        return node;
    }

    @Override
    public @Nullable FileStat stat(String name, BasicFileAttributes seen) {
        MemoryNode node = node(name);
        return node == null ? null : node.stat();
    }

    @Override
    public String readLink(String name) {
        if (require(name) instanceof Link link) {
            return link.text();
        }
        throw Errno.INVAL.exception();
    }

    @Override
    public void names(Consumer<String> sink) {
        List<String> names;
        synchronized (lock) {
            names = List.copyOf(entries.keySet());
        }
        names.forEach(sink);
    }

    @Override
    public boolean isRemoved() {
        synchronized (lock) {
            return removed;
        }
    }

    // ---- opening

    @Override
    public Folder openDirectory(String name, @Nullable BasicFileAttributes seen, long mark) {
        MemoryNode node = require(name);
        if (node instanceof MemoryFolder folder) {
            return folder;
        }
        throw (node.isSymbolicLink() ? Errno.LOOP : Errno.NOTDIR).exception();
    }

    @Override
    public boolean opens(BasicFileAttributes found) {
        return !(found instanceof SocketNode);
    }

    @Override
    public OpenDescription open(
            String name,
            @Nullable BasicFileAttributes seen,
            long mark,
            OpenMode mode,
            boolean readOnly) {
        synchronized (lock) {
            MemoryNode node = entries.get(name);
            if (node == null) {
                if (!mode.create()) {
                    throw Errno.NOENT.exception();
                }
                node = put(name, new MemoryFile(budget));
            } else if (mode.create() && mode.exclusive()) {
                throw Errno.EXIST.exception();
            }
            if (node instanceof Device device) {
                return device.open(mode);
            }
            if (node instanceof MemoryFile file) {
                if (mode.truncate()) {
                    file.resize(0);
                }
                return new OpenFile(file.open(), mode, readOnly);
            }
            if (node instanceof SocketNode) {
                throw Errno.NXIO.exception();
            }
            throw (node.isDirectory() ? Errno.ISDIR : Errno.LOOP).exception();
        }
    }

    // ---- changing

    /** Adds a name; the caller holds the lock, or the directory is not visible to others yet. */
    <T extends MemoryNode> T put(String name, T node) {
        if (removed) {
            throw Errno.NOENT.exception();
        }
        if (entries.containsKey(name)) {
            throw Errno.EXIST.exception();
        }
        budget.takeHeap(cost(name, node), Errno.NOSPC);
        entries.put(name, node);
        touch();
        return node;
    }

    private MemoryNode take(String name) {
        MemoryNode node = entries.remove(name);
        budget.giveBackHeap(cost(name, node));
        touch();
        return node;
    }

    private static long cost(String name, MemoryNode node) {
        long text = node instanceof Link link ? link.text().length() : 0;
        return COST + 2L * (name.length() + text);
    }

    @Override
    public void unlink(String name) {
        synchronized (lock) {
            if (require(name).isDirectory()) {
                throw Errno.ISDIR.exception();
            }
            take(name).link(-1);
        }
    }

    @Override
    public void removeDirectory(String name) {
        synchronized (lock) {
            if (!(require(name) instanceof MemoryFolder folder)) {
                throw Errno.NOTDIR.exception();
            }
            folder.requireEmpty();
            take(name);
            folder.removed = true;
        }
    }

    private void requireEmpty() {
        if (!entries.isEmpty()) {
            throw Errno.NOTEMPTY.exception();
        }
    }

    /** A directory of the same tree. */
    private MemoryFolder sibling(Folder other) {
        if (other instanceof MemoryFolder folder && folder.lock == lock) {
            return folder;
        }
        throw Errno.XDEV.exception();
    }

    @Override
    public void rename(String name, Folder target, String newName) {
        MemoryFolder to = sibling(target);
        synchronized (lock) {
            MemoryNode moved = require(name);
            MemoryNode replaced = to.entries.get(newName);
            if (to.removed) {
                throw Errno.NOENT.exception();
            }
            if (moved == replaced) {
                return;
            }
            if (moved instanceof MemoryFolder folder) {
                for (MemoryFolder above = to; above != null; above = above.parent) {
                    if (above == folder) {
                        throw Errno.INVAL.exception();
                    }
                }
            }
            requireReplaceable(moved, replaced);
            // a longer name may be the one for which there is no room: before anything is changed
            budget.takeHeap(2L * newName.length(), Errno.NOSPC);
            budget.giveBackHeap(2L * newName.length());
            if (replaced instanceof MemoryFolder folder) {
                to.take(newName);
                folder.removed = true;
            } else if (replaced != null) {
                to.take(newName).link(-1);
            }
            take(name);
            to.put(newName, moved);
            if (moved instanceof MemoryFolder folder) {
                folder.parent = to;
            }
        }
    }

    private static void requireReplaceable(MemoryNode moved, @Nullable MemoryNode replaced) {
        if (replaced == null) {
            return;
        }
        if (replaced instanceof MemoryFolder folder) {
            if (!moved.isDirectory()) {
                throw Errno.ISDIR.exception();
            }
            folder.requireEmpty();
        } else if (moved.isDirectory()) {
            throw Errno.NOTDIR.exception();
        }
    }

    @Override
    public void createDirectory(String name) {
        synchronized (lock) {
            put(name, new MemoryFolder(budget, lock, this));
        }
    }

    @Override
    public void createLink(String name, String text) {
        synchronized (lock) {
            put(name, new Link(text));
        }
    }

    /**
     * Makes the name of a unix socket.
     *
     * @throws org.wasix4j.types.ErrnoException addrinuse when the name is taken, nospc, noent
     */
    SocketNode createSocket(String name) {
        synchronized (lock) {
            if (entries.containsKey(name)) {
                throw Errno.ADDRINUSE.exception();
            }
            return put(name, new SocketNode());
        }
    }

    @Override
    public void link(String name, Folder target, String newName) {
        MemoryFolder to = sibling(target);
        synchronized (lock) {
            MemoryNode node = require(name);
            if (node.isDirectory()) {
                throw Errno.PERM.exception();
            }
            to.put(newName, node);
            node.link(1);
        }
    }

    @Override
    public void setTimes(String name, @Nullable FileTime access, @Nullable FileTime modification) {
        require(name).times(access, modification);
    }

    @Override
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
        times(access, modification);
    }
}
