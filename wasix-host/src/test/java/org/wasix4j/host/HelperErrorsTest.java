package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.clock.IntervalTimers;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.types.Errno;

/** An error of the JVM in a thread that works for a guest is an answer, and no guest waits on. */
@Timeout(60)
class HelperErrorsTest {

    /** What can strike anywhere. */
    enum Thrown implements Supplier<Error> {
        STACK_OVERFLOW(StackOverflowError::new),
        OUT_OF_MEMORY(() -> new OutOfMemoryError("thrown by the test")),
        LINKAGE(() -> new NoClassDefFoundError("thrown by the test"));

        private final Supplier<Error> maker;

        Thrown(Supplier<Error> maker) {
            this.maker = maker;
        }

        @Override
        public Error get() {
            return maker.get();
        }
    }

    /** A network that throws on the threads that look names up. */
    private static Network failing(Thrown thrown) {
        Network real = new InProcessSwitch();
        return (Network)
                Proxy.newProxyInstance(
                        Network.class.getClassLoader(),
                        new Class<?>[] {Network.class},
                        (proxy, method, arguments) -> {
                            if (Thread.currentThread().getName().equals("wasix-resolver")) {
                                throw thrown.get();
                            }
                            if (method.getName().equals("forFamily")) {
                                return proxy;
                            }
                            try {
                                return method.invoke(real, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @ParameterizedTest
    @EnumSource
    void a_look_up_is_answered(Thrown thrown) {
        try (HostHarness guest =
                HostHarness.create(
                        settings ->
                                settings.withNetwork(failing(thrown))
                                        .withPolicy(NetworkPolicy.allowAll()))) {
            Errno answer =
                    guest.call(
                            "resolve",
                            guest.string("localhost"),
                            9,
                            80,
                            guest.alloc(72),
                            4,
                            guest.alloc(4));
            assertThat(answer).isEqualTo(Errno.AGAIN);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_read_of_standard_input_is_answered(Thrown thrown) {
        InputStream failing =
                new InputStream() {
                    @Override
                    public int read() {
                        throw thrown.get();
                    }

                    @Override
                    public int read(byte[] bytes, int from, int length) {
                        throw thrown.get();
                    }
                };
        try (HostHarness guest = HostHarness.create()) {
            guest.process().descriptors().open(null, StandardStreams.input(failing));
            int vector = guest.iovec(guest.alloc(16), 16);
            assertThat(guest.call("fd_read", 0, vector, 1, guest.alloc(4))).isEqualTo(Errno.IO);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_timer_goes_off_after_all(Thrown thrown) {
        AtomicInteger raised = new AtomicInteger();
        IntervalTimers timers =
                new IntervalTimers(
                        signal -> {
                            if (raised.getAndIncrement() == 0) {
                                throw thrown.get();
                            }
                        });
        try {
            timers.set(14, 1_000_000, false);
            await().untilAsserted(() -> assertThat(raised).hasValue(2));
            timers.set(10, 1_000_000, false);
            await().untilAsserted(() -> assertThat(raised).hasValue(3));
        } finally {
            timers.close();
        }
    }
}
