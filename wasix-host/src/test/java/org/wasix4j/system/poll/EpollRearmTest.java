package org.wasix4j.system.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/**
 * Several threads wait at one set and receive from one stream: the key is armed again, whoever
 * receives and in whatever order they come to the end. The order is made here by hand.
 */
@Timeout(120)
final class EpollRearmTest {

    /** A stream whose bytes are taken from the kernel when it reports them, as a socket's are. */
    private static final class Stream extends OpenDescription {
        private final Pipe pipe;
        private volatile int ahead;

        /** Runs once, when it is asked for what a selector has to be asked. */
        private Runnable whenArmed = () -> {};

        /** Whether it takes nothing more in, and what runs once when that was found. */
        private boolean full;

        private Runnable whenFull = () -> {};
        private long arrivals;

        Stream() throws IOException {
            pipe = Pipe.open();
            pipe.source().configureBlocking(false);
        }

        void comes() throws IOException {
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
        }

        /** A thread receives all there is, and comes to the end. */
        void receive() {
            ahead = 0;
            exhausted(Readiness.READ);
        }

        @Override
        public SelectableChannel channel() {
            return pipe.source();
        }

        @Override
        public int readiness(int interest) {
            return ahead > 0 ? interest & Readiness.READ : 0;
        }

        @Override
        public int selectOps(int interest) {
            int ops = Readiness.selectOps(interest & ~readiness(interest));
            Runnable next = whenArmed;
            whenArmed = () -> {};
            next.run();
            return ops;
        }

        @Override
        public long arrivals() {
            return arrivals;
        }

        @Override
        public int takeIn() {
            if (!full) {
                return SelectionKey.OP_READ;
            }
            Runnable next = whenFull;
            whenFull = () -> {};
            next.run();
            return 0;
        }

        @Override
        public int settle(int readyOps, int interest) {
            try {
                int read = Math.max(0, pipe.source().read(ByteBuffer.allocate(16)));
                ahead += read;
                arrivals += read;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return readiness(interest);
        }

        @Override
        public FileType type() {
            return FileType.SOCKET_STREAM;
        }

        @Override
        protected long possibleRights() {
            return Rights.POLL_FD_READWRITE;
        }

        @Override
        protected void onClose() {
            try {
                pipe.sink().close();
                pipe.source().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final long SECOND = 1_000_000_000;

    private final GuestProcess process = new GuestProcess(ProcessSettings.defaults());
    private final GuestThread thread = process.threads().create();
    private final Epoll set = new Epoll(MemoryBudget.unlimited());
    private Stream stream;

    @BeforeEach
    void open() throws IOException {
        stream = new Stream();
    }

    @AfterEach
    void close() {
        FdTable.discard(set);
        FdTable.discard(stream);
    }

    private void asGuest(Supplier<Boolean> body) {
        CompletableFuture<Boolean> done =
                CompletableFuture.supplyAsync(
                        () -> {
                            process.threads().enter(thread);
                            try {
                                return body.get();
                            } finally {
                                process.leave(thread);
                            }
                        },
                        task -> new Thread(task, "guest").start());
        assertThat(done.join()).isTrue();
    }

    private boolean isReported(long nanos) {
        EpollReport report = new EpollReport().begin(4);
        set.await(thread, report, System.nanoTime() + nanos);
        return report.count() == 1;
    }

    private boolean isReportedWhenOneComes() {
        try {
            stream.comes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return isReported(5 * SECOND);
    }

    private void add(int events) {
        set.put(Epoll.Change.ADD, 5, stream, events, 0, 0, 0);
    }

    /** One that has found nothing says so after what came then was reported to another. */
    @Test
    void an_edge_that_another_thread_takes_back_is_followed_by_the_next() {
        add(EpollFlags.IN | EpollFlags.ET);
        asGuest(
                () -> {
                    boolean first = isReportedWhenOneComes();
                    stream.exhausted(Readiness.READ);
                    boolean again = isReported(0);
                    stream.receive();
                    return first && !again && isReportedWhenOneComes();
                });
    }

    /** Another thread receives at the moment when the key is armed. */
    @Test
    void what_is_received_while_the_key_is_armed_is_followed_by_the_next() {
        add(EpollFlags.IN | EpollFlags.ET);
        asGuest(
                () -> {
                    boolean first = isReportedWhenOneComes();
                    stream.exhausted(Readiness.READ);
                    stream.whenArmed = stream::receive;
                    boolean again = isReported(0);
                    return first && !again && isReportedWhenOneComes();
                });
    }

    /** Another thread makes room at the moment when it was found that there is none. */
    @Test
    void what_comes_is_reported_when_room_is_made_while_the_key_is_armed() {
        add(EpollFlags.IN | EpollFlags.ET);
        asGuest(
                () -> {
                    boolean first = isReportedWhenOneComes();
                    stream.full = true;
                    stream.whenFull =
                            () -> {
                                stream.full = false;
                                stream.consumed();
                            };
                    boolean again = isReported(0);
                    return first && !again && isReportedWhenOneComes();
                });
    }

    /** A thread that waits without a set looks again: what it has seen is gone. */
    @Test
    void a_thread_that_waits_alone_looks_again_when_another_receives_what_it_has_seen() {
        asGuest(
                () -> {
                    stream.ahead = 1;
                    thread.beginWait();
                    thread.want(stream, Readiness.READ);
                    stream.receive();
                    return thread.park(System.nanoTime() + 5 * SECOND) == ParkResult.READY;
                });
    }
}
