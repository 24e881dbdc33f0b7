package org.wasix4j.host;

import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.net.HostNetwork;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.system.net.Network;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/** A file that is longer than what a connection holds, over both networks. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SendFileTest {

    /** More than is kept for a connection. */
    private static final int LENGTH = 16 << 20;

    private static final int PIECE = 1 << 20;
    private static final byte[] CONTENT = new byte[LENGTH];

    @TempDir private Path volume;
    private GuestFiles files;
    private HostHarness guest;
    private SocketCalls sockets;
    private int file;
    private int sender;
    private int receiver;
    private int buffer;

    static Stream<Network> networks() {
        return Stream.of(HostNetwork.instance(), new InProcessSwitch());
    }

    static {
        new Random(11).nextBytes(CONTENT);
    }

    @BeforeEach
    void write() throws IOException {
        Files.write(volume.resolve("file"), CONTENT);
    }

    private void connect(Network network) {
        files =
                GuestFiles.of(
                        HostHarness.builder()
                                .with(
                                        p ->
                                                p.withNetwork(network)
                                                        .withPolicy(NetworkPolicy.allowAll())),
                        mounts -> mounts.withVolume(volume, "/", true));
        guest = files.guest;
        sockets = new SocketCalls(guest);
        file = files.open("file", 0, GuestFiles.READ).ok();
        int listener = sockets.listener();
        sockets.keepLittle(listener);
        sender = sockets.tcp();
        sockets.keepLittle(sender);
        SocketCalls.expect(sockets.connect(sender, sockets.localPort(listener)));
        receiver = sockets.accept(listener);
        buffer = guest.alloc(PIECE);
    }

    @AfterEach
    void close() {
        files.close();
    }

    private Errno send(long offset, int out) {
        return guest.call("sock_send_file", sender, file, offset, LENGTH, out);
    }

    /** Reads until there were so many bytes. */
    private byte[] receive(long wanted) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int size = guest.alloc(4);
        int flags = guest.alloc(2);
        int vector = guest.iovec(buffer, PIECE);
        while (all.size() < wanted) {
            guest.ok("sock_recv", receiver, vector, 1, 0, size, flags);
            assertThat(guest.i32(size)).isPositive();
            all.writeBytes(guest.read(buffer, guest.i32(size)));
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void a_blocking_socket_sends_all_of_it_as_the_peer_makes_room(Network network) {
        connect(network);
        int sent = guest.alloc(8);
        CompletableFuture<Errno> sending = guest.spawn(() -> send(0, sent));
        assertThat(receive(LENGTH)).isEqualTo(CONTENT);
        assertThat(sending.join()).isEqualTo(Errno.SUCCESS);
        assertThat(guest.i64(sent)).isEqualTo(LENGTH);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void a_nonblocking_socket_sends_what_there_is_room_for(Network network) {
        connect(network);
        sockets.nonBlocking(sender);
        int sent = guest.alloc(8);
        long done = 0;
        Errno answer = send(0, sent);
        while (answer == Errno.SUCCESS) {
            assertThat(guest.i64(sent)).isPositive();
            done += guest.i64(sent);
            answer = send(done, sent);
        }
        assertThat(answer).isEqualTo(Errno.AGAIN);
        assertThat(done).isPositive().isLessThan(LENGTH);
        assertThat(receive(done)).isEqualTo(Arrays.copyOf(CONTENT, (int) done));
        SocketCalls.expect(send(done, sent));
        assertThat(guest.i64(sent)).isPositive();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void a_socket_with_a_timeout_tells_how_much_went_before_it_was_up(Network network) {
        connect(network);
        sockets.setTime(sender, SockOption.SEND_TIMEOUT.code(), 20_000_000);
        int sent = guest.alloc(8);
        SocketCalls.expect(send(0, sent));
        long done = guest.i64(sent);
        assertThat(done).isPositive().isLessThan(LENGTH);
        assertThat(receive(done)).isEqualTo(Arrays.copyOf(CONTENT, (int) done));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void a_peer_that_goes_ends_a_send_that_waits(Network network) {
        connect(network);
        int sent = guest.alloc(8);
        CompletableFuture<Errno> sending = guest.spawn(() -> send(0, sent));
        guest.awaitParked(sending);
        guest.ok("fd_close", receiver);
        // what went before is reported first, then the reset, then that there is no peer
        assertThat(sending.join()).isEqualTo(Errno.SUCCESS);
        assertThat(guest.i64(sent)).isPositive().isLessThan(LENGTH);
        assertThat(send(0, sent)).isEqualTo(Errno.CONNRESET);
        assertThat(send(0, sent)).isEqualTo(Errno.PIPE);
    }

    private long sendPiece(long offset, int count) {
        int sent = guest.alloc(8);
        guest.ok("sock_send_file", sender, file, offset, count, sent);
        return guest.i64(sent);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void pieces_of_any_size_are_those_of_the_file(Network network) {
        connect(network);
        long offset = 3;
        // on both sides of what is read and written instead of sent by the kernel
        for (int size : new int[] {1, 4096, 8191, 8192, 8193, 16_385}) {
            assertThat(sendPiece(offset, size)).isEqualTo(size);
            assertThat(receive(size))
                    .isEqualTo(Arrays.copyOfRange(CONTENT, (int) offset, (int) offset + size));
            offset += size;
        }
        assertThat(sendPiece(offset, 0)).isZero();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void a_piece_ends_where_the_file_ends_now(Network network) throws IOException {
        connect(network);
        assertThat(sendPiece(LENGTH - 10, 4096)).isEqualTo(10);
        assertThat(receive(10)).isEqualTo(Arrays.copyOfRange(CONTENT, LENGTH - 10, LENGTH));
        assertThat(sendPiece(LENGTH, 4096)).isZero();
        assertThat(sendPiece(Long.MAX_VALUE - 1, 4096)).isZero();
        try (FileChannel other = FileChannel.open(volume.resolve("file"), WRITE)) {
            other.truncate(100);
            assertThat(sendPiece(0, 4096)).isEqualTo(100);
            assertThat(receive(100)).isEqualTo(Arrays.copyOf(CONTENT, 100));
            other.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 100);
        }
        assertThat(sendPiece(100, 4096)).isEqualTo(3);
        assertThat(receive(3)).containsExactly(1, 2, 3);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void a_small_piece_waits_for_room_and_nothing_of_it_is_lost(Network network) {
        connect(network);
        sockets.nonBlocking(sender);
        int sent = guest.alloc(8);
        long done = 0;
        Errno answer;
        while ((answer = guest.call("sock_send_file", sender, file, done, 5000, sent))
                == Errno.SUCCESS) {
            done += guest.i64(sent);
        }
        assertThat(answer).isEqualTo(Errno.AGAIN);
        assertThat(receive(done)).isEqualTo(Arrays.copyOf(CONTENT, (int) done));
        assertThat(sendPiece(done, 5000)).isPositive();
    }

    @Test
    void a_pipe_a_pair_and_a_file_can_be_the_target_too() throws IOException {
        connect(HostNetwork.instance());
        int ends = guest.alloc(8);
        guest.ok("fd_pipe", ends, ends + 4);
        guest.ok("fd_fdstat_set_flags", guest.i32(ends + 4), SocketCalls.NONBLOCK);
        int sent = guest.alloc(8);
        guest.ok("sock_send_file", guest.i32(ends + 4), file, 5, LENGTH, sent);
        assertThat(guest.i64(sent)).isEqualTo(65536);
        guest.ok("fd_read", guest.i32(ends), guest.iovec(buffer, 70_000), 1, guest.alloc(4));
        assertThat(guest.read(buffer, 65536)).isEqualTo(Arrays.copyOfRange(CONTENT, 5, 65541));
        assertThat(guest.call("sock_send_file", guest.i32(ends), file, 0, 5, sent))
                .isEqualTo(Errno.BADF);
        guest.ok("sock_pair", 3, SocketCalls.STREAM, 0, ends, ends + 4);
        guest.ok("sock_send_file", guest.i32(ends), file, 0, 100, sent);
        guest.ok("fd_read", guest.i32(ends + 4), guest.iovec(buffer, 200), 1, guest.alloc(4));
        assertThat(guest.read(buffer, 100)).isEqualTo(Arrays.copyOf(CONTENT, 100));
        assertThat(guest.call("sock_send_file", file, file, 0, 5, sent)).isEqualTo(Errno.BADF);
        // also where the source has nothing to send
        assertThat(guest.call("sock_send_file", file, file, LENGTH, 5, sent)).isEqualTo(Errno.BADF);
    }
}
