package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;

/** Connections that wait at a listener which takes no more. */
final class ClosedAcceptorTest {

    private final InProcessNetwork network = new InProcessNetwork();

    /** The guest closes a listener at the moment at which a gentle end stops it. */
    @Test
    void what_comes_after_the_close_is_reset_and_not_kept() throws Exception {
        InetAddr any = InetAddr.any(AddressFamily.INET4, 0);
        Acceptor listener = network.bind(any, Sharing.NONE).listen(4, 0);
        StreamEndpoint client = network.open(AddressFamily.INET4);
        assertThat(client.connect(((InetAddr) listener.local()).asDestination())).isTrue();
        ClosedAcceptor rest = new ClosedAcceptor(listener.local());

        rest.close();
        rest.take(listener);

        assertThat(rest.accept()).isNull();
        assertThatThrownBy(() -> client.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 1))
                .isInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
        client.close(false);
        listener.close();
    }
}
