package org.wasix4j.policy;

import java.util.List;
import java.util.Locale;
import org.wasix4j.policy.IpPattern.Block;
import org.wasix4j.types.Nullable;

/**
 * The classes of addresses that have a name in rules. Link-local addresses, among them the address
 * at which clouds hand out credentials, are in none.
 */
enum AddressClass {
    /** This machine: 127.0.0.0/8 and ::1. */
    LOOPBACK(List.of(v4(127, 0, 8)), List.of(Block.v6(0, 1, 128))),

    /** The site's own networks: RFC 1918 and the unique local addresses of RFC 4193. */
    PRIVATE(
            List.of(v4(10, 0, 8), v4(172, 16, 12), v4(192, 168, 16)),
            List.of(Block.v6(0xfc00L << 48, 0, 7))),

    /** What all the world can reach: everything but the special purposes of RFC 6890. */
    PUBLIC(List.of(), List.of()) {
        @Override
        boolean contains(int address) {
            return !matches(SPECIAL4, 0, address & 0xffffffffL);
        }

        @Override
        boolean contains(long high, long low) {
            return GLOBAL6.matches(high, low) && !matches(SPECIAL6, high, low);
        }
    };

    private static final List<Block> SPECIAL4 =
            List.of(
                    v4(0, 0, 8), // this network
                    v4(10, 0, 8),
                    v4(100, 64, 10), // carriers' own
                    v4(127, 0, 8),
                    v4(169, 254, 16), // link-local
                    v4(172, 16, 12),
                    Block.v4(0xc0000000L, 24), // 192.0.0.0, protocol assignments
                    Block.v4(0xc0000200L, 24), // 192.0.2.0, documentation
                    Block.v4(0xc0586300L, 24), // 192.88.99.0, 6to4 relays
                    v4(192, 168, 16),
                    v4(198, 18, 15), // benchmarks
                    Block.v4(0xc6336400L, 24), // 198.51.100.0, documentation
                    Block.v4(0xcb007100L, 24), // 203.0.113.0, documentation
                    v4(224, 0, 4), // multicast
                    v4(240, 0, 4)); // reserved, and the broadcast address

    private static final Block GLOBAL6 = Block.v6(0x2000L << 48, 0, 3);

    private static final List<Block> SPECIAL6 =
            List.of(
                    Block.v6(0x2001L << 48, 0, 23), // protocol assignments, Teredo among them
                    Block.v6(0x20010db8L << 32, 0, 32), // documentation
                    Block.v6(0x2002L << 48, 0, 16), // 6to4: any IPv4 address is inside
                    Block.v6(0x3fffL << 48, 0, 20)); // documentation

    private final List<Block> blocks4;
    private final List<Block> blocks6;

    AddressClass(List<Block> blocks4, List<Block> blocks6) {
        this.blocks4 = blocks4;
        this.blocks6 = blocks6;
    }

    private static Block v4(long first, long second, int bits) {
        return Block.v4(first << 24 | second << 16, bits);
    }

    /** The class of a word, or null. */
    @Nullable
    static AddressClass of(String word) {
        for (AddressClass each : values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        return null;
    }

    /** The word as rules have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether an IPv4 address is in the class. */
    boolean contains(int address) {
        return matches(blocks4, 0, address & 0xffffffffL);
    }

    /** Whether an IPv6 address is in the class. */
    boolean contains(long high, long low) {
        return matches(blocks6, high, low);
    }

    private static boolean matches(List<Block> blocks, long high, long low) {
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).matches(high, low)) {
                return true;
            }
        }
        return false;
    }
}
