package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

@Timeout(120)
class PipesAndEventsTest {

    private final HostHarness guest =
            HostHarness.create(p -> p.withLimits(Limits.defaults().withMaxDescriptors(32)));

    @AfterEach
    void close() {
        guest.close();
    }

    private int write(int fd, String text) {
        int out = guest.alloc(4);
        guest.ok("fd_write", fd, guest.iovec(text), 1, out);
        return guest.i32(out);
    }

    private String read(int fd, int length) {
        int out = guest.alloc(4);
        int buffer = guest.alloc(length);
        guest.ok("fd_read", fd, guest.iovec(buffer, length), 1, out);
        return guest.text(buffer, guest.i32(out));
    }

    private Errno tryRead(int fd) {
        return guest.call("fd_read", fd, guest.iovec(guest.alloc(8), 8), 1, guest.alloc(4));
    }

    private Errno tryWrite(int fd, int length) {
        int buffer = guest.alloc(length);
        return guest.call("fd_write", fd, guest.iovec(buffer, length), 1, guest.alloc(4));
    }

    private void nonBlocking(int fd) {
        guest.ok("fd_fdstat_set_flags", fd, FdFlags.NONBLOCK);
    }

    // ---- pipes

    @Test
    void one_end_of_a_pipe_reads_and_the_other_writes_and_their_rights_say_so() {
        int[] pipe = guest.pipe();
        assertThat(tryRead(pipe[1])).isEqualTo(Errno.BADF);
        assertThat(tryWrite(pipe[0], 1)).isEqualTo(Errno.BADF);
        assertThat(rights(pipe[0])).isEqualTo(Rights.FD_READ);
        assertThat(rights(pipe[1])).isEqualTo(Rights.FD_WRITE);
        write(pipe[1], "there");
        assertThat(read(pipe[0], 10)).isEqualTo("there");
    }

    private long rights(int fd) {
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", fd, stat);
        return guest.i64(stat + 8) & (Rights.FD_READ | Rights.FD_WRITE);
    }

    /** The C library of before sock_pair makes its socket pairs of pipes. */
    @Test
    void a_pipe_on_which_a_socket_function_was_called_goes_both_ways() {
        int[] pipe = guest.pipe();
        guest.ok("sock_send", pipe[0], guest.iovec("back"), 1, 0, guest.alloc(4));
        assertThat(read(pipe[1], 2)).isEqualTo("ba");
        write(pipe[1], "there");
        assertThat(read(pipe[0], 10)).isEqualTo("there");
        assertThat(read(pipe[1], 10)).isEqualTo("ck");
        try (HostHarness old = HostHarness.builder().legacy().build()) {
            int out = old.alloc(8);
            old.ok("fd_pipe", out, out + 4);
            old.ok("fd_write", old.i32(out), old.iovec("x"), 1, old.alloc(4));
            old.ok("fd_read", old.i32(out + 4), old.iovec(old.alloc(4), 4), 1, old.alloc(4));
        }
    }

    @Test
    void a_poll_sees_the_hang_up_at_the_reading_end_and_the_error_at_the_writing_end() {
        int[] pipe = guest.pipe();
        assertThat(Polling.of(guest).read(pipe[1]).now()).isEmpty();
        guest.ok("fd_close", pipe[0]);
        // wasix-libc has no flag for an error; it is an event without a hang-up
        assertThat(Polling.of(guest).read(pipe[1]).timeout(0).poll().get(0).hangup()).isFalse();
        int[] other = guest.pipe();
        write(other[1], "x");
        guest.ok("fd_close", other[1]);
        Polling.Event event = Polling.of(guest).read(other[0]).timeout(0).poll().get(0);
        assertThat(event.hangup()).isTrue();
        assertThat(event.bytes()).isEqualTo(1);
    }

