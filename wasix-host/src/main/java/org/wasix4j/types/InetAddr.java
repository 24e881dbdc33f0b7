package org.wasix4j.types;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * An IPv4 or IPv6 address with a port, like {@code struct sockaddr_in} and {@code sockaddr_in6}.
 * Unlike {@link InetSocketAddress} it keeps the family that the guest gave: a v4-mapped IPv6
 * address stays IPv6.
 */
public final class InetAddr implements SocketAddr {

    private static final byte[] ANY4 = new byte[4];
    private static final byte[] ANY6 = new byte[16];
    private static final byte LOOPBACK_NET = 127;

    private final AddressFamily family;
    private final byte[] octets;
    private final int port;
    private final int flowInfo;
    private final int scopeId;

    private InetAddr(AddressFamily family, byte[] octets, int port, int flowInfo, int scopeId) {
        this.family = family;
        this.octets = octets;
        this.port = port & 0xffff;
        this.flowInfo = flowInfo;
        this.scopeId = scopeId;
    }

    /**
     * {@return an IPv4 address; octets in reading order}
     *
     * @param octets the bytes, which are copied
     * @param port the port, 0 to 65535
     */
    public static InetAddr v4(byte[] octets, int port) {
        return new InetAddr(AddressFamily.INET4, requireLength(octets, 4), port, 0, 0);
    }

    /**
     * {@return an IPv6 address; octets in network order}
     *
     * @param octets the bytes, which are copied
     * @param port the port, 0 to 65535
     * @param flowInfo the flow information
     * @param scopeId the index of the interface, or 0
     */
    public static InetAddr v6(byte[] octets, int port, int flowInfo, int scopeId) {
        return new InetAddr(
                AddressFamily.INET6, requireLength(octets, 16), port, flowInfo, scopeId);
    }

    /**
     * {@return the wildcard of a family, 0.0.0.0 or [::]}
     *
     * @param family the family
     * @param port the port, 0 to 65535
     */
    public static InetAddr any(AddressFamily family, int port) {
        return family == AddressFamily.INET6 ? v6(ANY6, port, 0, 0) : v4(ANY4, port);
    }

    /**
     * {@return what the JVM reports of a socket of the given family} The JVM shows an IPv4 peer of
     * a dual-stack socket as plain IPv4; it becomes v4-mapped again here, as the kernel reports it.
     *
     * @param address what the JVM reports
     * @param family the family
     */
    public static InetAddr of(InetSocketAddress address, AddressFamily family) {
        InetAddress ip = address.getAddress();
        byte[] octets = ip.getAddress();
        if (family == AddressFamily.INET4) {
            return octets.length == 4
                    ? v4(octets, address.getPort())
                    : any(family, address.getPort());
        }
        if (octets.length == 16) {
            return v6(octets, address.getPort(), 0, ((Inet6Address) ip).getScopeId());
        }
        if (ip.isAnyLocalAddress()) {
            return any(AddressFamily.INET6, address.getPort());
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(octets, 0, mapped, 12, 4);
        return v6(mapped, address.getPort(), 0, 0);
    }

    private static byte[] requireLength(byte[] octets, int length) {
        if (octets.length != length) {
            throw new IllegalArgumentException("address of " + octets.length + " bytes");
        }
        return octets.clone();
    }

    @Override
    public AddressFamily family() {
        return family;
    }

    /** {@return the address bytes, 4 or 16, in network order; a copy} */
    public byte[] octets() {
        return octets.clone();
    }

    /**
     * {@return one address byte}
     *
     * @param index the position, from 0
     */
    public byte octet(int index) {
        return octets[index];
    }

    /** {@return the port, 0 to 65535} */
    public int port() {
        return port;
    }

    /** {@return IPv6 flow information, else 0} */
    public int flowInfo() {
        return flowInfo;
    }

    /** {@return IPv6 scope, an interface index, else 0} */
    public int scopeId() {
        return scopeId;
    }

    /**
     * {@return the same address with another port}
     *
     * @param newPort the port, 0 to 65535
     */
    public InetAddr withPort(int newPort) {
        return new InetAddr(family, octets, newPort, flowInfo, scopeId);
    }

    /** {@return whether the address is the wildcard, 0.0.0.0 or [::]} */
    public boolean isAny() {
        for (byte b : octets) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * {@return the address that a connect to this one reaches: loopback instead of the wildcard}
     */
    public InetAddr asDestination() {
        if (!isAny()) {
            return this;
        }
        byte[] loopback = new byte[octets.length];
        loopback[loopback.length - 1] = 1;
        if (family == AddressFamily.INET4) {
            loopback[0] = LOOPBACK_NET;
        }
        return new InetAddr(family, loopback, port, flowInfo, scopeId);
    }

    /** {@return whether this is an IPv6 address of the form ::ffff:a.b.c.d} */
    public boolean isV4Mapped() {
        if (family != AddressFamily.INET6) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (octets[i] != 0) {
                return false;
            }
        }
        return octets[10] == (byte) 0xff && octets[11] == (byte) 0xff;
    }

    /** {@return the address without the port, as the JVM wants it; a v4-mapped one becomes IPv4} */
    public InetAddress toInetAddress() {
        try {
            if (family == AddressFamily.INET6 && !isV4Mapped()) {
                return scopeId == 0
                        ? InetAddress.getByAddress(null, octets)
                        : Inet6Address.getByAddress(null, octets, scopeId);
            }
            return InetAddress.getByAddress(null, octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("a length that was checked", e);
        }
    }

    /** {@return the address with the port, as the JVM wants it} */
    public InetSocketAddress toInetSocketAddress() {
        return new InetSocketAddress(toInetAddress(), port);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof InetAddr other
                && family == other.family
                && port == other.port
                && scopeId == other.scopeId
                && Arrays.equals(octets, other.octets);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(octets) * 31 + port;
    }

    /**
     * {@return the address without the port, without a name look-up: {@code 127.0.0.1}, {@code
     * ::1}}
     */
    public String host() {
        if (family == AddressFamily.INET4) {
            return (octets[0] & 255)
                    + "."
                    + (octets[1] & 255)
                    + "."
                    + (octets[2] & 255)
                    + "."
                    + (octets[3] & 255);
        }
        if (isV4Mapped()) {
            return "::ffff:" + v4(Arrays.copyOfRange(octets, 12, 16), 0).host();
        }
        return Inet6Text.format(octets);
    }

    @Override
    public String toString() {
        return family == AddressFamily.INET4 ? host() + ":" + port : "[" + host() + "]:" + port;
    }
}
