package org.wasix4j.system.stdio;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.FileErrors;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Reads a stream for guests, and never more of it than a guest has asked for: the rest stays for
 * the next reader of the stream, such as the following program in a shell script.
 *
 * <p>What can be read without waiting is read on the guest's own thread, where the stream reports
 * it reliably ({@link InputKind}). A read that may wait is made on a thread of its own, since it
 * cannot be woken: guest threads park and are notified. That thread is started when someone first
 * has to wait. It ends with the stream, and when the last guest that has it is gone.
 *
 * <p>A poll takes nothing where the stream says how much there is. Where it says "nothing", only a
 * read shows whether the end has come; so one byte is read then, which the next read gets.
 *
 * <p>There is one pump for the standard input of the JVM, shared by the guests that were given it.
 */
public final class InputPump {

    /** The most that is read at once. */
    private static final int MOST = 65536;

    /** How long a look waits for the first word of the stream, once its read has begun. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long it waits for the thread that reads to begin. */
    private static final long START_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final InputStream stream;
    private final InputKind kind;
    private final CopyOnWriteArrayList<StandardInput> readers = new CopyOnWriteArrayList<>();

    /** What was read and not taken; ready for taking. Guarded by this, as all that follows. */
    private ByteBuffer buffered = ByteBuffer.allocate(0);

    /** How many bytes the pump's thread is to read, 0 for none. */
    private int wanted;

    /** Whether it is to read only what there is. */
    private boolean onlyPresent;

    /** Whether what it is to read is the byte of a look. */
    private boolean looking;

    /** Whether all that is buffered is the byte of a look. */
    private boolean looked;

    /** Whether a thread is in a read of the stream; others keep off. */
    private boolean reading;

    /** Whether a thread found another one reading, and has to be notified of the end of that. */
    private boolean contended;

    private boolean started;
    private boolean ended;
    private @Nullable Errno failure;

    /** A pump for a stream of which nothing is known, not started. */
    public InputPump(InputStream stream) {
        this(stream, InputKind.UNKNOWN);
    }

    InputPump(InputStream stream, InputKind kind) {
        this.stream = stream;
        this.kind = kind;
    }

    /** The standard input of this JVM. */
    public static InputPump host() {
        return Host.PUMP;
    }

    private static final class Host {
        private static final InputPump PUMP =
                new InputPump(
                        new FileInputStream(FileDescriptor.in), InputKind.of(StreamKind.ofHost(0)));
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

    // ---- what is known

    /** How many bytes could be taken now, as far as the stream reports. */
    synchronized int available() {
        return buffered.remaining() + (reading ? 0 : present());
    }

    /** Whether nothing more will come, and all that came was taken. */
    synchronized boolean isOver() {
        return !buffered.hasRemaining()
                && (ended || kind == InputKind.BYTES && !reading && present() == 0);
    }

    /** Whether taking would answer at once; if that is not known, finds out. */
    synchronized boolean isReady() {
        if (isKnownReady()) {
            return true;
        }
        look();
        return isKnownReady();
    }

    private boolean isKnownReady() {
        return buffered.hasRemaining()
                || ended
                || kind.neverWaits()
                || !reading && wanted == 0 && present() > 0;
    }

    /** What the stream says that it can give without waiting; 0 where its word is not relied on. */
    private int present() {
        if (!kind.tellsPresent()) {
            return 0;
        }
        try {
            return Math.max(0, stream.available());
        } catch (IOException e) {
            return 0; // a read finds out
        }
    }

    // ---- taking

    /**
     * Takes what there is, up to what fits.
     *
     * @param waits whether the caller waits for more when there is nothing
     * @return bytes taken, 0 at the end, or {@link OpenDescription#WOULD_BLOCK}
     */
    long take(ByteBuffer[] buffers, int count, boolean waits) {
        int room = room(buffers, count);
        if (room == 0) {
            return 0;
        }
        int length;
        long done;
        synchronized (this) {
            done = takeBuffered(buffers, count);
            if (done > 0 && done < room && looked && !kind.tellsPresent()) {
                // what came with the byte of the look is behind it
                ask(room - (int) done, true);
                awaitPump();
                done += takeBuffered(buffers, count);
            }
            if (done == room || ended) {
                return done > 0 ? done : end();
            }
            if (done == 0 && !isKnownReady()) {
                if (waits) {
                    ask(room, false);
                    return OpenDescription.WOULD_BLOCK;
                }
                look();
                done = takeBuffered(buffers, count);
                return done > 0 ? done : ended ? end() : OpenDescription.WOULD_BLOCK;
            }
            if (reading || wanted > 0) {
                contended = true;
                return done > 0 ? done : OpenDescription.WOULD_BLOCK;
            }
            length = kind.neverWaits() ? room - (int) done : Math.min(room - (int) done, present());
            if (length == 0) {
                return done > 0 ? done : OpenDescription.WOULD_BLOCK;
            }
            reading = true;
        }
        return readHere(buffers, count, length, done);
    }

