package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.system.net.StreamEndpoint;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/** A stream endpoint without a channel, made blocking for a thread of the host. */
final class EndpointChannel implements InProcessConnection {

    private final StreamEndpoint endpoint;
    private final Object news = new Object();

    /** Counts what the endpoint announced; guarded by {@link #news}. */
    private long announced;

    private volatile boolean open = true;

    EndpointChannel(StreamEndpoint endpoint) {
        this.endpoint = endpoint;
        endpoint.onReadiness(
                conditions -> {
                    synchronized (news) {
                        announced++;
                        news.notifyAll();
                    }
                });
    }

    /**
     * Connects.
     *
     * @param deadline by {@link System#nanoTime}, or null
     * @throws SocketTimeoutException when it has come
     */
    void connect(InetAddr address, @Nullable Long deadline) throws IOException {
        try {
            long seen = announcements();
            boolean done = endpoint.connect(address);
            while (!done) {
                await(seen, deadline);
                seen = announcements();
                done = endpoint.finishConnect();
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private long announcements() {
        synchronized (news) {
            return announced;
        }
    }

    /** Waits until the endpoint has announced something since, or a deadline has come. */
    private void await(long seen, @Nullable Long deadline) throws IOException {
        try {
            synchronized (news) {
                while (open && announced == seen) {
                    if (deadline == null) {
                        news.wait();
                    } else {
                        TimeUnit.NANOSECONDS.timedWait(news, requireTime(deadline));
                    }
                }
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
        if (!open) {
            throw new AsynchronousCloseException();
        }
    }

    private static long requireTime(long deadline) throws SocketTimeoutException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("the guest has not answered in time");
        }
        return left;
    }

    private void requireOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        return read(to, null);
    }

    /** Reads what there is, or waits for the first byte, until a deadline if there is one. */
    int read(ByteBuffer to, @Nullable Long deadline) throws IOException {
        requireOpen();
        if (!to.hasRemaining()) {
            return 0;
        }
        ByteBuffer[] one = {to};
        for (; ; ) {
            long seen = announcements();
            long count = endpoint.read(one, 1);
            if (count != 0) {
                return (int) count;
            }
            await(seen, deadline);
        }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        requireOpen();
        ByteBuffer[] one = {from};
        int written = 0;
        while (from.hasRemaining()) {
            long seen = announcements();
            long count = endpoint.write(one, 1);
            written += (int) count;
            if (from.hasRemaining()) {
                await(seen, null);
            }
        }
        return written;
    }

    @Override
    public InputStream inputStream() {
        return Channels.newInputStream(this);
    }

    @Override
    public OutputStream outputStream() {
        return Channels.newOutputStream(this);
    }

    @Override
    public void shutdownOutput() throws IOException {
        requireOpen();
        endpoint.shutdownOutput();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        synchronized (news) {
            if (!open) {
                return;
            }
            open = false;
            news.notifyAll();
        }
        endpoint.close(false);
    }
}
