package org.wasix4j.system.fd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/** Copies part of a file to a description of any kind, a piece at a time. */
final class FileCopy {

    private static final int PIECE = 65536;

    private FileCopy() {}

    /** See {@link OpenDescription#sendFile}. */
    static long copy(
            GuestThread thread, FileChannel file, long position, long count, OpenDescription out) {
        ByteBuffer[] piece = {ByteBuffer.allocate((int) Math.min(count, PIECE))};
        long done = 0;
        while (done < count) {
            ByteBuffer buffer = piece[0].clear();
            buffer.limit((int) Math.min(buffer.capacity(), count - done));
            int length = read(file, buffer, position + done);
            if (length <= 0) {
                return done;
            }
            buffer.flip();
            long written;
            try {
                written = out.write(thread, piece, 1);
            } catch (ErrnoException e) {
                if (done > 0) {
                    return done; // the next call meets the error again
                }
                throw e;
            }
            if (written == OpenDescription.WOULD_BLOCK) {
                return done > 0 ? done : written;
            }
            done += written;
            if (written < length) {
                return done;
            }
        }
        return done;
    }

    private static int read(FileChannel file, ByteBuffer buffer, long position) {
        try {
            return file.read(buffer, position);
        } catch (IOException e) {
            throw Errno.IO.exception();
        }
    }
}
