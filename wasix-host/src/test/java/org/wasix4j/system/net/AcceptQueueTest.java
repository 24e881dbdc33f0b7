package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;

/** Connections that are taken from a listener before the guest accepts them. */
final class AcceptQueueTest {

    private static final InetAddr ANY = InetAddr.any(AddressFamily.INET4, 0);

    private final InProcessSwitch network = new InProcessSwitch();
    private final ReadAheadBudget budget = new ReadAheadBudget();
    private final List<StreamEndpoint> clients = new ArrayList<>();
    private AcceptQueue queue;

    @BeforeEach
    void listen() throws IOException {
        queue = new AcceptQueue(network.bind(ANY, Sharing.NONE).listen(32, 0), budget);
    }

    @AfterEach
    void close() throws IOException {
        queue.close();
        for (StreamEndpoint client : clients) {
            client.close(false);
        }
        assertThat(budget.connections()).isZero();
    }

    /** Their addresses, in the order in which they came. */
    private List<SocketAddr> connect(int count) throws IOException {
        List<SocketAddr> addresses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StreamEndpoint client = network.open(AddressFamily.INET4);
            client.connect(((InetAddr) queue.local()).asDestination());
            clients.add(client);
            addresses.add(client.local());
        }
        return addresses;
    }

    private List<SocketAddr> acceptAll() throws IOException {
        List<SocketAddr> addresses = new ArrayList<>();
        for (StreamEndpoint next = queue.accept(); next != null; next = queue.accept()) {
            addresses.add(next.remote());
            next.close(false);
        }
        return addresses;
    }

    @Test
    void those_taken_in_are_accepted_in_the_order_in_which_they_came() throws IOException {
        List<SocketAddr> came = connect(3);
        assertThat(queue.isReady()).isTrue();
        assertThat(queue.takeIn()).as("the next that comes is news").isTrue();
        assertThat(budget.connections()).isEqualTo(3);
        assertThat(queue.isReady()).isTrue();
        came.addAll(connect(1));
        assertThat(acceptAll()).isEqualTo(came);
        assertThat(queue.isReady()).isFalse();
    }

    @Test
    void thirty_two_are_taken_in_at_most() throws IOException {
        List<SocketAddr> came = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            came.addAll(connect(4));
            assertThat(queue.takeIn()).as("the next that comes is news").isEqualTo(i < 7);
        }
        came.addAll(connect(1));
        assertThat(queue.takeIn()).isFalse();
        assertThat(queue.taken()).isEqualTo(32);
        assertThat(budget.connections()).isEqualTo(32);
        assertThat(acceptAll()).isEqualTo(came);
    }

    @Test
    void no_more_are_taken_in_than_all_listeners_of_the_process_may() throws IOException {
        for (int i = 2; i < ReadAheadBudget.MAX_CONNECTIONS; i++) {
            assertThat(budget.takeConnection()).isTrue();
        }
        List<SocketAddr> came = connect(3);
        assertThat(queue.takeIn()).isFalse();
        assertThat(queue.taken()).isEqualTo(2);
        assertThat(acceptAll()).isEqualTo(came);
        budget.giveConnections(ReadAheadBudget.MAX_CONNECTIONS - 2);
    }

    @Test
    void those_taken_in_are_reset_when_the_listener_closes() throws IOException {
        connect(2);
        assertThat(queue.takeIn()).isTrue();
        queue.close();
        assertThat(budget.connections()).isZero();
        clients.forEach(AcceptQueueTest::assertReset);
    }

    @Test
    void who_comes_while_the_listener_closes_is_reset() throws IOException {
        Acceptor listener = network.bind(ANY, Sharing.NONE).listen(4, 0);
        AcceptQueue[] closing = new AcceptQueue[1];
        closing[0] =
                new AcceptQueue(
                        new ForwardingAcceptor(listener) {
                            @Override
                            public StreamEndpoint accept() throws IOException {
                                StreamEndpoint next = super.accept();
                                closing[0].close();
                                return next;
                            }
                        },
                        budget);
        StreamEndpoint client = network.open(AddressFamily.INET4);
        client.connect(((InetAddr) listener.local()).asDestination());

        assertThat(closing[0].takeIn()).isFalse();

        assertThat(budget.connections()).isZero();
        assertThat(closing[0].isReady()).isFalse();
        assertReset(client);
        StreamEndpoint late = network.open(AddressFamily.INET4);
        assertThatThrownBy(() -> late.connect(((InetAddr) listener.local()).asDestination()))
                .isInstanceOf(ConnectException.class);
        client.close(false);
        late.close(false);
    }

    private static void assertReset(StreamEndpoint client) {
        assertThatThrownBy(() -> client.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 1))
                .isInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
    }

    @Test
    void arrivals_count_who_came_and_forget_who_went_again() throws IOException {
        assertThat(queue.arrivals()).isZero();
        queue.connectionsWait();
        queue.connectionsWait();
        assertThat(queue.arrivals()).as("one at least").isEqualTo(1);
        connect(2);
        acceptAll();
        assertThat(queue.arrivals()).isEqualTo(2);
        queue.connectionsWait();
        assertThat(queue.arrivals()).isEqualTo(3);
        assertThat(queue.accept()).isNull();
        assertThat(queue.arrivals()).as("nobody was there").isEqualTo(2);
    }

    @Test
    void a_listener_that_fails_is_left_to_the_accept_of_the_guest() throws IOException {
        AcceptQueue closed =
                new AcceptQueue(
                        HostNetwork.instance().bind(ANY, Sharing.NONE).listen(1, 0), budget);
        closed.close();
        closed.channel().close();
        assertThat(closed.takeIn()).isFalse();
        assertThat(budget.connections()).isZero();
        assertThatThrownBy(closed::accept).isInstanceOf(IOException.class);
    }

    /** A listener that another stands before. */
    private static class ForwardingAcceptor implements Acceptor {
        private final Acceptor listener;

        ForwardingAcceptor(Acceptor listener) {
            this.listener = listener;
        }

        @Override
        public SelectableChannel channel() {
            return listener.channel();
        }

        @Override
        public void onReadiness(Runnable callback) {
            listener.onReadiness(callback);
        }

        @Override
        public boolean isReady() {
            return listener.isReady();
        }

        @Override
        public StreamEndpoint accept() throws IOException {
            return listener.accept();
        }

        @Override
        public SocketAddr local() {
            return listener.local();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
