package org.wasix4j.system.fs;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A regular file of the host's. Everything acts on the open channel, not on the name, so that a
 * file that was renamed or removed goes on working; reads and writes are positional, straight
 * between the channel and the given buffers.
 */
final class HostContent implements FileContent {

    private final FileChannel channel;

    /**
     * Which file it is; until that is {@link #sure}, which one had the name before it was opened.
     */
    private volatile Object key;

    /** Written after {@link #key}. */
    private volatile boolean sure;

    private final Path openedAs;
    private final BasicFileAttributes seen;
    private volatile @Nullable FileStat lastKnown;

    /** Whether the name it was opened by stood for something else the last time. */
    private volatile boolean elsewhere;

    /** A channel whose writes the kernel puts at the end; opened when first needed. */
    private volatile @Nullable FileChannel appender;

    private volatile boolean closed;

    HostContent(OpenedFile opened) {
        this.channel = opened.channel();
        this.appender = opened.appender();
        this.key = opened.key();
        this.sure = opened.sure();
        this.openedAs = opened.path();
        this.seen = opened.seen();
    }

    @Override
    public FileChannel channel() {
        return channel;
    }

    @Override
    public int read(ByteBuffer buffer, long position) throws IOException {
        return channel.read(buffer, position);
    }

    @Override
    public int write(ByteBuffer buffer, long position) throws IOException {
        return channel.write(buffer, position);
    }

    @Override
    public long append(ByteBuffer[] buffers, int count) throws IOException {
        FileChannel end = appender();
        end.write(buffers, 0, count);
        return end.position();
    }

    /**
     * A channel with O_APPEND. Java can open one only by path: the path of the descriptor itself,
     * or the name it was opened by if that is still this file.
     */
    private FileChannel appender() throws IOException {
        FileChannel end = appender;
        if (end != null) {
            return end;
        }
        synchronized (this) {
            if (appender == null) {
                end = FileChannel.open(path(), StandardOpenOption.WRITE, StandardOpenOption.APPEND);
                appender = end;
                if (closed) {
                    end.close();
                }
            }
            return appender;
        }
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void resize(long size) throws IOException {
        if (size <= channel.size()) {
            channel.truncate(size);
        } else {
            grow(size);
        }
    }

    /** A {@code FileChannel} cannot grow a file; a {@code RandomAccessFile} can. */
    private void grow(long size) throws IOException {
        Path self = self();
        if (self != null) {
            try (RandomAccessFile file = new RandomAccessFile(self.toString(), "rw")) {
                file.setLength(size);
                return;
            } catch (java.io.FileNotFoundException e) {
                // not readable for this user: below
            }
        }
        channel.write(ByteBuffer.allocate(1), size - 1);
    }

    @Override
    public FileStat stat() throws IOException {
        FileStat known = lastKnown;
        FileStat stat =
                elsewhere ? null : HostStat.byPath(openedAs, key, LinkOption.NOFOLLOW_LINKS);
        if (stat == null) {
            Path self = self();
            stat = self == null ? null : HostStat.byPath(self, key);
            elsewhere = stat != null;
        } else if (!sure) {
            // it had the name before it was opened and has it now
            sure = true;
        }
        if (stat == null) {
            FileStat old = known != null ? known : HostStat.of(seen);
            return new FileStat(
                    old.device(),
                    old.inode(),
                    old.type(),
                    old.links(),
                    channel.size(),
                    old.accessTime(),
                    old.modificationTime(),
                    old.changeTime());
        }
        lastKnown = stat;
        return stat;
    }

    @Override
    public void sync(boolean metadata) throws IOException {
        channel.force(metadata);
        FileChannel end = appender;
        if (end != null) {
            end.force(metadata);
        }
    }

    @Override
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification)
            throws IOException {
        Files.getFileAttributeView(path(), BasicFileAttributeView.class)
                .setTimes(modification, access, null);
    }

    /** The path of the descriptor itself, or null without /proc. It shows which file this is. */
    private @Nullable Path self() throws IOException {
        if (sure) {
            return DescriptorPath.of(channel, key);
        }
        Path self = DescriptorPath.of(channel, null);
        if (self != null) {
            key = Files.readAttributes(self, BasicFileAttributes.class).fileKey();
            sure = true;
        }
        return self;
    }

    /** A path that leads to this file now. */
    private Path path() throws IOException {
        Path self = self();
        if (self != null) {
            return self;
        }
        if (HostStat.byPath(openedAs, key, LinkOption.NOFOLLOW_LINKS) == null) {
            throw Errno.STALE.exception();
        }
        return openedAs;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        channel.close();
        FileChannel end = appender;
        if (end != null) {
            end.close();
        }
    }
}
