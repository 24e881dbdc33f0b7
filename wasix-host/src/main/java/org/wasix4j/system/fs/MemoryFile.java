package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * A regular file in memory. Only pages that were written take room, which is taken from the budget;
 * they are given back when the file has no name and is not open any more.
 *
 * <p>Lock rule: the monitor guards pages, size and uses, and is held for a copy; nothing is taken
 * under it.
 */
final class MemoryFile extends MemoryNode {

    private static final int PAGE = 4096;

    /** What a page takes, with its entry in the map. */
    private static final int COST = PAGE + 128;

    /** What the kernel says, which {@link FileErrors} knows. */
    private static final String FULL = "No space left on device";

    private static final byte[] HOLE = new byte[PAGE];

    private final MemoryBudget budget;
    private final TreeMap<Long, byte[]> pages = new TreeMap<>();
    private volatile long size;
    private int open;

    MemoryFile(MemoryBudget budget) {
        this.budget = budget;
    }

    /** A file with a text, which never changes. */
    static MemoryFile of(MemoryBudget budget, byte[] bytes) {
        MemoryFile file = new MemoryFile(budget);
        try {
            file.write(ByteBuffer.wrap(bytes), 0);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
        return file;
    }

    @Override
    FileType type() {
        return FileType.REGULAR_FILE;
    }

    @Override
    public long size() {
        return size;
    }

    /** The bytes, for one more open description. */
    synchronized FileContent open() {
        open++;
        return new Content();
    }

    private synchronized void close() {
        open--;
        freeUnused();
    }

    @Override
    synchronized void link(int more) {
        super.link(more);
        freeUnused();
    }

    private void freeUnused() {
        if (open == 0 && links() <= 0) {
            budget.giveBackHeap((long) pages.size() * COST);
            pages.clear();
            size = 0;
        }
    }

    private synchronized int read(ByteBuffer buffer, long position) {
        int length = (int) Math.max(0, Math.min(buffer.remaining(), size - position));
        for (int done = 0; done < length; ) {
            long at = position + done;
            int offset = (int) (at % PAGE);
            int part = Math.min(length - done, PAGE - offset);
            byte[] page = pages.get(at / PAGE);
            buffer.put(page == null ? HOLE : page, offset, part);
            done += part;
        }
        return length;
    }

    /** Writes as much as there is room for; an error when there is none. */
    private synchronized int write(ByteBuffer buffer, long position) throws IOException {
        int length = buffer.remaining();
        int done = 0;
        while (done < length) {
            long at = position + done;
            int offset = (int) (at % PAGE);
            int part = Math.min(length - done, PAGE - offset);
            byte[] page = pages.get(at / PAGE);
            if (page == null) {
                page = newPage();
                if (page == null) {
                    break;
                }
                pages.put(at / PAGE, page);
            }
            buffer.get(page, offset, part);
            done += part;
        }
        if (done == 0 && length > 0) {
            throw new IOException(FULL);
        }
        if (done > 0) {
            size = Math.max(size, position + done);
            touch();
        }
        return done;
    }

    /** A page that is paid for, or null; the heap can be full where the budget is not. */
    private @Nullable byte[] newPage() {
        if (!budget.tryTakeHeap(COST)) {
            return null;
        }
        try {
            return new byte[PAGE];
        } catch (OutOfMemoryError e) {
            budget.giveBackHeap(COST);
            return null;
        }
    }

    synchronized void resize(long target) {
        if (target < size) {
            Map<Long, byte[]> cut = pages.tailMap((target + PAGE - 1) / PAGE, true);
            budget.giveBackHeap((long) cut.size() * COST);
            cut.clear();
            byte[] last = target % PAGE == 0 ? null : pages.get(target / PAGE);
            if (last != null) {
                Arrays.fill(last, (int) (target % PAGE), PAGE, (byte) 0);
            }
        }
        size = target;
        touch();
    }

    private synchronized long append(ByteBuffer[] buffers, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int wanted = buffers[i].remaining();
            try {
                if (write(buffers[i], size) < wanted) {
                    break;
                }
            } catch (IOException e) {
                if (i == 0) {
                    throw e;
                }
                break;
            }
        }
        return size;
    }

    /** The file as one holder has it open. */
    private final class Content implements FileContent {

        @Override
        public int read(ByteBuffer buffer, long position) {
            return MemoryFile.this.read(buffer, position);
        }

        @Override
        public int write(ByteBuffer buffer, long position) throws IOException {
            return MemoryFile.this.write(buffer, position);
        }

        @Override
        public long append(ByteBuffer[] buffers, int count) throws IOException {
            return MemoryFile.this.append(buffers, count);
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void resize(long target) {
            MemoryFile.this.resize(target);
        }

        @Override
        public FileStat stat() {
            return MemoryFile.this.stat();
        }

        @Override
        public void sync(boolean metadata) {
            // there is nothing behind it
        }

        @Override
        public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
            times(access, modification);
        }

        @Override
        public @Nullable FileChannel channel() {
            return null;
        }

        @Override
        public void close() {
            MemoryFile.this.close();
        }
    }
}
