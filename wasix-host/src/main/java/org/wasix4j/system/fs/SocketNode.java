package org.wasix4j.system.fs;

import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/** The name of a unix socket in a directory in memory. */
public final class SocketNode extends MemoryNode {

    private volatile @Nullable Object holder;

    /** A name that is in no directory. */
    public SocketNode() {}

    /** What is bound to the name, or null when it was closed. */
    public @Nullable Object holder() {
        return holder;
    }

    /** Sets what is bound to the name; null when it is closed. */
    public void holder(@Nullable Object bound) {
        holder = bound;
    }

    @Override
    FileType type() {
        return FileType.SOCKET_STREAM;
    }
}
