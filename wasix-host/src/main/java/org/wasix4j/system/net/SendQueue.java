package org.wasix4j.system.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;

/**
 * Whether the peer has acknowledged all that was sent, the end of the stream included. NIO does not
 * tell; Linux does, in proc_pid_net(5). It is asked only for a socket that is closed with a linger
 * time.
 */
final class SendQueue {

    private static final Path NET = Path.of("/proc/self/net");
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int QUEUES = 4;
    private static final int WORD = 4;

    private SendQueue() {}

    /** False when something is on its way; true also where nobody can tell. */
    static boolean isEmpty(InetAddr local, InetAddr remote) {
        String table = local.family() == AddressFamily.INET6 ? "tcp6" : "tcp";
        String from = text(local);
        String to = text(remote);
        try (BufferedReader lines =
                Files.newBufferedReader(NET.resolve(table), StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.contains(to)) {
                    continue;
                }
                String[] columns = line.trim().split("\\s+");
                if (columns.length > QUEUES
                        && columns[LOCAL].equals(from)
                        && columns[REMOTE].equals(to)) {
                    return columns[QUEUES].startsWith("00000000:");
                }
            }
        } catch (IOException e) {
            // another system
        }
        return true;
    }

    /** An address as the table has it: 32-bit words in the machine's order, in hexadecimal. */
    static String text(InetAddr address) {
        byte[] octets = address.octets();
        StringBuilder text = new StringBuilder();
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        for (int word = 0; word < octets.length; word += WORD) {
            for (int i = 0; i < WORD; i++) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "%02X",
                                octets[little ? word + WORD - 1 - i : word + i]));
            }
        }
        return text.append(String.format(Locale.ROOT, ":%04X", address.port())).toString();
    }
}
