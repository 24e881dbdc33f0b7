package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.List;

/**
 * A section of a binary.
 *
 * @param id what it is
 * @param start the offset of its contents
 * @param end the offset behind them
 */
public record Section(int id, int start, int end) {

    static final int CUSTOM = 0;
    static final int TYPE = 1;
    static final int IMPORT = 2;
    static final int FUNCTION = 3;
    static final int TABLE = 4;
    static final int MEMORY = 5;
    static final int GLOBAL = 6;
    static final int EXPORT = 7;
    static final int ELEMENT = 9;
    static final int CODE = 10;
    static final int DATA = 11;
    static final int DATA_COUNT = 12;
    static final int TAG = 13;

    /** The bytes in front of the first section. */
    static final int HEADER = 8;

    /**
     * The sections of a binary, in order.
     *
     * @throws MalformedException when one is longer than what is left
     */
    public static List<Section> all(byte[] wasm) {
        List<Section> sections = new ArrayList<>();
        BinaryReader in = new BinaryReader(wasm, HEADER, wasm.length);
        while (in.hasMore()) {
            int id = in.u8();
            long size = Integer.toUnsignedLong(in.u32());
            int left = wasm.length - in.position();
            if (size > left) {
                throw new MalformedException(
                        "it is truncated: section "
                                + id
                                + " should have "
                                + size
                                + " bytes, there are "
                                + left);
            }
            sections.add(new Section(id, in.position(), in.position() + (int) size));
            in.skip((int) size);
        }
        return sections;
    }

    /** Reads its contents. */
    public BinaryReader reader(byte[] wasm) {
        return new BinaryReader(wasm, start, end);
    }
}
