package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.UnixAddr;

/** Who waits for room in the queue of a unix listener of this JVM is woken by its accepts. */
@EnabledOnOs(OS.LINUX)
class QueueRoomWaitersTest {

    private static final UnixAddr NAME = new UnixAddr("/s");

    @TempDir Path volume;

    private final List<StreamEndpoint> clients = new ArrayList<>();
    private final AtomicInteger first = new AtomicInteger();
    private final AtomicInteger second = new AtomicInteger();
    private GuestProcess process;
    private Acceptor listener;

    @BeforeEach
    void listen() throws IOException {
        process = process();
        listener = new UnixNetwork(process.net()).bind(NAME, Sharing.NONE).listen(1, 0);
    }

    @AfterEach
    void close() throws IOException {
        for (StreamEndpoint client : clients) {
            client.close(true);
        }
        listener.close();
    }

    private GuestProcess process() {
        return new GuestProcess(
                ProcessSettings.defaults().withPolicy(NetworkPolicy.allowAll()),
                Mounts.builder().withVolume(volume, "/", false).build());
    }

    /** Connects until there is no room; by then the network knows where. */
    private UnixNetwork fill(GuestProcess from) throws IOException {
        UnixNetwork network = new UnixNetwork(from.net());
        for (int i = 0; i < 100; i++) {
            StreamEndpoint client = network.open(AddressFamily.UNIX);
            clients.add(client);
            try {
                client.connect(NAME);
            } catch (ErrnoException e) {
                assertThat(e.errno()).isEqualTo(Errno.AGAIN);
                return network;
            }
        }
        throw new AssertionError("the queue has no end");
    }

    @Test
    void each_accept_wakes_one_in_turn_and_nobody_who_has_left() throws IOException {
        Runnable firstLeaves = fill(process).awaitRoom(first::incrementAndGet);
        // another guest, with the same directory
        Runnable secondLeaves = fill(process()).awaitRoom(second::incrementAndGet);
        listener.accept().close(true);
        assertThat(List.of(first.get(), second.get())).containsExactly(1, 0);
        listener.accept().close(true);
        assertThat(List.of(first.get(), second.get())).containsExactly(1, 1);
        secondLeaves.run();
        fill(process);
        listener.accept().close(true);
        assertThat(List.of(first.get(), second.get())).containsExactly(2, 1);
        firstLeaves.run();
        listener.accept().close(true);
        assertThat(List.of(first.get(), second.get())).containsExactly(2, 1);
    }

    @Test
    void the_end_of_the_listener_wakes_everybody() throws IOException {
        Runnable firstLeaves = fill(process).awaitRoom(first::incrementAndGet);
        Runnable secondLeaves = fill(process).awaitRoom(second::incrementAndGet);
        listener.close();
        assertThat(List.of(first.get(), second.get())).containsExactly(1, 1);
        firstLeaves.run();
        secondLeaves.run();
    }

    @Test
    void who_has_met_no_full_queue_waits_for_nothing() {
        Runnable leaves = new UnixNetwork(process.net()).awaitRoom(first::incrementAndGet);
        leaves.run();
        assertThat(first).hasValue(0);
    }
}
