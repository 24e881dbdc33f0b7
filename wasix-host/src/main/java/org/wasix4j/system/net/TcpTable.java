package org.wasix4j.system.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Predicate;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * What Linux reports of TCP connections in proc_pid_net(5), and NIO does not. A look reads the
 * whole table, so it is for rare questions only.
 */
final class TcpTable {

    private static final Path NET = Path.of("/proc/self/net");
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int QUEUES = 4;
    private static final String SYN_SENT = "02";

    private TcpTable() {}

    /**
     * Whether the peer has acknowledged all that was sent, the end of the stream included; true
     * also where it cannot be determined.
     */
    static boolean isAcknowledged(InetAddr local, InetAddr remote) {
        String from = text(local);
        boolean[] unsent = {false};
        scan(
                remote,
                columns -> {
                    boolean found = columns[LOCAL].equals(from);
                    unsent[0] = found && !columns[QUEUES].startsWith("00000000:");
                    return found;
                });
        return !unsent[0];
    }

    /**
     * The local address of the attempt to connect to a peer, while it is under way.
     *
     * @return null when there are several attempts, of any process, or where it cannot be
     *     determined
     */
    static @Nullable InetAddr connecting(InetAddr remote) {
        InetAddr[] found = {null};
        boolean several =
                scan(
                        remote,
                        columns -> {
                            if (!columns[STATE].equals(SYN_SENT)) {
                                return false;
                            }
                            if (found[0] != null) {
                                return true;
                            }
                            found[0] = address(columns[LOCAL], remote.family());
                            return false;
                        });
        return several ? null : found[0];
    }

    /** Looks at the rows of a peer until one is enough; whether one was. */
    private static boolean scan(InetAddr remote, Predicate<String[]> enough) {
        String table = remote.family() == AddressFamily.INET6 ? "tcp6" : "tcp";
        String to = text(remote);
        try (BufferedReader lines =
                Files.newBufferedReader(NET.resolve(table), StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.contains(to)) {
                    continue;
                }
                String[] columns = line.trim().split("\\s+");
                if (columns.length > QUEUES && columns[REMOTE].equals(to) && enough.test(columns)) {
                    return true;
                }
            }
        } catch (IOException e) {
            // another system
        }
        return false;
    }

    /** An address as the table has it: 32-bit words in the machine's order, in hexadecimal. */
    static String text(InetAddr address) {
        String octets = HexFormat.of().withUpperCase().formatHex(swapped(address.octets()));
        return octets + String.format(Locale.ROOT, ":%04X", address.port());
    }

    private static InetAddr address(String text, AddressFamily family) {
        int colon = text.indexOf(':');
        byte[] octets = swapped(HexFormat.of().parseHex(text, 0, colon));
        int port = HexFormat.fromHexDigits(text, colon + 1, text.length());
        return family == AddressFamily.INET6
                ? InetAddr.v6(octets, port, 0, 0)
                : InetAddr.v4(octets, port);
    }

    /** Between the network's order and the machine's, word by word. */
    private static byte[] swapped(byte[] octets) {
        ByteBuffer words = ByteBuffer.wrap(octets);
        ByteBuffer swapped = ByteBuffer.allocate(octets.length).order(ByteOrder.nativeOrder());
        while (words.hasRemaining()) {
            swapped.putInt(words.getInt());
        }
        return swapped.array();
    }
}
