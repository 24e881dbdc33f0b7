package org.wasix4j.policy;

import org.wasix4j.types.Nullable;

/** Addresses as rules write them; never a name, never a look-up. */
final class AddressText {

    private static final int GROUPS = 8;

    private AddressText() {}

    /** The 32 bits of four decimal numbers, or -1. Octal spellings and shorter ones are none. */
    static long inet4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return -1;
        }
        long address = 0;
        for (String part : parts) {
            if (part.isEmpty() || part.length() > 3 || part.length() > 1 && part.startsWith("0")) {
                return -1;
            }
            int value = 0;
            for (int i = 0; i < part.length(); i++) {
                char c = part.charAt(i);
                if (c < '0' || c > '9') {
                    return -1;
                }
                value = value * 10 + c - '0';
            }
            if (value > 255) {
                return -1;
            }
            address = address << 8 | value;
        }
        return address;
    }

    /** The two halves of an IPv6 address by RFC 4291, or null. */
    @Nullable
    static long[] inet6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0) {
            if (text.indexOf("::", gap + 1) >= 0) {
                return null;
            }
            int[] before = groups(text.substring(0, gap), false);
            int[] after = groups(text.substring(gap + 2), true);
            if (before == null || after == null || before.length + after.length >= GROUPS) {
                return null;
            }
            int[] all = new int[GROUPS];
            System.arraycopy(before, 0, all, 0, before.length);
            System.arraycopy(after, 0, all, GROUPS - after.length, after.length);
            return halves(all);
        }
        int[] all = groups(text, true);
        return all == null || all.length != GROUPS ? null : halves(all);
    }

    private static long[] halves(int[] groups) {
        long[] halves = new long[2];
        for (int i = 0; i < GROUPS; i++) {
            halves[i / 4] = halves[i / 4] << 16 | groups[i];
        }
        return halves;
    }

    /** Groups of up to four hexadecimal digits, or null; the last two may be an IPv4 address. */
    @Nullable
    private static int[] groups(String text, boolean atEnd) {
        if (text.isEmpty()) {
            return new int[0];
        }
        String[] parts = text.split(":", -1);
        boolean dotted = atEnd && parts[parts.length - 1].indexOf('.') >= 0;
        int plain = dotted ? parts.length - 1 : parts.length;
        int[] groups = new int[dotted ? plain + 2 : plain];
        for (int i = 0; i < plain; i++) {
            groups[i] = group(parts[i]);
            if (groups[i] < 0) {
                return null;
            }
        }
        if (dotted) {
            long inner = inet4(parts[plain]);
            if (inner < 0) {
                return null;
            }
            groups[plain] = (int) (inner >> 16);
            groups[plain + 1] = (int) inner & 0xffff;
        }
        return groups;
    }

    private static int group(String part) {
        if (part.isEmpty() || part.length() > 4) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
