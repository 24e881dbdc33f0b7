package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.Comparator;
import org.wasix4j.types.Nullable;

/**
 * Puts data segments together that lie close to each other. Go's linker leaves out every run of
 * zeros, which makes a hundred thousand segments; to parse them at each start, and to copy them
 * into the memory one by one, takes longer than the rest of the start.
 *
 * <p>That is done when nobody can tell: the memory is the module's own, so it is empty, and no
 * instruction names a segment.
 */
public final class DataRuns {

    /** With fewer segments nothing is gained. */
    private static final int MANY = 256;

    /** So many bytes between two segments are filled with zeros. */
    private static final int GAP = 64;

    private static final int I32_CONST = 0x41;
    private static final int END = 0x0b;

    private DataRuns() {}

    /**
     * A segment.
     *
     * @param address where its first byte goes in the memory
     * @param from where that is in the binary
     */
    private record Segment(long address, int from, int length) {

        long end() {
            return address + length;
        }
    }

    /**
     * The data section of a module, with fewer segments where that is possible.
     *
     * @param wasm a valid module with one memory at most, and data
     * @return the contents of the section; those that it has when nothing is put together
     */
    public static byte[] of(byte[] wasm) {
        Section section = section(wasm);
        Segment[] segments = mayMerge(wasm) ? segments(section.reader(wasm)) : null;
        if (segments == null || !areApart(segments)) {
            return Arrays.copyOfRange(wasm, section.start(), section.end());
        }
        BinaryWriter out = new BinaryWriter(section.end() - section.start());
        int count = 0;
        for (int first = 0, next; first < segments.length; first = next) {
            long end = segments[first].end();
            next = first + 1;
            while (next < segments.length && segments[next].address() - end <= GAP) {
                end = segments[next++].end();
            }
            write(out, wasm, segments, first, next);
            count++;
        }
        BinaryWriter all = new BinaryWriter(out.size() + 5);
        return all.u32(count).raw(out).toByteArray();
    }

    private static Section section(byte[] wasm) {
        return Section.all(wasm).stream()
                .filter(each -> each.id() == Section.DATA)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the module has no data"));
    }

    private static boolean mayMerge(byte[] wasm) {
        boolean own = false;
        for (Section each : Section.all(wasm)) {
            if (each.id() == Section.DATA_COUNT) {
                return false;
            }
            own |= each.id() == Section.MEMORY && each.reader(wasm).u32() > 0;
        }
        return own;
    }

    /** The segments in the order of their addresses; null when they are few or of another kind. */
    private static @Nullable Segment[] segments(BinaryReader in) {
        int count = in.count("data segments", 2);
        if (count < MANY) {
            return null;
        }
        Segment[] segments = new Segment[count];
        for (int i = 0; i < count; i++) {
            if (in.u32() != 0 || in.u8() != I32_CONST) {
                return null;
            }
            long address = Integer.toUnsignedLong(in.s32());
            if (in.u8() != END) {
                return null;
            }
            int length = in.count("bytes of data", 1);
            segments[i] = new Segment(address, in.position(), length);
            in.skip(length);
        }
        Arrays.sort(segments, Comparator.comparingLong(Segment::address));
        return segments;
    }

    /** Whether no byte is written twice, and each segment has some. */
    private static boolean areApart(Segment[] segments) {
        long end = 0;
        for (Segment each : segments) {
            if (each.length() == 0 || each.address() < end) {
                return false;
            }
            end = each.end();
        }
        return true;
    }

    private static void write(
            BinaryWriter out, byte[] wasm, Segment[] segments, int first, int behind) {
        long start = segments[first].address();
        long end = segments[behind - 1].end();
        // beyond 2 GiB it is negative
        int offset = (int) start;
        out.u32(0).u8(I32_CONST).signed(offset).u8(END).u32((int) (end - start));
        byte[] zeros = new byte[GAP];
        long at = start;
        for (int i = first; i < behind; i++) {
            Segment each = segments[i];
            out.raw(zeros, 0, (int) (each.address() - at));
            out.raw(wasm, each.from(), each.from() + each.length());
            at = each.end();
        }
    }
}
