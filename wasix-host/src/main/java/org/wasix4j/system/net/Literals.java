package org.wasix4j.system.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/** Addresses written as numbers, which need no look-up. */
final class Literals {

    private Literals() {}

    /**
     * The address that a text is, or null when it is a name. IPv4 needs all four parts in decimal:
     * shorter and octal spellings are names, so that no spelling slips by a policy.
     */
    static @Nullable InetAddr parse(String text, int port) {
        if (text.indexOf(':') >= 0) {
            return inet6(strip(text), port);
        }
        return inet4(text, port);
    }

    private static String strip(String text) {
        return text.startsWith("[") && text.endsWith("]")
                ? text.substring(1, text.length() - 1)
                : text;
    }

    private static @Nullable InetAddr inet6(String text, int port) {
        if (!text.chars()
                .allMatch(c -> c < 0x80 && Character.digit(c, 16) >= 0 || c == ':' || c == '.')) {
            return null;
        }
        try {
            // without the brackets the JVM asks a name server for what does not begin as an address
            byte[] octets = InetAddress.getByName('[' + text + ']').getAddress();
            if (octets.length == 4) {
                byte[] mapped = new byte[16];
                mapped[10] = (byte) 0xff;
                mapped[11] = (byte) 0xff;
                System.arraycopy(octets, 0, mapped, 12, 4);
                octets = mapped;
            }
            return InetAddr.v6(octets, port, 0, 0);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static @Nullable InetAddr inet4(String text, int port) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] octets = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = parts[i];
            if (part.isEmpty()
                    || part.length() > 3
                    || part.length() > 1 && part.charAt(0) == '0'
                    || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return null;
            }
            int value = Integer.parseInt(part);
            if (value > 255) {
                return null;
            }
            octets[i] = (byte) value;
        }
        return InetAddr.v4(octets, port);
    }
}
