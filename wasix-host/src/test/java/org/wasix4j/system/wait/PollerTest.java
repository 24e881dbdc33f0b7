package org.wasix4j.system.wait;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.types.Errno;

@Timeout(120)
class PollerTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    /** A listening channel as a pollable. */
    private static final class Listener extends Pollable {
        private final ServerSocketChannel channel;
        private volatile boolean closed;

        Listener() throws IOException {
            channel = ServerSocketChannel.open();
            channel.configureBlocking(false);
            channel.bind(new InetSocketAddress(LOOPBACK, 0));
        }

        int port() {
            return channel.socket().getLocalPort();
        }

        @Override
        public int readiness(int interest) {
            return 0;
        }

        @Override
        public SelectableChannel channel() {
            return channel;
        }

        @Override
        public int selectOps(int interest) {
            return SelectionKey.OP_ACCEPT;
        }

        @Override
        public boolean isClosed() {
            return closed;
        }

        void close() {
            closed = true;
            signal(-1);
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            awaitRelease();
            leaveAll();
        }
    }

    private static final class Counting extends Registration {
        private final AtomicInteger selected = new AtomicInteger();
        private final AtomicInteger signalled = new AtomicInteger();
        private final AtomicBoolean gone = new AtomicBoolean();

        Counting(Pollable pollable, Poller poller) {
            super(pollable, poller);
        }

        @Override
        protected void signalled(int conditions) {
            signalled.incrementAndGet();
        }

        @Override
        protected void selected(int readyOps) {
            selected.incrementAndGet();
        }

        @Override
        protected void pollableClosed() {
            gone.set(true);
        }
    }

    private static Counting watch(Poller poller, Pollable pollable) {
        Counting registration = new Counting(pollable, poller);
        assertThat(poller.add(registration)).isTrue();
        assertThat(poller.arm(registration, Readiness.READ, 0)).isTrue();
        return registration;
    }

    @Test
    void a_closed_listeners_port_is_free_although_another_thread_selects_without_end()
            throws IOException {
        Poller poller = new Poller();
        AtomicBoolean stop = new AtomicBoolean();
        watch(poller, new Listener());
        for (int threads = 0; threads < 2; threads++) {
            // the second round: a thread that selects again and again, without ever sleeping
            long nanos = threads == 0 ? Long.MAX_VALUE : 0;
            CompletableFuture<Void> selector =
                    CompletableFuture.runAsync(
                            () -> {
                                while (!stop.get()) {
                                    poller.select(stop::get, nanos);
                                }
                            },
                            task -> new Thread(task, "selects").start());
            for (int round = 0; round < 100; round++) {
                Listener listener = new Listener();
                Counting registration = watch(poller, listener);
                int port = listener.port();
                listener.close();
                try (ServerSocket again = new ServerSocket()) {
                    again.setReuseAddress(false);
                    again.bind(new InetSocketAddress(LOOPBACK, port));
                }
                assertThat(registration.gone).isTrue();
                assertThat(poller.find(listener)).isNull();
            }
            stop.set(true);
            poller.wakeup();
            selector.join();
            stop.set(false);
        }
        poller.close();
    }

    @Test
    void a_wakeup_is_not_swallowed_by_other_threads_that_look() throws IOException {
        Poller poller = new Poller();
        watch(poller, new Listener());
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<?>[] lookers = new CompletableFuture<?>[2];
        for (int i = 0; i < lookers.length; i++) {
            lookers[i] =
                    CompletableFuture.runAsync(
                            () -> {
                                while (!stop.get()) {
                                    poller.look();
                                }
                            },
                            task -> new Thread(task, "looks").start());
        }
        AtomicBoolean woken = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        CompletableFuture<Void> owner =
                CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < 2_000; i++) {
                                while (!woken.getAndSet(false)) {
                                    poller.select(woken::get, Long.MAX_VALUE);
                                }
                                rounds.incrementAndGet();
                            }
                        },
                        task -> new Thread(task, "owns").start());
        for (int i = 1; i <= 2_000; i++) {
            woken.set(true);
            poller.wakeup();
            int expected = i;
            while (rounds.get() < expected && !owner.isDone()) {
                Thread.onSpinWait();
            }
        }
        owner.join();
        stop.set(true);
        CompletableFuture.allOf(lookers).join();
        poller.close();
    }

    @Test
    void a_registration_with_a_key_outlives_the_interest_until_its_channel_is_closed()
            throws IOException {
        Poller poller = new Poller();
        Listener listener = new Listener();
        Counting registration = watch(poller, listener);
        assertThat(poller.remove(registration)).isFalse();
        assertThat(registration.isArmed()).isFalse();
        assertThat(poller.find(listener)).isSameAs(registration);
        int port = listener.port();
        listener.close();
        try (ServerSocket again = new ServerSocket()) {
            again.setReuseAddress(false);
            again.bind(new InetSocketAddress(LOOPBACK, port));
        }
        poller.close();
    }

    @Test
    void nothing_can_be_added_for_a_closed_pollable_or_to_a_closed_poller() throws IOException {
        Poller poller = new Poller();
        Listener listener = new Listener();
        listener.close();
        Counting late = new Counting(listener, poller);
        assertThat(poller.add(late)).isFalse();
        assertThat(poller.arm(late, Readiness.READ, 0)).isFalse();
        poller.close();
        Listener other = new Listener();
        assertThat(poller.add(new Counting(other, poller))).isFalse();
        Poller neverOpened = new Poller();
        neverOpened.close();
        assertThatThrownBy(neverOpened::open).isSameAs(Errno.BADF.exception());
        other.close();
    }

    @Test
    void closing_a_poller_ends_its_select_and_tells_nobody_any_more() throws IOException {
        Poller poller = new Poller();
        Listener listener = new Listener();
        Counting registration = watch(poller, listener);
        CompletableFuture<Integer> selecting =
                CompletableFuture.supplyAsync(
                        () -> poller.select(() -> false, Long.MAX_VALUE),
                        task -> new Thread(task, "selects").start());
        await().pollDelay(java.time.Duration.ZERO).until(() -> !selecting.isDone());
        poller.close();
        assertThat(selecting.join()).isZero();
        listener.close();
        assertThat(registration.signalled).hasValue(0);
    }

    @Test
    void a_poller_is_closed_while_another_thread_has_it_watch_a_channel() throws Exception {
        for (int i = 0; i < 500; i++) {
            Poller poller = new Poller();
            Listener first = new Listener();
            Listener second = new Listener();
            watch(poller, first);
            Counting registration = new Counting(second, poller);
            poller.add(registration);
            CyclicBarrier together = new CyclicBarrier(2);
            CompletableFuture<Boolean> armed =
                    CompletableFuture.supplyAsync(
                            () -> {
                                pass(together);
                                return poller.arm(registration, Readiness.READ, 0);
                            });
            pass(together);

            poller.close();

            armed.get(60, TimeUnit.SECONDS);
            assertThat(poller.arm(registration, Readiness.READ, 0)).isFalse();
            first.close();
            second.close();
        }
    }

    private static void pass(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
