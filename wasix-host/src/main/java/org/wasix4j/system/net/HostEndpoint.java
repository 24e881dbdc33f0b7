package org.wasix4j.system.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.function.IntConsumer;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/** A stream channel, always non-blocking; over TCP unless a subclass says otherwise. */
class HostEndpoint implements StreamEndpoint {

    /**
     * Up to so many bytes of a file are read and written. That takes less time than sendfile(2),
     * for which the JVM also asks for the size; with more bytes the copies cost what is won.
     */
    private static final int SMALL = 8192;

    private static final ScratchBuffers PIECES = new ScratchBuffers(SMALL);

    final SocketChannel channel;
    private final AddressFamily family;
    private final Runnable release;

    /** Reports what can be read; kept because the JVM makes a new one at each call. */
    private @Nullable InputStream input;

    /**
     * Wraps a channel.
     *
     * @param release gives a bound port back when the channel is closed
     */
    HostEndpoint(SocketChannel channel, AddressFamily family, Runnable release) {
        this.channel = channel;
        this.family = family;
        this.release = release;
    }

    @Override
    public SelectableChannel channel() {
        return channel;
    }

    @Override
    public void onReadiness(IntConsumer listener) {}

    @Override
    public int readiness() {
        return 0;
    }

    @Override
    public boolean isOver() {
        return HangupLook.isOver(channel);
    }

    @Override
    public boolean connect(SocketAddr remote) throws IOException {
        return channel.connect(((InetAddr) remote).toInetSocketAddress());
    }

    @Override
    public boolean finishConnect() throws IOException {
        return channel.finishConnect();
    }

    @Override
    public long read(ByteBuffer[] buffers, int count) throws IOException {
        return count == 1 ? channel.read(buffers[0]) : channel.read(buffers, 0, count);
    }

    @Override
    public long write(ByteBuffer[] buffers, int count) throws IOException {
        return count == 1 ? channel.write(buffers[0]) : channel.write(buffers, 0, count);
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        if (count > SMALL) {
            return file.transferTo(position, count, channel);
        }
        ByteBuffer piece = PIECES.take();
        try {
            int length = file.read(piece.limit((int) count), position);
            return length <= 0 ? 0 : channel.write(piece.flip());
        } finally {
            PIECES.give(piece);
        }
    }

    @Override
    public int available() throws IOException {
        InputStream stream = input;
        if (stream == null) {
            stream = channel.socket().getInputStream();
            input = stream;
        }
        return stream.available();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public @Nullable SocketAddr local() throws IOException {
        return address((InetSocketAddress) channel.getLocalAddress());
    }

    @Override
    public @Nullable SocketAddr remote() throws IOException {
        return address((InetSocketAddress) channel.getRemoteAddress());
    }

    private @Nullable InetAddr address(InetSocketAddress address) {
        return address == null ? null : InetAddr.of(address, family);
    }

    @Override
    public <T> boolean set(SocketOption<T> option, T value) throws IOException {
        if (!channel.supportedOptions().contains(option)) {
            return false;
        }
        channel.setOption(option, value);
        return true;
    }

    @Override
    public @Nullable <T> T get(SocketOption<T> option) throws IOException {
        return channel.supportedOptions().contains(option) ? channel.getOption(option) : null;
    }

    @Override
    public void oobInline(boolean on) throws IOException {
        channel.socket().setOOBInline(on);
    }

    @Override
    public void close(boolean reset) throws IOException {
        try {
            if (reset && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } finally {
            try {
                channel.close();
            } finally {
                release.run();
            }
        }
    }
}