    @Test
    void who_writes_to_a_pipe_without_a_reader_gets_sigpipe() {
        int[] pipe = guest.pipe();
        guest.ok("fd_close", pipe[0]);
        assertThatThrownBy(() -> tryWrite(pipe[1], 1)).isInstanceOf(Unwind.class);
        assertThat(guest.process().exitReason()).isEqualTo(ExitReason.killed(Signals.PIPE));
    }

    private void handleSignals() {
        guest.process().signals().handler(guest.thread(), "__wasm_signal", true);
    }

    @Test
    void a_pipe_is_of_unknown_type_and_its_ends_are_two_descriptions() {
        int[] pipe = guest.pipe();
        int stat = guest.alloc(24);
        nonBlocking(pipe[1]);
        guest.ok("fd_fdstat_get", pipe[0], stat);
        assertThat(guest.u8(stat)).isEqualTo(FileType.UNKNOWN.code());
        assertThat(guest.u16(stat + 2)).isZero();
    }

    @Test
    void a_pipe_holds_64_kib_and_a_small_write_is_never_torn() {
        int[] pipe = guest.pipe();
        nonBlocking(pipe[1]);
        int out = guest.alloc(4);
        int buffer = guest.alloc(100_000);
        guest.ok("fd_write", pipe[1], guest.iovec(buffer, 100_000), 1, out);
        assertThat(guest.i32(out)).isEqualTo(65536);
        assertThat(tryWrite(pipe[1], 1)).isEqualTo(Errno.AGAIN);
        read(pipe[0], 4095);
        assertThat(tryWrite(pipe[1], 4096)).isEqualTo(Errno.AGAIN);
        assertThat(Polling.of(guest).write(pipe[1]).now()).isEmpty();
        read(pipe[0], 1);
        assertThat(Polling.of(guest).write(pipe[1]).now()).containsExactly(0L);
        assertThat(tryWrite(pipe[1], 4096)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void what_was_written_before_the_close_is_read_before_the_end() {
        int[] pipe = guest.pipe();
        write(pipe[1], "last words");
        guest.ok("fd_close", pipe[1]);
        assertThat(read(pipe[0], 4)).isEqualTo("last");
        assertThat(read(pipe[0], 10)).isEqualTo(" words");
        assertThat(read(pipe[0], 10)).isEmpty();
    }

    @Test
    void an_empty_pipe_is_again_when_it_must_not_wait() {
        int[] pipe = guest.pipe();
        nonBlocking(pipe[0]);
        assertThat(tryRead(pipe[0])).isEqualTo(Errno.AGAIN);
    }

    @Test
    void a_reader_waits_for_data_and_for_the_end() {
        int[] pipe = guest.pipe();
        CompletableFuture<String> data = guest.spawn(() -> read(pipe[0], 10));
        write(pipe[1], "data");
        assertThat(data.join()).isEqualTo("data");
        CompletableFuture<String> end = guest.spawn(() -> read(pipe[0], 10));
        guest.ok("fd_close", pipe[1]);
        assertThat(end.join()).isEmpty();
    }

    @Test
    void closing_a_pipe_wakes_its_own_reader_with_badf() {
        int[] pipe = guest.pipe();
        CompletableFuture<Errno> reader = guest.spawn(() -> tryRead(pipe[0]));
        org.awaitility.Awaitility.await().until(() -> guest.process().threads().get(2).isWaiting());
        guest.ok("fd_close", pipe[0]);
        assertThat(reader.join()).isEqualTo(Errno.BADF);
    }

    @Test
    void a_writer_that_waits_for_room_gets_what_it_wrote_or_pipe_when_the_reader_goes() {
        int[] pipe = guest.pipe();
        CompletableFuture<Integer> writer =
                guest.spawn(
                        () -> {
                            int out = guest.alloc(4);
                            int buffer = guest.alloc(100_000);
                            guest.ok("fd_write", pipe[1], guest.iovec(buffer, 100_000), 1, out);
                            return guest.i32(out);
                        });
        org.awaitility.Awaitility.await().until(() -> guest.process().threads().get(2).isWaiting());
        handleSignals();
        guest.ok("fd_close", pipe[0]);
        assertThat(writer.join()).isEqualTo(65536);
        assertThat(tryWrite(pipe[1], 1)).isEqualTo(Errno.PIPE);
    }

    @Test
    void a_megabyte_goes_through_a_pipe_unchanged_whatever_the_sizes() {
        int[] pipe = guest.pipe();
        int total = 1 << 20;
        byte[] sent = new byte[total];
        new Random(7).nextBytes(sent);
        int source = guest.bytes(sent);
        int target = guest.alloc(total);
        CompletableFuture<Void> writer =
                guest.spawn(
                        () -> {
                            Random sizes = new Random(1);
                            for (int at = 0; at < total; ) {
                                int part = Math.min(total - at, 1 + sizes.nextInt(90_000));
                                int half = part / 2;
                                int iov =
                                        guest.iovec(
                                                source + at, half, source + at + half, part - half);
                                guest.ok("fd_write", pipe[1], iov, 2, guest.alloc(4));
                                at += part;
                            }
                            guest.ok("fd_close", pipe[1]);
                            return null;
                        });
        Random sizes = new Random(2);
        int at = 0;
        for (int got = -1; got != 0; at += got) {
            int part = Math.min(total - at, 1 + sizes.nextInt(40_000));
            int out = guest.alloc(4);
            int iov = guest.iovec(target + at, Math.max(part, 1));
            guest.ok("fd_read", pipe[0], iov, 1, out);
            got = guest.i32(out);
        }
        writer.join();
        assertThat(at).isEqualTo(total);
        assertThat(guest.read(target, total)).isEqualTo(sent);
    }

    /** A reader that makes room while the writer fills the pipe must not leave it parked. */
    @Test
    void a_writer_and_a_reader_of_the_whole_pipe_never_wait_for_each_other_for_ever() {
        int[] pipe = guest.pipe();
        int size = 5_000;
        int rounds = 20_000;
        int from = guest.iovec(guest.alloc(size), size);
        int into = guest.iovec(guest.alloc(65536), 65536);
        int written = guest.alloc(4);
        int read = guest.alloc(4);
        CompletableFuture<Void> writer =
                guest.spawn(
                        () -> {
                            for (int i = 0; i < rounds; i++) {
                                guest.ok("fd_write", pipe[1], from, 1, written);
                            }
                            return null;
                        });
        for (long left = (long) size * rounds; left > 0; left -= guest.i32(read)) {
            guest.ok("fd_read", pipe[0], into, 1, read);
        }
        writer.join();
    }

    @Test
    void a_pipe_that_gets_no_two_numbers_takes_none() {
        for (int i = 0; i < 15; i++) {
            guest.pipe();
        }
        guest.get("fd_event", 0, 0);
        assertThat(guest.call("fd_pipe", guest.alloc(4), guest.alloc(4))).isEqualTo(Errno.MFILE);
        assertThat(guest.process().descriptors().size()).isEqualTo(31);
        guest.get("fd_event", 0, 0);
        assertThat(guest.call("fd_event", 0, 0, guest.alloc(4))).isEqualTo(Errno.MFILE);
    }

    @Test
    void out_pointers_are_checked_before_a_descriptor_is_made() {
        assertThat(guest.call("fd_pipe", guest.alloc(4), -2)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("fd_event", 0, 0, -2)).isEqualTo(Errno.FAULT);
        assertThat(guest.process().descriptors().size()).isZero();
    }

    // ---- events

    private long count(int event) {
        int out = guest.alloc(4);
        int buffer = guest.alloc(8);
        guest.ok("fd_read", event, guest.iovec(buffer, 3, buffer + 3, 5), 2, out);
        assertThat(guest.i32(out)).isEqualTo(8);
        return guest.i64(buffer);
    }

    private Errno add(int event, long value) {
        int buffer = guest.alloc(8);
        guest.i64(buffer, value);
        return guest.call("fd_write", event, guest.iovec(buffer, 8), 1, guest.alloc(4));
    }

    @Test
    void a_read_takes_the_whole_counter() {
        int event = guest.get("fd_event", 3, FdFlags.NONBLOCK);
        assertThat(add(event, 4)).isEqualTo(Errno.SUCCESS);
        assertThat(count(event)).isEqualTo(7);
        assertThat(tryRead(event)).isEqualTo(Errno.AGAIN);
    }

    @Test
    void a_read_of_a_semaphore_takes_1() {
        int event = guest.get("fd_event", 4, 1 | FdFlags.NONBLOCK);
        for (int i = 0; i < 4; i++) {
            assertThat(count(event)).isEqualTo(1);
        }
        assertThat(tryRead(event)).isEqualTo(Errno.AGAIN);
    }

    @Test
    void the_nonblocking_flag_of_an_event_is_visible() {
        int event = guest.get("fd_event", 0, FdFlags.NONBLOCK);
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", event, stat);
        assertThat(guest.u16(stat + 2)).isEqualTo(FdFlags.NONBLOCK);
    }

    @Test
    void a_counter_never_overflows() {
        int event = guest.get("fd_event", -3, FdFlags.NONBLOCK);
        assertThat(add(event, -1)).isEqualTo(Errno.INVAL);
        assertThat(add(event, 2)).isEqualTo(Errno.AGAIN);
        assertThat(add(event, 1)).isEqualTo(Errno.SUCCESS);
        assertThat(add(event, 1)).isEqualTo(Errno.AGAIN);
        assertThat(add(event, 0)).isEqualTo(Errno.SUCCESS);
        assertThat(count(event)).isEqualTo(-2);
        assertThat(guest.call("fd_event", -1, 0, guest.alloc(4))).isEqualTo(Errno.INVAL);
    }

    @Test
    void less_than_8_bytes_are_inval() {
        int event = guest.get("fd_event", 1, 0);
        int iov = guest.iovec(guest.alloc(8), 7);
        assertThat(guest.call("fd_read", event, iov, 1, guest.alloc(4))).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_write", event, iov, 1, guest.alloc(4))).isEqualTo(Errno.INVAL);
    }

    @Test
    void a_reader_and_a_writer_wait_for_each_other() {
        int event = guest.get("fd_event", 0, 0);
        CompletableFuture<Long> reader = guest.spawn(() -> count(event));
        guest.awaitParked(reader);
        add(event, 9);
        assertThat(reader.join()).isEqualTo(9);
        add(event, -2);
        CompletableFuture<Errno> writer = guest.spawn(() -> add(event, 5));
        guest.awaitParked(writer);
        assertThat(count(event)).isEqualTo(-2);
        assertThat(writer.join()).isEqualTo(Errno.SUCCESS);
        assertThat(count(event)).isEqualTo(5);
    }

    @Test
    void a_writer_whom_a_read_has_made_too_little_room_waits_for_the_next() {
        int semaphore = guest.get("fd_event", 0, 1);
        assertThat(add(semaphore, -2)).isEqualTo(Errno.SUCCESS);
        CompletableFuture<Errno> writer = guest.spawn(() -> add(semaphore, 2));
        guest.awaitParked(writer);
        assertThat(count(semaphore)).isEqualTo(1);
        guest.awaitParked(writer);
        assertThat(count(semaphore)).isEqualTo(1);
        assertThat(writer.join()).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void closing_an_event_wakes_its_writer_with_badf() {
        int event = guest.get("fd_event", 0, 0);
        assertThat(add(event, -2)).isEqualTo(Errno.SUCCESS);
        CompletableFuture<Errno> writer = guest.spawn(() -> add(event, 1));
        guest.awaitParked(writer);
        guest.ok("fd_close", event);
        assertThat(writer.join()).isEqualTo(Errno.BADF);
    }
}
