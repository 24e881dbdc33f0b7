package org.wasix4j.runtime.internal;

import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.FlatText;

/** Modules with one function, which has loops; see {@link FlatText}. */
final class LoopGuest {

    static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};

    /** The number of the function, behind one that notes a number in a global. */
    static final int TESTED = 1;

    private static final int TRACE = 0;

    // types of the module

    static final int PAIR = 2;
    static final int OF_INT = 3;

    /** A module with a function "f". */
    static byte[] module(String type, String locals, String code) {
        BinaryWriter types = new BinaryWriter().u32(4);
        types.raw(FlatText.type(type)).raw(FlatText.type("i32 :"));
        types.raw(FlatText.type(": i32 i64")).raw(FlatText.type("i32 : i32"));
        BinaryWriter note =
                FlatText.function(
                        "",
                        "global.get 0 i64.const 31 i64.mul"
                                + " local.get 0 i64.extend_i32_s i64.add global.set 0");
        return new BinaryWriter()
                .raw(HEADER, 0, HEADER.length)
                .section(1, types)
                .section(3, new BinaryWriter().u32(2).u32(1).u32(0))
                .section(5, new BinaryWriter().u32(1).u8(0).u32(1))
                .section(13, new BinaryWriter().u32(1).u8(0).u32(1))
                .section(6, new BinaryWriter().u32(1).u8(0x7e).u8(1).u8(0x42).u8(0).u8(0x0b))
                .section(
                        7,
                        new BinaryWriter()
                                .u32(3)
                                .name("f")
                                .u8(0)
                                .u32(TESTED)
                                .name("memory")
                                .u8(2)
                                .u32(0)
                                .name("trace")
                                .u8(3)
                                .u32(TRACE))
                .section(
                        10,
                        new BinaryWriter()
                                .u32(2)
                                .sized(note)
                                .sized(FlatText.function(locals, code)))
                .toByteArray();
    }

    private LoopGuest() {}

    /** What a loop does that counts a local down. */
    static String down(int local, int label) {
        return " local.get %1$s i32.const 1 i32.sub local.tee %1$s br_if %2$s "
                .formatted(local, label);
    }
}
