package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.stdio.InputPump;
import org.wasix4j.system.stdio.StandardInput;
import org.wasix4j.system.stdio.StandardOutput;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.system.stdio.StreamKind;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.testmodules.ChildProcess;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/** Descriptors 0, 1 and 2, whatever they are connected to. */
@Timeout(30)
class StandardStreamsTest {

    private static HostHarness guestWith(OpenDescription... streams) {
        HostHarness guest = HostHarness.create();
        for (OpenDescription stream : streams) {
            guest.process().descriptors().open(null, stream);
        }
        return guest;
    }

    private static String read(HostHarness guest, int fd, int room) {
        int buffer = guest.alloc(room);
        return guest.text(buffer, guest.get("fd_read", fd, guest.iovec(buffer, room), 1));
    }

    @Test
    void output_arrives_in_one_piece_and_in_order() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (HostHarness guest =
                guestWith(StandardStreams.nullInput(), StandardStreams.output(out))) {
            int iovecs = guest.iovec(guest.string("hello, "), 7, guest.string("world"), 5);
            assertThat(guest.get("fd_write", 1, iovecs, 2)).isEqualTo(12);
            String large = "x".repeat(200_000);
            assertThat(guest.get("fd_write", 1, guest.iovec(large), 1)).isEqualTo(200_000);
            assertThat(out).hasToString("hello, world" + large);
        }
    }

    @Test
    void input_is_read_as_it_comes_and_then_ends() {
        try (HostHarness guest =
                guestWith(StandardStreams.input("abcdef".getBytes(StandardCharsets.UTF_8)))) {
            assertThat(read(guest, 0, 4)).isEqualTo("abcd");
            assertThat(read(guest, 0, 4)).isEqualTo("ef");
            assertThat(read(guest, 0, 4)).isEmpty();
            assertThat(read(guest, 0, 4)).isEmpty();
        }
    }

    @Test
    void nothing_is_read_before_the_guest_asks() {
        AtomicInteger reads = new AtomicInteger();
        InputStream counting =
                new InputStream() {
                    @Override
                    public int read() {
                        return -1;
                    }

                    @Override
                    public int read(byte[] bytes, int offset, int length) {
                        bytes[offset] = (byte) ('a' + reads.getAndIncrement());
                        return 1;
                    }
                };
        StandardInput input = new StandardInput(new InputPump(counting), StreamKind.PIPE);
        try (HostHarness guest = guestWith(input)) {
            assertThat(guest.call("fd_fdstat_get", 0, guest.alloc(24))).isEqualTo(Errno.SUCCESS);
            assertThat(reads).hasValue(0);
            assertThat(read(guest, 0, 10)).isEqualTo("a");
            await().until(() -> input.readiness(Readiness.READ) == Readiness.READ);
            assertThat(input.readableBytes()).isEqualTo(1);
            assertThat(read(guest, 0, 10)).isEqualTo("b");
            assertThat(reads).hasValue(2);
        }
    }

    @Test
    void a_reader_waits_for_input_and_a_non_blocking_one_does_not() throws IOException {
        PipedOutputStream keyboard = new PipedOutputStream();
        InputStream stream = new PipedInputStream(keyboard);
        try (HostHarness guest = guestWith(StandardStreams.input(stream))) {
            int iovec = guest.iovec(guest.alloc(4), 4);
            guest.ok("fd_fdstat_set_flags", 0, FdFlags.NONBLOCK);
            assertThat(guest.call("fd_read", 0, iovec, 1, guest.alloc(4))).isEqualTo(Errno.AGAIN);
            guest.ok("fd_fdstat_set_flags", 0, 0);
            CompletableFuture<String> line = guest.spawn(() -> read(guest, 0, 100));
            await().pollDelay(Duration.ofMillis(50)).until(() -> !line.isDone());
            keyboard.write("typed\n".getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            assertThat(line.join()).isEqualTo("typed\n");
            keyboard.close();
        }
    }

    @Test
    void the_thread_that_reads_for_a_guest_ends_with_it() {
        AtomicReference<Thread> pump = new AtomicReference<>();
        InputStream stream =
                new ByteArrayInputStream(new byte[10]) {
                    @Override
                    public synchronized int read(byte[] bytes, int offset, int length) {
                        pump.set(Thread.currentThread());
                        return super.read(bytes, offset, 1);
                    }
                };
        InputPump shared = new InputPump(stream);
        for (int i = 0; i < 2; i++) {
            try (HostHarness guest = guestWith(new StandardInput(shared, StreamKind.PIPE))) {
                assertThat(read(guest, 0, 4)).hasSize(1);
                assertThat(pump.get().isAlive()).isTrue();
            }
            await().until(() -> !pump.get().isAlive());
        }
    }

    @Test
    void a_stream_that_throws_what_it_should_not_is_an_error_and_not_the_end_of_waiting() {
        InputStream stream =
                new InputStream() {
                    @Override
                    public int read() {
                        throw new IllegalStateException("an embedder's stream");
                    }
                };
        try (HostHarness guest = guestWith(StandardStreams.input(stream))) {
            int iovec = guest.iovec(guest.alloc(4), 4);
            assertThat(guest.call("fd_read", 0, iovec, 1, guest.alloc(4))).isEqualTo(Errno.IO);
        }
    }

    @Test
    void the_end_of_input_is_ready_and_hung_up() {
        StandardInput input =
                new StandardInput(new InputPump(InputStream.nullInputStream()), StreamKind.PIPE);
        try (HostHarness guest = guestWith(input)) {
            await().until(() -> input.readiness(Readiness.READ) == Readiness.HANGUP);
            assertThat(guest.process().isEnding()).isFalse();
        }
    }

    @Test
    void closing_and_ending_wake_a_reader() throws IOException {
        try (HostHarness guest =
                guestWith(StandardStreams.input(new PipedInputStream(new PipedOutputStream())))) {
            CompletableFuture<Errno> reader =
                    guest.spawn(
                            () -> {
                                int iovec = guest.iovec(guest.alloc(4), 4);
                                return guest.call("fd_read", 0, iovec, 1, guest.alloc(4));
                            });
            await().pollDelay(Duration.ofMillis(50)).until(() -> !reader.isDone());
            guest.ok("fd_close", 0);
            assertThat(reader.join()).isEqualTo(Errno.BADF);
        }
        try (HostHarness guest =
                guestWith(StandardStreams.input(new PipedInputStream(new PipedOutputStream())))) {
            CompletableFuture<String> reader = guest.spawn(() -> read(guest, 0, 4));
            await().pollDelay(Duration.ofMillis(50)).until(() -> !reader.isDone());
            guest.process().end(ExitReason.killed(15));
            await().until(reader::isCompletedExceptionally);
        }
    }

    @Test
    void a_slow_reader_holds_up_the_writer_and_nobody_else() throws InterruptedException {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        OutputStream stuck =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        writing.countDown();
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (HostHarness guest =
                guestWith(
                        StandardStreams.nullInput(),
                        StandardStreams.output(stuck),
                        StandardStreams.output(err))) {
            int one = guest.iovec("x");
            int out = guest.alloc(4);
            CompletableFuture<Errno> writer =
                    guest.spawn(() -> guest.call("fd_write", 1, one, 1, out));
            writing.await();
            assertThat(guest.get("fd_write", 2, guest.iovec("fine"), 1)).isEqualTo(4);
            int dup = guest.get("fd_dup", 1);
            guest.ok("fd_close", dup);
            assertThat(writer).isNotDone();
            go.countDown();
            assertThat(writer.join()).isEqualTo(Errno.SUCCESS);
            assertThat(err).hasToString("fine");
        }
    }

    @Test
    void a_reader_of_output_that_is_gone_is_a_broken_pipe() {
        OutputStream broken =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        try (HostHarness guest =
                guestWith(StandardStreams.nullInput(), StandardStreams.output(broken))) {
            assertThat(guest.call("fd_write", 1, guest.iovec("x"), 1, guest.alloc(4)))
                    .isEqualTo(Errno.PIPE);
        }
    }

    @Test
    void closed_streams_answer_badf_and_keep_their_numbers() {
        try (HostHarness guest = guestWith(StandardStreams.closed(), StandardStreams.closed())) {
            int out = guest.alloc(4);
            assertThat(guest.call("fd_read", 0, guest.iovec("x"), 1, out)).isEqualTo(Errno.BADF);
            assertThat(guest.call("fd_write", 1, guest.iovec("x"), 1, out)).isEqualTo(Errno.BADF);
            assertThat(guest.get("fd_dup", 0)).isEqualTo(2);
        }
    }

    @Test
    void libc_takes_a_terminal_for_one_and_dev_null_not() {
        OutputStream nowhere = OutputStream.nullOutputStream();
        try (HostHarness guest =
                guestWith(
                        StandardStreams.nullInput(),
                        new StandardOutput(nowhere, StreamKind.TERMINAL),
                        StandardStreams.output(nowhere))) {
            assertThat(isTerminal(guest, 0)).isFalse();
            assertThat(isTerminal(guest, 1)).isTrue();
            assertThat(isTerminal(guest, 2)).isFalse();
        }
    }

    /** What wasi-libc's isatty does. */
    private static boolean isTerminal(HostHarness guest, int fd) {
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", fd, stat);
        return guest.u8(stat) == FileType.CHARACTER_DEVICE.code()
                && (guest.i64(stat + 8) & (Rights.FD_SEEK | Rights.FD_TELL)) == 0;
    }

    @Test
    void the_hosts_own_streams_tell_what_they_are(@TempDir Path dir) throws Exception {
        Path file = Files.createFile(dir.resolve("out"));
        List<String> line = new ArrayList<>(ChildProcess.java());
        line.addAll(List.of("-cp", ChildProcess.classPath(), KindProbe.class.getName()));
        ProcessBuilder probe = new ProcessBuilder(line);
        probe.redirectInput(Path.of("/dev/null").toFile()).redirectOutput(file.toFile());
        try (ChildProcess process = ChildProcess.start(probe)) {
            assertThat(process.awaitExit()).as(process.toString()).isZero();
            assertThat(process.err()).isEqualTo("DEVICE FILE PIPE\n");
        }
    }

    /** Tells what its standard streams are. */
    static final class KindProbe {
        private KindProbe() {}

        public static void main(String[] args) {
            System.err.println(
                    StreamKind.ofHost(0) + " " + StreamKind.ofHost(1) + " " + StreamKind.ofHost(2));
        }
    }
}
