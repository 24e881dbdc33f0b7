package org.wasix4j.host;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.wasix4j.system.net.Acceptor;
import org.wasix4j.system.net.BoundPort;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.net.Sharing;
import org.wasix4j.system.net.StreamEndpoint;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;

/** A network on which one thing fails, with what the JVM throws; the rest succeeds. */
class FailingNetwork implements Network {

    /** What fails. */
    enum Step {
        NOTHING,
        OPEN,
        BIND,
        LISTEN,
        ACCEPT,
        CONNECT,
        READ,
        WRITE
    }

    private static final Map<Class<?>, Object> ANSWERS =
            Map.of(boolean.class, false, int.class, 0, long.class, 0L);

    private final Step step;
    private final Exception error;

    FailingNetwork(Step step, Exception error) {
        this.step = step;
        this.error = error;
    }

    private void reach(Step reached) throws IOException {
        if (step == reached) {
            if (error instanceof IOException checked) {
                throw checked;
            }
            throw (RuntimeException) error;
        }
    }

    @Override
    public BoundPort bind(SocketAddr local, Sharing sharing) throws IOException {
        reach(Step.BIND);
        return new BoundPort() {
            @Override
            public SocketAddr local() {
                return InetAddr.v4(new byte[] {127, 0, 0, 1}, 1234);
            }

            @Override
            public Acceptor listen(int backlog, int receiveBuffer) throws IOException {
                reach(Step.LISTEN);
                return stub(Acceptor.class);
            }

            @Override
            public StreamEndpoint endpoint() {
                return stub(StreamEndpoint.class);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public StreamEndpoint open(AddressFamily family) throws IOException {
        reach(Step.OPEN);
        return stub(StreamEndpoint.class);
    }

    @Override
    public boolean supports(AddressFamily family) {
        return family == AddressFamily.INET4;
    }

    /**
     * Answers nothing, nowhere and no, but fails where it has to; connected for what comes after.
     */
    private <T> T stub(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            if (method.getName().equalsIgnoreCase(step.name())) {
                                reach(step);
                            }
                            if (method.getName().equals("carrier")) {
                                return proxy;
                            }
                            if (method.getName().equals("local")) {
                                return InetAddr.any(AddressFamily.INET4, 1);
                            }
                            if (method.getName().equals("connect")) {
                                return step.compareTo(Step.CONNECT) > 0;
                            }
                            Class<?> result = method.getReturnType();
                            return ANSWERS.get(result);
                        }));
    }
}
