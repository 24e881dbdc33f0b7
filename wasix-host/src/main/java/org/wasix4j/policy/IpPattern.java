package org.wasix4j.policy;

/**
 * Addresses of one family: a block, or one of the classes that have a name. An IPv4 address is the
 * low half's low 32 bits.
 */
sealed interface IpPattern {

    boolean matches(long high, long low);

    /**
     * Whether this is an IPv6 block so narrow that it must mean the form of address that has an
     * IPv4 address inside.
     */
    default boolean namesEmbedded() {
        return false;
    }

    /** The addresses that agree with one in its first bits. */
    record Block(long high, long low, long highMask, long lowMask, int bits) implements IpPattern {

        /** Addresses of 32 bits. */
        static Block v4(long address, int bits) {
            long mask = bits == 0 ? 0 : -1L << 32 - bits & 0xffffffffL;
            return new Block(0, address & mask, 0, mask, bits);
        }

        /** Addresses of 128 bits. */
        static Block v6(long high, long low, int bits) {
            long highMask = bits == 0 ? 0 : bits >= 64 ? -1 : -1L << 64 - bits;
            long lowMask = bits <= 64 ? 0 : -1L << 128 - bits;
            return new Block(high & highMask, low & lowMask, highMask, lowMask, bits);
        }

        @Override
        public boolean matches(long otherHigh, long otherLow) {
            return (otherHigh & highMask) == high && (otherLow & lowMask) == low;
        }

        @Override
        public boolean namesEmbedded() {
            return highMask == -1 && bits >= 96;
        }
    }

    /** The addresses of a class, of either family. */
    record OfClass(AddressClass addresses, boolean six) implements IpPattern {
        @Override
        public boolean matches(long high, long low) {
            return six ? addresses.contains(high, low) : addresses.contains((int) low);
        }
    }
}
