package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.FileTime;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Nullable;

/**
 * The bytes of an open regular file, by position: of a file of the host's, or of one in memory.
 * What a file offset, access and append mode are is {@link OpenFile}'s.
 */
interface FileContent {

    /** Reads into a buffer; -1 or 0 at the end, less than asked for before a hole's end never. */
    int read(ByteBuffer buffer, long position) throws IOException;

    /** Writes from a buffer. */
    int write(ByteBuffer buffer, long position) throws IOException;

    /**
     * Writes at the end, wherever that is then, in one piece.
     *
     * @return the end after it
     */
    long append(ByteBuffer[] buffers, int count) throws IOException;

    long size() throws IOException;

    /** Cuts it off, or makes it longer with zeros. */
    void resize(long size) throws IOException;

    FileStat stat() throws IOException;

    void sync(boolean metadata) throws IOException;

    /** Null leaves a time as it is. */
    void setTimes(@Nullable FileTime access, @Nullable FileTime modification) throws IOException;

    /** The channel, where there is one, else null. */
    @Nullable
    FileChannel channel();

    void close() throws IOException;
}
