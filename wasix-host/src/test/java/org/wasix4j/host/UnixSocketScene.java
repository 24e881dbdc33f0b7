package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.Errno;

/**
 * A guest with the whole network and two folders: {@code volume} as its root, with a folder {@code
 * run}, and {@code ro} as {@code /ro}, which it may only read. Both are in {@code outside}.
 */
abstract class UnixSocketScene {

    static final int UNIX = SocketCalls.UNIX;

    @TempDir Path outside;
    Path volume;
    HostHarness guest;
    SocketCalls sockets;

    @BeforeEach
    void start() throws IOException {
        volume = Files.createDirectory(outside.resolve("volume"));
        Files.createDirectory(volume.resolve("run"));
        Path readOnly = Files.createDirectory(outside.resolve("ro"));
        Mounts mounts =
                Mounts.builder()
                        .withVolume(volume, "/", false)
                        .withVolume(readOnly, "/ro", true)
                        .build();
        guest = HostHarness.create(mounts, process -> process.withPolicy(NetworkPolicy.allowAll()));
        sockets = new SocketCalls(guest);
        mounts.preopen(guest.process().descriptors());
    }

    @AfterEach
    void stop() {
        guest.close();
    }

    int open() {
        return sockets.open(UNIX, SocketCalls.STREAM);
    }

    Errno bind(int fd, String path) {
        return guest.call("sock_bind", fd, sockets.address(path));
    }

    Errno connect(int fd, String path) {
        return guest.call("sock_connect", fd, sockets.address(path));
    }

    /** A socket that listens at a path. */
    int listener(String path) {
        int fd = open();
        assertThat(bind(fd, path)).isEqualTo(Errno.SUCCESS);
        guest.ok("sock_listen", fd, 8);
        return fd;
    }
}
