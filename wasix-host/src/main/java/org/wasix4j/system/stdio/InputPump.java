package org.wasix4j.system.stdio;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CopyOnWriteArrayList;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.FileErrors;
import org.wasix4j.types.Errno;

/**
 * Reads a stream on a thread of its own, since a read of a stream cannot be woken: guest threads
 * park and are told. The thread is started when someone first reads or polls, and reads only while
 * someone wants more than there is, so that what no guest has asked for is left to the next process
 * on the terminal. It ends with the stream, and when the last guest that has it is gone.
 *
 * <p>There is one for the standard input of the JVM, shared by the guests that were given it.
 */
public final class InputPump {

    private static final int CAPACITY = 65536;

    private final InputStream stream;
    private final CopyOnWriteArrayList<StandardInput> readers = new CopyOnWriteArrayList<>();

    /** What was read and not taken; ready for taking. Guarded by this. */
    private final ByteBuffer buffered = ByteBuffer.allocate(CAPACITY).flip();

    private boolean started;
    private boolean wanted;
    private boolean ended;
    private Errno failure;

    /** A pump for a stream, not started. */
    public InputPump(InputStream stream) {
        this.stream = stream;
    }

    /** The standard input of this JVM. */
    public static InputPump host() {
        return Host.PUMP;
    }

    private static final class Host {
        private static final InputPump PUMP = new InputPump(new FileInputStream(FileDescriptor.in));
    }

    void add(StandardInput reader) {
        readers.add(reader);
    }

    void remove(StandardInput reader) {
        readers.remove(reader);
        synchronized (this) {
            notifyAll();
        }
    }

    /** How many bytes could be taken now. */
    synchronized int available() {
        return buffered.remaining();
    }

    /** Whether nothing more will come once {@link #available} is 0. */
    synchronized boolean isEnded() {
        return ended;
    }

    /** Whether taking would answer at once; if not, makes the pump read. */
    synchronized boolean isReady() {
        if (buffered.hasRemaining() || ended) {
            return true;
        }
        want();
        return false;
    }

    /**
     * Takes what there is.
     *
     * @return bytes taken, 0 at the end, or {@link OpenDescription#WOULD_BLOCK}
     */
    synchronized long take(ByteBuffer[] buffers, int count) {
        if (!buffered.hasRemaining()) {
            if (failure != null) {
                throw failure.exception();
            }
            if (ended) {
                return 0;
            }
            want();
            return OpenDescription.WOULD_BLOCK;
        }
        long done = 0;
        for (int i = 0; i < count && buffered.hasRemaining(); i++) {
            int length = Math.min(buffers[i].remaining(), buffered.remaining());
            int end = buffered.limit();
            buffered.limit(buffered.position() + length);
            buffers[i].put(buffered);
            buffered.limit(end);
            done += length;
        }
        return done;
    }

    private void want() {
        wanted = true;
        if (!started) {
            started = true;
            Thread thread = new Thread(this::run, "wasix4j standard input");
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    private void run() {
        byte[] chunk = new byte[CAPACITY];
        boolean more = true;
        while (more) {
            try {
                if (!awaitWish()) {
                    return;
                }
                int length = stream.read(chunk);
                more = length >= 0;
                deliver(chunk, length, null);
            } catch (IOException e) {
                more = false;
                deliver(chunk, -1, FileErrors.errno(e));
            } catch (InterruptedException | RuntimeException e) {
                // an embedder's stream can throw anything
                more = false;
                deliver(chunk, -1, Errno.IO);
            }
        }
    }

    /**
     * Waits until someone wants bytes; false when nobody is left who could, and the thread ends.
     */
    private synchronized boolean awaitWish() throws InterruptedException {
        while (!readers.isEmpty()) {
            if (wanted) {
                return true;
            }
            wait();
        }
        wanted = false;
        started = false;
        return false;
    }

    private void deliver(byte[] chunk, int length, Errno error) {
        synchronized (this) {
            wanted = false;
            if (length >= 0) {
                buffered.clear();
                buffered.put(chunk, 0, length).flip();
            } else {
                ended = true;
                failure = error;
            }
        }
        readers.forEach(StandardInput::arrived);
    }
}
