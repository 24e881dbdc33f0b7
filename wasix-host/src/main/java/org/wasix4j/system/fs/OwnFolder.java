package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import org.wasix4j.types.FileType;

/** A directory of our own, in memory: it holds nothing of the host, so nothing is to be closed. */
abstract class OwnFolder extends MemoryNode implements Folder {

    @Override
    final FileType type() {
        return FileType.DIRECTORY;
    }

    @Override
    public final Object key() {
        return this;
    }

    @Override
    public final Folder retain() {
        return this;
    }

    @Override
    public final void close() {
        // what is not reached any more is garbage
    }

    @Override
    public final long inode(BasicFileAttributes found) {
        return found instanceof MemoryNode node ? node.inodeNumber() : 0;
    }

    @Override
    public final void sync() {
        // there is nothing behind it
    }
}
