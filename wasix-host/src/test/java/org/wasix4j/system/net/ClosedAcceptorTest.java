package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;

/** Connections that wait at a listener which takes no more. */
final class ClosedAcceptorTest {

    private final InProcessSwitch network = new InProcessSwitch();
    private final ReadAheadBudget budget = new ReadAheadBudget();

    @Test
    void who_waited_when_it_stopped_can_still_be_accepted() throws Exception {
        InetAddr any = InetAddr.any(AddressFamily.INET4, 0);
        Acceptor listener = network.bind(any, Sharing.NONE).listen(4, 0);
        StreamEndpoint first = network.open(AddressFamily.INET4);
        StreamEndpoint second = network.open(AddressFamily.INET4);
        first.connect(((InetAddr) listener.local()).asDestination());
        second.connect(((InetAddr) listener.local()).asDestination());
        ClosedAcceptor rest = new ClosedAcceptor(listener.local(), budget);
        assertThat(rest.isReady()).isFalse();

        rest.take(listener);
        listener.close();

        assertThat(rest.local()).isEqualTo(listener.local());
        assertThat(rest.isReady()).isTrue();
        assertThat(rest.accept().remote()).isEqualTo(first.local());
        rest.close();
        assertThat(rest.isReady()).isFalse();
        assertThatThrownBy(() -> second.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 1))
                .hasMessage("Connection reset");
        first.close(false);
        second.close(false);
    }

    /** The guest closes a listener at the moment at which a gentle end stops it. */
    @Test
    void what_comes_after_the_close_is_reset_and_not_kept() throws Exception {
        InetAddr any = InetAddr.any(AddressFamily.INET4, 0);
        Acceptor listener = network.bind(any, Sharing.NONE).listen(4, 0);
        StreamEndpoint client = network.open(AddressFamily.INET4);
        assertThat(client.connect(((InetAddr) listener.local()).asDestination())).isTrue();
        ClosedAcceptor rest = new ClosedAcceptor(listener.local(), budget);

        rest.close();
        rest.take(listener);

        assertThat(rest.accept()).isNull();
        assertReset(client);
        assertThat(budget.left()).isZero();
        listener.close();
    }

    private static void assertReset(StreamEndpoint client) {
        assertThatThrownBy(() -> read(client))
                .isInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
    }

    private static long read(StreamEndpoint client) throws IOException {
        return client.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 1);
    }

    /** Each connection costs a host descriptor, and who connects is not the guest. */
    @Test
    void no_more_connections_are_kept_than_a_process_may_have_and_the_others_are_reset()
            throws Exception {
        int many = ReadAheadBudget.MAX_LEFT + 3;
        List<ClosedAcceptor> rests = new ArrayList<>();
        List<StreamEndpoint> clients = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Acceptor listener =
                    network.bind(InetAddr.any(AddressFamily.INET4, 0), Sharing.NONE)
                            .listen(many, 0);
            for (int j = 0; j < many / 2 + 1; j++) {
                StreamEndpoint client = network.open(AddressFamily.INET4);
                assertThat(client.connect(((InetAddr) listener.local()).asDestination())).isTrue();
                clients.add(client);
            }
            ClosedAcceptor rest = new ClosedAcceptor(listener.local(), budget);
            rest.take(listener);
            listener.close();
            rests.add(rest);
        }
        assertThat(budget.left()).isEqualTo(ReadAheadBudget.MAX_LEFT);
        for (int i = 0; i < ReadAheadBudget.MAX_LEFT; i++) {
            assertThat(read(clients.get(i))).isZero();
        }
        for (StreamEndpoint late : clients.subList(ReadAheadBudget.MAX_LEFT, clients.size())) {
            assertReset(late);
        }
        rests.get(0).accept().close(false);
        assertThat(budget.left()).isEqualTo(ReadAheadBudget.MAX_LEFT - 1);
        rests.get(0).close();
        rests.get(1).close();
        assertThat(budget.left()).isZero();
    }
}
