package org.wasix4j.system.fs;

import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A name in a directory in memory, for unix sockets.
 *
 * @param folder the directory
 * @param name the name in it
 * @param guestPath the absolute path in the guest, links resolved
 * @param readOnly whether nothing may be created there
 */
public record MemoryPlace(Folder folder, String name, String guestPath, boolean readOnly) {

    /** Something done with a name in memory. */
    @FunctionalInterface
    public interface Action<T> {
        T on(MemoryPlace place);
    }

    /**
     * Makes the name of a socket.
     *
     * @throws org.wasix4j.types.ErrnoException addrinuse when the name is taken, rofs, nospc
     */
    public SocketNode create() {
        if (folder.look(name) != null) {
            throw Errno.ADDRINUSE.exception();
        }
        if (readOnly) {
            throw Errno.ROFS.exception();
        }
        return ((MemoryFolder) folder).createSocket(name);
    }

    /** The socket that has the name, or null when there is none. */
    public @Nullable SocketNode find() {
        return folder.look(name) instanceof SocketNode node ? node : null;
    }

    /**
     * The socket that has the name.
     *
     * @throws org.wasix4j.types.ErrnoException noent, connrefused for what is no socket
     */
    public SocketNode require() {
        SocketNode node = find();
        if (node == null) {
            throw (folder.look(name) == null ? Errno.NOENT : Errno.CONNREFUSED).exception();
        }
        return node;
    }
}
