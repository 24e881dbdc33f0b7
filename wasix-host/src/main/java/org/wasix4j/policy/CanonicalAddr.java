package org.wasix4j.policy;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;

/**
 * An address without its disguises, as rules are matched against it. IPv4 hides in IPv6 as
 * v4-mapped (::ffff:a.b.c.d, IPv4 on the wire), v4-compatible (::a.b.c.d) and behind the well-known
 * prefix of translators (64:ff9b::/96): each is also taken for the IPv4 address inside. Scope ids
 * play no part.
 *
 * @param form which disguise there was
 * @param high the first 64 bits of an IPv6 address
 * @param low the other bits of an IPv6 address
 * @param inner the IPv4 address, or the one inside
 */
record CanonicalAddr(Form form, long high, long low, int inner) {

    /** How an address was written. */
    enum Form {
        /** Plain IPv4. */
        V4,
        /** IPv4 in the notation of IPv6. */
        MAPPED,
        /** IPv6 that may come out at an IPv4 address. */
        EMBEDDED,
        /** IPv6 and nothing else. */
        V6
    }

    private static final int LOOPBACK4 = 0x7f000001;
    private static final long TRANSLATORS = 0x0064ff9bL << 32;

    /** The address of a peer that the guest turns to: the wildcards reach loopback. */
    static CanonicalAddr ofTarget(InetAddr address) {
        CanonicalAddr canonical = of(address);
        if (canonical.form == Form.V6) {
            boolean any = canonical.high == 0 && canonical.low == 0;
            return any ? new CanonicalAddr(Form.V6, 0, 1, 0) : canonical;
        }
        return canonical.inner == 0
                ? new CanonicalAddr(canonical.form, canonical.high, canonical.low, LOOPBACK4)
                : canonical;
    }

    /** The address of this end, or of a peer that turned to the guest. */
    static CanonicalAddr of(InetAddr address) {
        if (address.family() == AddressFamily.INET4) {
            return new CanonicalAddr(Form.V4, 0, 0, (int) bits(address, 0, 4));
        }
        long high = bits(address, 0, 8);
        long low = bits(address, 8, 16);
        return new CanonicalAddr(formOf(high, low), high, low, (int) low);
    }

    private static Form formOf(long high, long low) {
        long prefix = low >>> 32;
        if (high == 0 && prefix == 0xffff) {
            return Form.MAPPED;
        }
        if (prefix != 0) {
            return Form.V6;
        }
        boolean compatible = high == 0 && low != 0 && low != 1;
        return compatible || high == TRANSLATORS ? Form.EMBEDDED : Form.V6;
    }

    private static long bits(InetAddr address, int from, int to) {
        long bits = 0;
        for (int i = from; i < to; i++) {
            bits = bits << 8 | address.octet(i) & 0xff;
        }
        return bits;
    }

    /** This address, a local one, for a peer: IPv4 peers come to an IPv6 wildcard by IPv4. */
    CanonicalAddr facing(CanonicalAddr peer) {
        boolean wildcard6 = form == Form.V6 && high == 0 && low == 0;
        boolean four = peer.form == Form.V4 || peer.form == Form.MAPPED;
        return wildcard6 && four ? new CanonicalAddr(Form.V4, 0, 0, 0) : this;
    }

    /** One and the same for all forms of an IPv4 address. */
    CanonicalAddr withoutForm() {
        return form == Form.MAPPED || form == Form.EMBEDDED
                ? new CanonicalAddr(Form.V4, 0, 0, inner)
                : this;
    }

    /** Whether it is, or comes out at, an IPv4 address. */
    boolean hasInner() {
        return form != Form.V6;
    }

    /** Whether all the world can reach it. */
    boolean isPublic() {
        return hasInner()
                ? AddressClass.PUBLIC.contains(inner)
                : AddressClass.PUBLIC.contains(high, low);
    }

    /**
     * A rule for a local address. That for the wildcard names every address: a client comes in at
     * one of them, and would be turned away by a rule for the wildcard alone.
     */
    String localRule(String ports) {
        boolean wildcard = hasInner() ? inner == 0 : high == 0 && low == 0;
        Family family = hasInner() ? Family.IPV4 : Family.IPV6;
        return wildcard ? family.word() + ":allow=*:" + ports : rule(ports);
    }

    /** The address as a rule would have it, with the family before it. */
    String rule(String ports) {
        if (hasInner()) {
            return Family.IPV4.word() + ":allow=" + inet4() + ":" + ports;
        }
        byte[] octets = new byte[16];
        for (int i = 0; i < 16; i++) {
            octets[i] = (byte) ((i < 8 ? high : low) >>> 8 * (7 - i % 8));
        }
        String host = InetAddr.v6(octets, 0, 0, 0).host();
        return Family.IPV6.word() + ":allow=[" + host + "]:" + ports;
    }

    private String inet4() {
        return (inner >>> 24)
                + "."
                + (inner >> 16 & 255)
                + "."
                + (inner >> 8 & 255)
                + "."
                + (inner & 255);
    }
}
