package org.wasix4j.hostile;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.wasix4j.host.HostHarness;
import org.wasix4j.types.SyscallSpec;

/**
 * What a call may do to the guest's memory: write its out values and nothing else, and never bring
 * what was not granted.
 */
final class MemoryWatch {

    private static final byte[] SECRET = Ground.SECRET.getBytes(StandardCharsets.UTF_8);

    private final HostHarness guest;
    private byte[] before;
    private OutRanges outs;

    MemoryWatch(HostHarness guest) {
        this.guest = guest;
    }

    private byte[] memory() {
        return guest.memory().readBytes(0, guest.memory().pages() * 65536);
    }

    /** Notes what there is before a call. */
    void before(SyscallSpec spec, long[] args) {
        before = memory();
        outs = new OutRanges(guest, before);
        outs.add(spec, args);
    }

    /** What the call has done to memory that it must not do, or null. */
    String after() {
        byte[] after = memory();
        int changed = outs.firstForbidden(after);
        if (changed >= 0) {
            return "the byte at " + changed + " changed, which is not an out value's";
        }
        int first = Arrays.mismatch(before, after);
        return first < 0 ? null : secret(after, Math.max(0, first - SECRET.length));
    }

    /** Whether the guest has what was not granted, or null. */
    static String secret(byte[] memory, int from) {
        for (int i = from; i <= memory.length - SECRET.length; i++) {
            if (memory[i] == SECRET[0]
                    && Arrays.equals(memory, i, i + SECRET.length, SECRET, 0, SECRET.length)) {
                return "the guest has read a file that was not granted";
            }
        }
        return null;
    }
}
