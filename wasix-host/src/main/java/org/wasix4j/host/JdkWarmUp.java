package org.wasix4j.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Map;
import org.wasix4j.system.thread.Uninterrupted;
import org.wasix4j.types.Nullable;

/**
 * Uses what host calls use of the JDK, once, before a guest runs. A guest decides how deep its
 * stack is when it makes the first call that needs a class, and a class whose initialiser overflows
 * the stack is dead for the whole JVM. {@link org.wasix4j.system.thread.StackRoom} keeps a guest
 * from calling where the stack is too short; this makes sure that a call needs little of it.
 *
 * <p>It is done on a thread of its own while the first module is loaded. What a machine does not
 * have, as a network, IPv6 or a descriptor that is free, is left out. Nothing here can block: only
 * addresses of the loopback are used, nothing is looked up and nothing is written to a disk.
 *
 * <p>Not here is what few guests need and what costs a start: names are looked up on threads of
 * their own, and random numbers, unix sockets, times of computing and the flight recorder are made
 * ready on another thread when they are first asked for.
 */
public final class JdkWarmUp {

    private static final long PATIENCE_MILLIS = 200;

    /** Those of a file that are read; the owner's name is not, which the C library looks up. */
    private static final String ATTRIBUTES =
            "unix:dev,ino,mode,nlink,size,lastAccessTime,lastModifiedTime,ctime,fileKey";

    private static @Nullable Thread worker;

    private JdkWarmUp() {}

    private interface Step {
        void run() throws IOException;
    }

    /** Begins it, unless it has begun; returns at once. */
    public static synchronized void begin() {
        if (worker == null) {
            Thread thread = new Thread(JdkWarmUp::use, "wasix4j-warm-up");
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError e) {
                // there are no threads left
                use();
            }
            worker = thread;
        }
    }

    /** Waits until it is done, after beginning it if necessary. */
    public static void await() {
        begin();
        Thread thread;
        synchronized (JdkWarmUp.class) {
            thread = worker;
        }
        if (thread != null) {
            Uninterrupted.join(thread);
        }
    }

    private static void use() {
        for (Step step :
                List.<Step>of(
                        JdkWarmUp::useStreams,
                        JdkWarmUp::useRefusals,
                        JdkWarmUp::useDatagrams,
                        JdkWarmUp::useFiles,
                        JdkWarmUp::useInterfaces)) {
            try {
                step.run();
            } catch (IOException | RuntimeException | Error e) {
                // this machine does not have it, or no descriptors; a guest that needs it gets the
                // error
            }
        }
    }

    private static InetSocketAddress loopback() throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
    }

    private static ByteBuffer[] twoBuffers() {
        return new ByteBuffer[] {ByteBuffer.allocateDirect(8), ByteBuffer.allocate(8)};
    }

    private static void useStreams() throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open();
                SocketChannel client = SocketChannel.open()) {
            server.configureBlocking(false);
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(loopback(), 4);
            client.configureBlocking(false);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.setOption(StandardSocketOptions.SO_LINGER, -1);
            client.setOption(
                    StandardSocketOptions.SO_RCVBUF,
                    client.getOption(StandardSocketOptions.SO_RCVBUF));
            server.register(selector, SelectionKey.OP_ACCEPT);
            if (!client.connect(server.getLocalAddress())) {
                client.finishConnect();
            }
            selector.select(PATIENCE_MILLIS);
            try (SocketChannel accepted = server.accept()) {
                if (accepted == null) {
                    return;
                }
                accepted.configureBlocking(false);
                accepted.getRemoteAddress();
                SelectionKey key =
                        accepted.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                client.write(twoBuffers());
                client.write(ByteBuffer.allocate(1));
                selector.selectedKeys().clear();
                selector.select(key::attach, PATIENCE_MILLIS);
                accepted.read(twoBuffers());
                accepted.read(ByteBuffer.allocateDirect(1));
                key.interestOps(0);
                client.shutdownOutput();
                selector.wakeup();
                selector.selectNow();
                key.cancel();
                selector.selectNow();
                accepted.shutdownInput();
            }
        }
    }

    /** Errors have paths of their own. */
    // used for the classes that it loads
    @SuppressWarnings("ReturnValueIgnored")
    private static void useRefusals() throws IOException {
        InetSocketAddress closed;
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            closed = (InetSocketAddress) server.bind(loopback()).getLocalAddress();
        }
        try (SocketChannel client = SocketChannel.open()) {
            client.configureBlocking(false);
            client.connect(closed);
            client.finishConnect();
        } catch (IOException e) {
            e.getMessage();
        }
    }

    private static void useDatagrams() throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_BROADCAST, false);
            channel.bind(loopback());
            channel.send(ByteBuffer.allocate(8), channel.getLocalAddress());
            channel.receive(ByteBuffer.allocate(8));
            channel.receive(ByteBuffer.allocateDirect(8));
            channel.connect(channel.getLocalAddress());
            channel.write(twoBuffers());
            channel.read(twoBuffers());
            channel.disconnect();
            NetworkInterface loopback = NetworkInterface.getByInetAddress(loopback().getAddress());
            channel.join(InetAddress.getByAddress(new byte[] {(byte) 224, 0, 0, 1}), loopback)
                    .drop();
        }
    }

    private static void useFiles() throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        try (DirectoryStream<Path> listed = Files.newDirectoryStream(home)) {
            for (Path each : listed) {
                Files.readAttributes(each, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                Files.readAttributes(each, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (listed instanceof SecureDirectoryStream<Path> directory) {
                    directory
                            .getFileAttributeView(each.getFileName(), PosixFileAttributeView.class)
                            .readAttributes();
                }
                if (Files.readAttributes(each, BasicFileAttributes.class).isRegularFile()) {
                    useFile(each);
                    return;
                }
            }
        }
    }

    // used for the classes that it loads
    @SuppressWarnings("ReturnValueIgnored")
    private static void useFile(Path path) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "posix:permissions");
        attributes.size();
        try (FileChannel file = FileChannel.open(path)) {
            file.read(twoBuffers());
            file.read(ByteBuffer.allocate(8), 0);
            file.position(file.size());
        }
        // a name that is not there
        Files.readAttributes(path.resolveSibling("no such file"), BasicFileAttributes.class);
    }

    private static void useInterfaces() throws IOException {
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            each.isUp();
            each.isLoopback();
            each.getInterfaceAddresses();
            each.getHardwareAddress();
        }
    }
}
