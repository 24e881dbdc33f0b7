package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The sending half of a connected stream: one try to write, never a wait.
 *
 * <p>Lock rule: {@code writing} keeps the order of writes. It is not held while waiting, and
 * neither it nor the lock of the {@link ReadHalf} is taken inside the other.
 */
final class WriteHalf {

    private final StreamEndpoint endpoint;
    private final ConnectionFlags condition;
    private final StreamTraffic traffic;

    /** What is known of the guest's answers, or null where the guest is the client. */
    private final @Nullable AnswerFraming answer;

    private final ReentrantLock writing = new ReentrantLock();

    /** Whether the last write came up short, and the rest is still to come; guarded by writing. */
    private boolean unsent;

    WriteHalf(
            StreamEndpoint endpoint,
            ConnectionFlags condition,
            StreamTraffic traffic,
            @Nullable AnswerFraming answer) {
        this.answer = answer;
        this.endpoint = endpoint;
        this.condition = condition;
        this.traffic = traffic;
    }

    /** See {@link StreamTransfer}. */
    long tryWrite(ByteBuffer[] buffers, int count) {
        writing.lock();
        try {
            requireWritable();
            if (answer != null) {
                answer.writing(buffers, count, traffic.isUnanswered());
            }
            long written = endpoint.write(buffers, count);
            boolean all = Buffers.remaining(buffers, count) == 0;
            if (answer != null && written > 0) {
                answer.wrote(written, all);
            }
            return count(written, all);
        } catch (IOException e) {
            throw condition.brokenBy("send", e).exception();
        } finally {
            writing.unlock();
        }
    }

    /**
     * See {@link StreamTransfer}. The size of the file is asked for only when less was sent than
     * wanted: it costs a system call, and most senders know what the file has.
     */
    long tryTransfer(FileChannel file, long position, long count) {
        writing.lock();
        try {
            requireWritable();
            long written = endpoint.transfer(file, position, count);
            if (answer != null && written > 0) {
                answer.wroteFile(written);
            }
            return count(written, written == count || position + written >= file.size());
        } catch (IOException e) {
            throw condition.brokenBy("sendfile", e).exception();
        } finally {
            writing.unlock();
        }
    }

    private void requireWritable() {
        condition.throwPending();
        if (condition.isBroken() || condition.isWriteShut()) {
            throw Errno.PIPE.exception();
        }
    }

    /** After a write; under the lock. */
    private long count(long written, boolean all) {
        unsent = !all;
        if (written > 0) {
            traffic.countSent(written);
            if (condition.hasEnded()) {
                condition.suspect(true);
            }
        }
        return written;
    }

    /** How many bytes the guest has sent. */
    long sent() {
        writing.lock();
        try {
            return traffic.sent();
        } finally {
            writing.unlock();
        }
    }

    /**
     * Whether the guest has sent only a part of what it wanted to send, or of what it has
     * announced.
     */
    boolean isUnfinished() {
        writing.lock();
        try {
            return unsent || answer != null && answer.isIncomplete();
        } finally {
            writing.unlock();
        }
    }

    /** See {@link Drainable#isOpenEnded}. */
    boolean isOpenEnded() {
        writing.lock();
        try {
            return traffic.sent() > 0 && (answer == null || answer.isOpenEnded());
        } finally {
            writing.unlock();
        }
    }

    /** No more writing. */
    void shutdown() throws IOException {
        writing.lock();
        try {
            if (!condition.isWriteShut()) {
                condition.shutWrite();
                endpoint.shutdownOutput();
            }
        } finally {
            writing.unlock();
        }
    }
}
