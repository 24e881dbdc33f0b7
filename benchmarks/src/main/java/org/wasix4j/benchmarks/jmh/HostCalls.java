package org.wasix4j.benchmarks.jmh;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;

/**
 * The inner paths, with what a call allocates: a whole guest in this JVM makes many calls at one
 * order, so that the order's own cost does not show. JMH's gc profiler counts every thread of the
 * JVM, {@link Allocated} the guest's alone.
 *
 * <p>The system property {@code guest} names the module "calls".
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HostCalls {

    private static final int CALLS = 6_400;

    /**
     * What is called: its letter, how many idle connections there are, and the function. "transfer"
     * is a sock_send and a sock_recv.
     */
    @Param({
        "c 0 clock_time_get",
        "s 0 transfer",
        "w 0 fd_write",
        "p 10 poll_oneoff",
        "p 1000 poll_oneoff",
        "e 10 epoll_wait",
        "e 1000 epoll_wait"
    })
    public String call;

    private volatile Thread guestThread;
    private WasixProcess guest;
    private final List<SocketChannel> idle = new ArrayList<>();
    private SocketChannel control;
    private ByteBuffer order;
    private final ByteBuffer answer = ByteBuffer.allocateDirect(Long.BYTES);

    @Setup(Level.Trial)
    public void start() throws IOException, InterruptedException, TimeoutException {
        String[] words = call.split(" ");
        int connections = Integer.parseInt(words[1]);
        guest =
                WasixRuntime.builder()
                        .withArguments("0", "127.0.0.1", words[1])
                        .withNetworkPolicy(NetworkPolicy.allowAll())
                        .withThreadFactory(this::thread)
                        .build()
                        .start(WasixModule.load(Path.of(System.getProperty("guest"))));
        guest.awaitListening(Duration.ofSeconds(30));
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", guest.port());
        for (int i = 0; i < connections; i++) {
            idle.add(SocketChannel.open(address));
        }
        control = SocketChannel.open(address);
        order =
                ByteBuffer.allocateDirect(6)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(0, (byte) words[0].charAt(0))
                        .putInt(1, CALLS);
    }

    private Thread thread(Runnable body, String name, long stackSize) {
        guestThread = new Thread(null, body, name, stackSize);
        return guestThread;
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException, InterruptedException {
        for (SocketChannel channel : idle) {
            channel.close();
        }
        control.close();
        guest.waitFor();
    }

    /** What the guest's thread has allocated, and in how many calls. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Allocated {
        public long guestBytes;
        public long guestCalls;
    }

    private long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(guestThread.getId());
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public ByteBuffer calls(Allocated counters) throws IOException {
        long before = allocated();
        order.clear();
        while (order.hasRemaining()) {
            control.write(order);
        }
        answer.clear();
        while (answer.hasRemaining()) {
            if (control.read(answer) < 0) {
                throw new IOException("the guest has ended");
            }
        }
        counters.guestBytes += allocated() - before;
        counters.guestCalls += CALLS;
        return answer;
    }
}