    private static int room(ByteBuffer[] buffers, int count) {
        long room = 0;
        for (int i = 0; i < count; i++) {
            room += buffers[i].remaining();
        }
        return (int) Math.min(room, MOST);
    }

    private long takeBuffered(ByteBuffer[] buffers, int count) {
        return scatter(buffered, buffers, count);
    }

    private static long scatter(ByteBuffer from, ByteBuffer[] buffers, int count) {
        long done = 0;
        for (int i = 0; i < count && from.hasRemaining(); i++) {
            int length = Math.min(buffers[i].remaining(), from.remaining());
            int end = from.limit();
            from.limit(from.position() + length);
            buffers[i].put(from);
            from.limit(end);
            done += length;
        }
        return done;
    }

    /** The answer at the end: a terminal's is reported once, and then there may be more. */
    private long end() {
        if (failure != null) {
            throw failure.exception();
        }
        if (kind == InputKind.TERMINAL) {
            ended = false;
        }
        return 0;
    }

    /** Reads on the calling thread what does not have to be waited for; {@code reading} is set. */
    private long readHere(ByteBuffer[] buffers, int count, int length, long done) {
        byte[] chunk = new byte[length];
        int read = 0;
        try {
            read = stream.read(chunk, 0, length);
        } catch (IOException e) {
            if (done == 0) {
                throw FileErrors.of(e);
            }
        } finally {
            boolean notify;
            synchronized (this) {
                reading = false;
                notify = contended;
                contended = false;
            }
            if (notify) {
                readers.forEach(StandardInput::arrived);
            }
        }
        return read <= 0 ? done : done + scatter(ByteBuffer.wrap(chunk, 0, read), buffers, count);
    }

    // ---- the thread

    /**
     * Has one byte read, unless something is asked for already, and waits a moment for the word of
     * the stream: so that the first poll reports an end that has come.
     */
    private void look() {
        if (reading || wanted > 0) {
            contended = true;
        } else {
            looking = true;
            ask(1, false);
            awaitPump();
        }
    }

    private void ask(int bytes, boolean present) {
        if (reading || wanted > 0) {
            contended = true;
            return;
        }
        wanted = bytes;
        onlyPresent = present;
        if (!started) {
            started = true;
            Thread thread = new Thread(this::run, "wasix4j standard input");
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (Throwable e) {
                started = false;
                wanted = 0;
                throw e;
            }
        }
        notifyAll();
    }

    private void awaitPump() {
        long deadline = System.nanoTime() + START_NANOS;
        boolean begun = false;
        try {
            while (wanted > 0) {
                if (reading && !begun) {
                    begun = true;
                    deadline = System.nanoTime() + LOOK_NANOS;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            // the process ends, which the guest thread finds out
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean more = true;
        while (more) {
            byte[] chunk = new byte[0];
            try {
                int length = awaitWish();
                if (length == 0) {
                    return;
                }
                chunk = new byte[length];
                int read = read(chunk);
                more = read >= 0 || kind == InputKind.TERMINAL;
                deliver(chunk, read, null);
            } catch (IOException e) {
                more = false;
                deliver(chunk, -1, FileErrors.errno(e));
            } catch (InterruptedException | RuntimeException | Error e) {
                // an embedder's stream can throw anything; the waiting guest gets an answer
                more = false;
                deliver(chunk, -1, Errno.IO);
            }
        }
    }

    private int read(byte[] chunk) throws IOException {
        int length = chunk.length;
        boolean present;
        synchronized (this) {
            present = onlyPresent;
        }
        if (present) {
            length = Math.min(length, Math.max(0, stream.available()));
            if (length == 0) {
                return 0;
            }
        }
        int read = stream.read(chunk, 0, length);
        if (read == 0) {
            // a stream that does not keep its word, which a read of a single byte has to
            int single = stream.read();
            if (single < 0) {
                return -1;
            }
            chunk[0] = (byte) single;
            return 1;
        }
        return read;
    }

    /**
     * Waits until bytes are wanted; 0 when no reader is left that could want any, and the thread
     * ends.
     */
    private synchronized int awaitWish() throws InterruptedException {
        while (!readers.isEmpty()) {
            if (wanted > 0) {
                reading = true;
                notifyAll();
                return wanted;
            }
            wait();
        }
        wanted = 0;
        started = false;
        return 0;
    }

    private void deliver(byte[] chunk, int length, @Nullable Errno error) {
        synchronized (this) {
            wanted = 0;
            reading = false;
            contended = false;
            looked = looking;
            looking = false;
            if (length > 0) {
                ByteBuffer more = ByteBuffer.wrap(chunk, 0, length);
                buffered =
                        buffered.hasRemaining()
                                ? ByteBuffer.allocate(buffered.remaining() + length)
                                        .put(buffered)
                                        .put(more)
                                        .flip()
                                : more;
            } else if (length < 0) {
                ended = true;
                failure = error;
                started &= kind == InputKind.TERMINAL && error == null;
            }
            notifyAll();
        }
        readers.forEach(StandardInput::arrived);
    }
}
