package org.wasix4j.system.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;

/**
 * What a guest finds besides what was granted, as on a machine: {@code /dev} with the devices that
 * every program expects, {@code /dev/shm} and {@code /tmp} as private folders in memory, and the
 * few files of {@code /etc} that C libraries open. None of it is the host's. One for a family of
 * processes, which shares {@code /dev/shm} and {@code /tmp}.
 *
 * @param scratch whether there are {@code /dev/shm} and {@code /tmp}
 */
public record OwnNodes(boolean scratch) {

    /** The user that getuid() of the C library answers, and the one that is nobody. */
    private static final String PASSWD =
            "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";

    private static final String GROUP = "root:x:0:\nnogroup:x:65534:\n";

    private static final String HOSTS =
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";

    private static final String RESOLV_CONF =
            "# Names are looked up by the host, by getaddrinfo(); the guest knows no name server.\n";

    /**
     * The folders by path, each with whether it can be written; outer ones first.
     *
     * @param budget what the files that the guest makes in them are taken from
     */
    Map<String, Own> folders(MemoryBudget budget) {
        Map<String, Own> folders = new LinkedHashMap<>();
        folders.put("/dev", new Own(devices(), true));
        if (scratch) {
            folders.put("/dev/shm", new Own(new MemoryFolder(budget), false));
            folders.put("/tmp", new Own(new MemoryFolder(budget), false));
        }
        folders.put("/etc", new Own(files(), true));
        return folders;
    }

    /** A folder of these. */
    record Own(Folder folder, boolean readOnly) {}

    /** What is ours and cannot be changed is not the guest's to pay for. */
    private static MemoryBudget free() {
        return MemoryBudget.unlimited();
    }

    private static MemoryFolder devices() {
        MemoryFolder dev = folder();
        dev.put("null", device(OpenDevice.Kind.NULL));
        dev.put("zero", device(OpenDevice.Kind.ZERO));
        dev.put("full", device(OpenDevice.Kind.FULL));
        dev.put("random", device(OpenDevice.Kind.RANDOM));
        dev.put("urandom", device(OpenDevice.Kind.URANDOM));
        dev.put("tty", new Device((node, mode) -> Duplicate.ofTerminal(mode)));
        dev.put(
                "ptmx",
                new Device(
                        (node, mode) -> {
                            throw Errno.NXIO.exception();
                        }));
        dev.put("stdin", new MemoryNode.Link("fd/0"));
        dev.put("stdout", new MemoryNode.Link("fd/1"));
        dev.put("stderr", new MemoryNode.Link("fd/2"));
        return dev;
    }

    private static Device device(OpenDevice.Kind kind) {
        return new Device((node, mode) -> new OpenDevice(kind, mode, node));
    }

    /** A folder for what cannot be changed. */
    static MemoryFolder folder() {
        return new MemoryFolder(free());
    }

    /** What stands for a program of the host's: a WebAssembly module with nothing in it. */
    static MemoryFile program() {
        return MemoryFile.of(free(), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    }

    private static MemoryFolder files() {
        MemoryFolder etc = folder();
        etc.put("passwd", MemoryFile.of(free(), PASSWD.getBytes(UTF_8)));
        etc.put("group", MemoryFile.of(free(), GROUP.getBytes(UTF_8)));
        etc.put("hosts", MemoryFile.of(free(), HOSTS.getBytes(UTF_8)));
        etc.put("resolv.conf", MemoryFile.of(free(), RESOLV_CONF.getBytes(UTF_8)));
        etc.put("localtime", MemoryFile.of(free(), utc()));
        return etc;
    }

    /** A time zone file (RFC 8536) for UTC: what {@code TZ} says goes first in every library. */
    private static byte[] utc() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        for (int version = 0; version < 2; version++) {
            file.writeBytes("TZif2".getBytes(UTF_8));
            file.writeBytes(new byte[15]);
            // counts of: UT/local and standard/wall indicators, leap seconds, transitions, types,
            // letters
            for (int count : new int[] {0, 0, 0, 0, 1, 4}) {
                file.writeBytes(new byte[] {0, 0, 0, (byte) count});
            }
            // one type: 0 s east of UTC, no summer time, its name at 0
            file.writeBytes(new byte[6]);
            file.writeBytes("UTC\0".getBytes(UTF_8));
        }
        file.writeBytes("\nUTC0\n".getBytes(UTF_8));
        return file.toByteArray();
    }
}
