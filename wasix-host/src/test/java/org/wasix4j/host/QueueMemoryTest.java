package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.wasix4j.host.SocketCalls.DGRAM;
import static org.wasix4j.host.SocketCalls.INET4;
import static org.wasix4j.host.SocketCalls.expect;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.HostNetwork;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;

/**
 * What sockets and epoll sets hold on the heap is taken from the memory of the guest that decides
 * how much it is, and given back.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class QueueMemoryTest {

    private static final int LIMIT = 1 << 18;
    private static final int PIECE = 4096;

    private final Network network = new InProcessSwitch();
    private final List<HostHarness> guests = new ArrayList<>();

    private final MemoryBudget serverMemory = new MemoryBudget(0, LIMIT);
    private final MemoryBudget clientMemory = new MemoryBudget(0, LIMIT);
    private final HostHarness serverGuest = guest(network, serverMemory);
    private final HostHarness clientGuest = guest(network, clientMemory);
    private final SocketCalls server = new SocketCalls(serverGuest);
    private final SocketCalls client = new SocketCalls(clientGuest);
    private final int piece = clientGuest.iovec(clientGuest.alloc(PIECE), PIECE);
    private final int count = clientGuest.alloc(4);

    private HostHarness guest(Network its, MemoryBudget memory) {
        HostHarness guest =
                HostHarness.create(
                        Mounts.builder().withMemory(memory).build(),
                        process -> process.withNetwork(its).withPolicy(NetworkPolicy.allowAll()));
        guests.add(guest);
        return guest;
    }

    @AfterEach
    void close() {
        guests.forEach(HostHarness::close);
        assertThat(serverMemory.heap()).as("what the server has not given back").isZero();
        assertThat(clientMemory.heap()).as("what the client has not given back").isZero();
    }

    private int listener(int backlog) {
        int fd = server.tcp();
        expect(server.bind(fd, "127.0.0.1", 0));
        serverGuest.ok("sock_listen", fd, backlog);
        return fd;
    }

    private Errno write(int fd) {
        return clientGuest.call("sock_send", fd, piece, 1, 0, count);
    }

    /** Writes into a socket until there is no room or no memory. */
    private Errno fill(int fd) {
        Errno answer = Errno.SUCCESS;
        while (answer == Errno.SUCCESS) {
            answer = write(fd);
        }
        return answer;
    }

    @Test
    void a_writer_pays_for_what_nobody_reads() {
        int listener = listener(64);
        List<Integer> clients = new ArrayList<>();
        Errno answer = Errno.AGAIN;
        while (answer == Errno.AGAIN && clients.size() < 64) {
            int fd = client.tcp();
            expect(client.connect(fd, server.localPort(listener)));
            client.nonBlocking(fd);
            clients.add(fd);
            answer = fill(fd);
        }
        assertThat(answer).isEqualTo(Errno.NOMEM);
        assertThat(clients).hasSizeBetween(3, 6);
        assertThat(clientMemory.heap()).isBetween(LIMIT * 3L / 4, (long) LIMIT);
        assertThat(serverMemory.heap()).isZero();
        // the connection is as good as before
        int last = clients.get(clients.size() - 1);
        clientGuest.ok("fd_close", clients.get(0));
        serverGuest.ok("fd_close", server.accept(listener));
        assertThat(write(last)).isIn(Errno.SUCCESS, Errno.AGAIN);
        clients.subList(1, clients.size()).forEach(fd -> clientGuest.ok("fd_close", fd));
        // the server still has what was sent
        assertThat(clientMemory.heap()).isPositive();
        for (int i = 1; i < clients.size(); i++) {
            serverGuest.ok("fd_close", server.accept(listener));
        }
        assertThat(clientMemory.heap()).isZero();
    }

    @Test
    void who_connects_pays_for_connections_that_nobody_accepts() {
        int listener = listener(4096);
        int port = server.localPort(listener);
        Errno answer = Errno.SUCCESS;
        int connected = 0;
        while (answer == Errno.SUCCESS && connected < 4096) {
            int fd = client.tcp();
            answer = client.connect(fd, port);
            connected += answer == Errno.SUCCESS ? 1 : 0;
            clientGuest.ok("fd_close", fd);
        }
        assertThat(answer).isEqualTo(Errno.NOMEM);
        assertThat(connected).isBetween(100, 1000);
        assertThat(serverMemory.heap()).isZero();
        serverGuest.ok("fd_close", server.accept(listener));
        expect(client.connect(client.tcp(), port));
        serverGuest.ok("fd_close", listener);
        assertThat(clientMemory.heap()).isZero();
        assertThat(client.connect(client.tcp(), port)).isEqualTo(Errno.CONNREFUSED);
        assertThat(clientMemory.heap()).isZero();
    }

    @Test
    void a_connection_that_waits_for_a_full_queue_is_given_back() {
        int listener = listener(0);
        int port = server.localPort(listener);
        List<Integer> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int fd = client.tcp();
            client.nonBlocking(fd);
            assertThat(client.connect(fd, port)).isIn(Errno.SUCCESS, Errno.INPROGRESS);
            waiting.add(fd);
        }
        long each = clientMemory.heap() / 8;
        assertThat(each).isPositive();
        clientGuest.ok("fd_close", waiting.get(7));
        assertThat(clientMemory.heap()).isEqualTo(7 * each);
        serverGuest.ok("fd_close", listener);
        waiting.subList(0, 7).forEach(fd -> clientGuest.ok("fd_close", fd));
        assertThat(clientMemory.heap()).isZero();
    }

    private Errno sendTo(SocketCalls from, HostHarness guest, int fd, int port) {
        return guest.call(
                "sock_send_to",
                fd,
                guest.iovec(guest.alloc(PIECE), PIECE),
                1,
                0,
                from.address("127.0.0.1", port),
                guest.alloc(4));
    }

    @Test
    void a_receiver_pays_for_its_datagrams_and_loses_those_it_has_no_memory_for() {
        List<Integer> receivers = new ArrayList<>();
        int sender = client.open(INET4, DGRAM);
        for (int i = 0; i < 4; i++) {
            int fd = server.open(INET4, DGRAM);
            expect(server.bind(fd, "127.0.0.1", 0));
            receivers.add(fd);
            for (int k = 0; k < 40; k++) {
                expect(sendTo(client, clientGuest, sender, server.localPort(fd)));
            }
        }
        assertThat(serverMemory.heap()).isBetween(LIMIT * 3L / 4, (long) LIMIT);
        assertThat(clientMemory.heap()).isZero();
        int first = receivers.get(0);
        long before = serverMemory.heap();
        assertThat(server.receive(first, PIECE, 0)).hasSize(PIECE);
        assertThat(serverMemory.heap()).isLessThan(before - PIECE + 1);
        receivers.forEach(fd -> serverGuest.ok("fd_close", fd));
        assertThat(serverMemory.heap()).isZero();
    }

    /** NIO loses what is queued when the peer changes, so it is kept here. */
    @Test
    void datagrams_that_are_kept_for_a_change_of_the_peer_are_bounded_and_paid_for() {
        MemoryBudget memory = new MemoryBudget(0, LIMIT);
        HostHarness guest = guest(HostNetwork.instance(), memory);
        SocketCalls calls = new SocketCalls(guest);
        int sender = calls.open(INET4, DGRAM);
        List<Integer> receivers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int fd = calls.open(INET4, DGRAM);
            expect(calls.bind(fd, "127.0.0.1", 0));
            int port = calls.localPort(fd);
            receivers.add(fd);
            for (int round = 0; round < 8; round++) {
                for (int k = 0; k < 10; k++) {
                    expect(sendTo(calls, guest, sender, port));
                }
                // what is queued is from this peer and stays
                expect(calls.connect(fd, calls.localPort(sender)));
            }
        }
        assertThat(memory.heap()).isBetween(LIMIT * 3L / 4, (long) LIMIT);
        guest.ok("fd_close", receivers.get(0));
        assertThat(memory.heap()).isLessThan(LIMIT / 2L + LIMIT / 4L);
        guest.close();
        assertThat(memory.heap()).isZero();
    }

    @Test
    void entries_of_epoll_sets_are_paid_for_until_they_or_what_they_watch_is_closed() {
        HostHarness guest = clientGuest;
        int event = guest.alloc(64);
        guest.i32(event, EpollFlags.IN);
        List<Integer> watched = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            watched.add(guest.get("fd_event", 0L, 0));
        }
        List<Integer> sets = new ArrayList<>();
        Errno answer = Errno.SUCCESS;
        while (answer == Errno.SUCCESS && sets.size() < 100) {
            int set = guest.get("epoll_create");
            sets.add(set);
            for (int i = 0; i < watched.size() && answer == Errno.SUCCESS; i++) {
                answer = guest.call("epoll_ctl", set, 0, watched.get(i), event);
            }
        }
        assertThat(answer).isEqualTo(Errno.NOSPC);
        assertThat(sets).hasSizeBetween(4, 20);
        long full = clientMemory.heap();
        int first = sets.get(0);
        guest.ok("epoll_ctl", first, 2, watched.get(0), event);
        assertThat(clientMemory.heap()).isLessThan(full);
        guest.ok("epoll_ctl", first, 0, watched.get(0), event);
        assertThat(clientMemory.heap()).isEqualTo(full);
        guest.ok("fd_close", watched.get(0));
        assertThat(clientMemory.heap()).isLessThan(full - 200L * (sets.size() - 1));
        sets.forEach(set -> guest.ok("fd_close", set));
        assertThat(clientMemory.heap()).isZero();
        watched.subList(1, watched.size()).forEach(fd -> guest.ok("fd_close", fd));
        await().until(() -> clientMemory.heap() == 0);
    }
}
