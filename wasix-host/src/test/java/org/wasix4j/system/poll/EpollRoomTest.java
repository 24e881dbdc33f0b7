package org.wasix4j.system.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/** Waits with room for less than is ready: each in its turn, and none is left out. */
@Timeout(120)
final class EpollRoomTest {

    private static final long SECOND = 1_000_000_000;
    private static final int SOURCES = 10;

    /** Readable while there is something unread, which only the kernel reports. */
    private static final class Source extends OpenDescription {
        private final Pipe pipe;
        private volatile boolean unread;

        Source() throws IOException {
            pipe = Pipe.open();
            pipe.source().configureBlocking(false);
        }

        void comes() {
            try {
                unread = true;
                pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void receive() {
            try {
                pipe.source().read(ByteBuffer.allocate(16));
                unread = false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public SelectableChannel channel() {
            return pipe.source();
        }

        @Override
        public int readiness(int interest) {
            return 0;
        }

        @Override
        public int selectOps(int interest) {
            return Readiness.selectOps(interest);
        }

        @Override
        public int settle(int readyOps, int interest) {
            return unread ? interest & Readiness.READ : 0;
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

    private final GuestProcess process = new GuestProcess(ProcessSettings.defaults());
    private final GuestThread thread = process.threads().create();
    private final Epoll set = new Epoll(MemoryBudget.unlimited());
    private final List<Source> sources = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        for (int i = 0; i < SOURCES; i++) {
            Source source = new Source();
            sources.add(source);
            set.put(Epoll.Change.ADD, i, source, EpollFlags.IN, i, 0, 0);
        }
    }

    @AfterEach
    void close() {
        FdTable.discard(set);
        sources.forEach(FdTable::discard);
    }

    private <T> T asGuest(Supplier<T> body) {
        CompletableFuture<T> done =
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
        return done.join();
    }

    private List<Integer> await(int room, long nanos) {
        EpollReport report = new EpollReport().begin(room);
        set.await(thread, report, System.nanoTime() + nanos);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < report.count(); i++) {
            numbers.add((int) report.data(i, 0));
        }
        return numbers;
    }

    @Test
    void each_is_reported_once_before_any_is_reported_again() {
        sources.forEach(Source::comes);
        List<Integer> numbers =
                asGuest(
                        () -> {
                            List<Integer> found = new ArrayList<>();
                            for (int i = 0; i < 6; i++) {
                                found.addAll(await(5, SECOND));
                            }
                            return found;
                        });
        assertThat(numbers).hasSize(3 * SOURCES);
        for (int i = 0; i < numbers.size(); i += SOURCES) {
            assertThat(numbers.subList(i, i + SOURCES)).doesNotHaveDuplicates();
        }
    }

    @Test
    void what_comes_meanwhile_has_its_turn_after_what_was_left() {
        sources.subList(1, SOURCES).forEach(Source::comes);
        List<Integer> numbers =
                asGuest(
                        () -> {
                            List<Integer> found = new ArrayList<>(await(3, SECOND));
                            sources.get(0).comes();
                            for (int i = 0; i < 3; i++) {
                                found.addAll(await(3, SECOND));
                            }
                            return found;
                        });
        assertThat(numbers.subList(0, SOURCES - 1)).doesNotHaveDuplicates().doesNotContain(0);
        assertThat(Collections.frequency(numbers, 0)).isLessThanOrEqualTo(1);
    }

    @Test
    void one_that_is_always_ready_does_not_keep_the_others_out() {
        EventFd event = new EventFd(1, false);
        set.put(Epoll.Change.ADD, SOURCES, event, EpollFlags.IN, SOURCES, 0, 0);
        sources.get(3).comes();
        List<Integer> numbers =
                asGuest(
                        () -> {
                            List<Integer> found = new ArrayList<>();
                            for (int i = 0; i < 4; i++) {
                                found.addAll(await(1, SECOND));
                            }
                            return found;
                        });
        assertThat(numbers).hasSize(4).contains(3, SOURCES);
        FdTable.discard(event);
    }

    @Test
    void a_wait_that_does_not_wait_asks_the_kernel_when_what_was_left_is_nothing_now() {
        sources.get(1).comes();
        sources.get(2).comes();
        List<Integer> numbers =
                asGuest(
                        () -> {
                            await(1, SECOND);
                            sources.get(1).receive();
                            sources.get(2).receive();
                            sources.get(7).comes();
                            return await(1, 0);
                        });
        assertThat(numbers).containsExactly(7);
    }
}
