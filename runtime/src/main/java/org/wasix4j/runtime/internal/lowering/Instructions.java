package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.wasix4j.types.Nullable;

/**
 * The one table of all instructions: those of WebAssembly 3.0, threads, relaxed SIMD, wide
 * arithmetic and legacy exceptions.
 */
public final class Instructions {

    // A line has the code of the first instruction, the immediates, the types on the stack before
    // and after (i and l for i32 and i64, f and d for f32 and f64, v for v128, ? when they depend
    // on more), and the names of instructions with consecutive codes; a dot is a code without one.
    // Each table is read when the first of its instructions is asked for: a cold start does that
    // in interpreted code, and most modules need few of them.

    /** Those of one byte. */
    private static final class Plain {

        static final Instruction[] ALL =
                read(
                        256,
                        """
                        00 - ? unreachable
                        01 - : nop
                        02 bt ? block loop if
                        05 - ? else
                        06 bt ? try
                        07 tag ? catch throw
                        09 lbl ? rethrow
                        0a - ? throw_ref end
                        0c lbl ? br br_if
                        0e lbls ? br_table
                        0f - ? return
                        10 fn ? call
                        11 ty,tb ? call_indirect
                        12 fn ? return_call
                        13 ty,tb ? return_call_indirect
                        14 ty ? call_ref return_call_ref
                        18 lbl ? delegate
                        19 - ? catch_all drop select
                        1c vts ? select
                        1f bt,catches ? try_table
                        20 loc ? local.get local.set local.tee
                        23 glo ? global.get global.set
                        25 tb ? table.get table.set
                        28 ma i:i i32.load
                        29 ma i:l i64.load
                        2a ma i:f f32.load
                        2b ma i:d f64.load
                        2c ma i:i i32.load8_s i32.load8_u i32.load16_s i32.load16_u
                        30 ma i:l i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u
                        36 ma ii: i32.store
                        37 ma il: i64.store
                        38 ma if: f32.store
                        39 ma id: f64.store
                        3a ma ii: i32.store8 i32.store16
                        3c ma il: i64.store8 i64.store16 i64.store32
                        3f me :i memory.size
                        40 me i:i memory.grow
                        41 i32 :i i32.const
                        42 i64 :l i64.const
                        43 f32 :f f32.const
                        44 f64 :d f64.const
                        45 - i:i i32.eqz
                        46 - ii:i i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u
                        50 - l:i i64.eqz
                        51 - ll:i i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u
                        5b - ff:i f32.eq f32.ne f32.lt f32.gt f32.le f32.ge
                        61 - dd:i f64.eq f64.ne f64.lt f64.gt f64.le f64.ge
                        67 - i:i i32.clz i32.ctz i32.popcnt
                        6a - ii:i i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor
                        74 - ii:i i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr
                        79 - l:l i64.clz i64.ctz i64.popcnt
                        7c - ll:l i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor
                        86 - ll:l i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr
                        8b - f:f f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt
                        92 - ff:f f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign
                        99 - d:d f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt
                        a0 - dd:d f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign
                        a7 - l:i i32.wrap_i64
                        a8 - f:i i32.trunc_f32_s i32.trunc_f32_u
                        aa - d:i i32.trunc_f64_s i32.trunc_f64_u
                        ac - i:l i64.extend_i32_s i64.extend_i32_u
                        ae - f:l i64.trunc_f32_s i64.trunc_f32_u
                        b0 - d:l i64.trunc_f64_s i64.trunc_f64_u
                        b2 - i:f f32.convert_i32_s f32.convert_i32_u
                        b4 - l:f f32.convert_i64_s f32.convert_i64_u
                        b6 - d:f f32.demote_f64
                        b7 - i:d f64.convert_i32_s f64.convert_i32_u
                        b9 - l:d f64.convert_i64_s f64.convert_i64_u
                        bb - f:d f64.promote_f32
                        bc - f:i i32.reinterpret_f32
                        bd - d:l i64.reinterpret_f64
                        be - i:f f32.reinterpret_i32
                        bf - l:d f64.reinterpret_i64
                        c0 - i:i i32.extend8_s i32.extend16_s
                        c2 - l:l i64.extend8_s i64.extend16_s i64.extend32_s
                        d0 he ? ref.null
                        d1 - ? ref.is_null
                        d2 fn ? ref.func
                        d3 - ? ref.eq ref.as_non_null
                        d5 lbl ? br_on_null br_on_non_null
                        """);
    }

    /** Structs and arrays. */
    private static final class Managed {

        static final Instruction[] ALL =
                read(
                        80,
                        """
                        fb00 ty ? struct.new struct.new_default
                        fb02 ty,fi ? struct.get struct.get_s struct.get_u struct.set
                        fb06 ty ? array.new array.new_default
                        fb08 ty,fi ? array.new_fixed
                        fb09 ty,da ? array.new_data
                        fb0a ty,el ? array.new_elem
                        fb0b ty ? array.get array.get_s array.get_u array.set
                        fb0f - ? array.len
                        fb10 ty ? array.fill
                        fb11 ty,ty ? array.copy
                        fb12 ty,da ? array.init_data
                        fb13 ty,el ? array.init_elem
                        fb14 he ? ref.test ref.test_null ref.cast ref.cast_null
                        fb18 cf,lbl,he,he ? br_on_cast br_on_cast_fail
                        fb1a - ? any.convert_extern extern.convert_any ref.i31 i31.get_s i31.get_u
                        """);
    }

    /** Bulk memory, saturating conversions and wide arithmetic. */
    private static final class Miscellaneous {

        static final Instruction[] ALL =
                read(
                        80,
                        """
                        fc00 - f:i i32.trunc_sat_f32_s i32.trunc_sat_f32_u
                        fc02 - d:i i32.trunc_sat_f64_s i32.trunc_sat_f64_u
                        fc04 - f:l i64.trunc_sat_f32_s i64.trunc_sat_f32_u
                        fc06 - d:l i64.trunc_sat_f64_s i64.trunc_sat_f64_u
                        fc08 da,me iii: memory.init
                        fc09 da : data.drop
                        fc0a me,me iii: memory.copy
                        fc0b me iii: memory.fill
                        fc0c el,tb iii: table.init
                        fc0d el : elem.drop
                        fc0e tb,tb iii: table.copy
                        fc0f tb ? table.grow
                        fc10 tb :i table.size
                        fc11 tb ? table.fill
                        fc13 - llll:ll i64.add128 i64.sub128
                        fc15 - ll:ll i64.mul_wide_s i64.mul_wide_u
                        """);
    }

    /** SIMD. */
    private static final class Vectors {

        static final Instruction[] ALL =
                read(
                        276,
                        """
                        fd00 ma i:v v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u
                        fd05 ma i:v v128.load32x2_s v128.load32x2_u v128.load8_splat v128.load16_splat
                        fd09 ma i:v v128.load32_splat v128.load64_splat
                        fd0b ma iv: v128.store
                        fd0c v :v v128.const
                        fd0d sh vv:v i8x16.shuffle
                        fd0e - vv:v i8x16.swizzle
                        fd0f - i:v i8x16.splat i16x8.splat i32x4.splat
                        fd12 - l:v i64x2.splat
                        fd13 - f:v f32x4.splat
                        fd14 - d:v f64x2.splat
                        fd15 ln v:i i8x16.extract_lane_s i8x16.extract_lane_u
                        fd17 ln vi:v i8x16.replace_lane
                        fd18 ln v:i i16x8.extract_lane_s i16x8.extract_lane_u
                        fd1a ln vi:v i16x8.replace_lane
                        fd1b ln v:i i32x4.extract_lane
                        fd1c ln vi:v i32x4.replace_lane
                        fd1d ln v:l i64x2.extract_lane
                        fd1e ln vl:v i64x2.replace_lane
                        fd1f ln v:f f32x4.extract_lane
                        fd20 ln vf:v f32x4.replace_lane
                        fd21 ln v:d f64x2.extract_lane
                        fd22 ln vd:v f64x2.replace_lane
                        fd23 - vv:v i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u
                        fd29 - vv:v i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u
                        fd2d - vv:v i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u
                        fd33 - vv:v i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u
                        fd37 - vv:v i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u
                        fd3d - vv:v i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u
                        fd41 - vv:v f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge
                        fd47 - vv:v f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge
                        fd4d - v:v v128.not
                        fd4e - vv:v v128.and v128.andnot v128.or v128.xor
                        fd52 - vvv:v v128.bitselect
                        fd53 - v:i v128.any_true
                        fd54 ma,ln iv:v v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane
                        fd58 ma,ln iv: v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane
                        fd5c ma i:v v128.load32_zero v128.load64_zero
                        fd5e - v:v f32x4.demote_f64x2_zero f64x2.promote_low_f32x4
                        fd60 - v:v i8x16.abs i8x16.neg i8x16.popcnt
                        fd63 - v:i i8x16.all_true i8x16.bitmask
                        fd65 - vv:v i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u
                        fd67 - v:v f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest
                        fd6b - vi:v i8x16.shl i8x16.shr_s i8x16.shr_u
                        fd6e - vv:v i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u
                        fd74 - v:v f64x2.ceil f64x2.floor
                        fd76 - vv:v i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u
                        fd7a - v:v f64x2.trunc
                        fd7b - vv:v i8x16.avgr_u
                        fd7c - v:v i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u
                        fd7e - v:v i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u
                        fd80 - v:v i16x8.abs i16x8.neg
                        fd82 - vv:v i16x8.q15mulr_sat_s
                        fd83 - v:i i16x8.all_true i16x8.bitmask
                        fd85 - vv:v i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u
                        fd87 - v:v i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s
                        fd89 - v:v i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u
                        fd8b - vi:v i16x8.shl i16x8.shr_s i16x8.shr_u
                        fd8e - vv:v i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u
                        fd94 - v:v f64x2.nearest
                        fd95 - vv:v i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u
                        fd9b - vv:v i16x8.avgr_u i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s
                        fd9e - vv:v i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u
                        fda0 - v:v i32x4.abs i32x4.neg
                        fda3 - v:i i32x4.all_true i32x4.bitmask
                        fda7 - v:v i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s
                        fda9 - v:v i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u
                        fdab - vi:v i32x4.shl i32x4.shr_s i32x4.shr_u
                        fdae - vv:v i32x4.add . . i32x4.sub . . . i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u
                        fdba - vv:v i32x4.dot_i16x8_s . i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s
                        fdbe - vv:v i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u
                        fdc0 - v:v i64x2.abs i64x2.neg
                        fdc3 - v:i i64x2.all_true i64x2.bitmask
                        fdc7 - v:v i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s
                        fdc9 - v:v i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u
                        fdcb - vi:v i64x2.shl i64x2.shr_s i64x2.shr_u
                        fdce - vv:v i64x2.add . . i64x2.sub . . . i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s
                        fdda - vv:v i64x2.le_s i64x2.ge_s i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s
                        fdde - vv:v i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u
                        fde0 - v:v f32x4.abs f32x4.neg . f32x4.sqrt
                        fde4 - vv:v f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax
                        fdec - v:v f64x2.abs f64x2.neg . f64x2.sqrt
                        fdf0 - vv:v f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax
                        fdf8 - v:v i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s
                        fdfb - v:v f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero
                        fdfe - v:v f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u
                        fd100 - vv:v i8x16.relaxed_swizzle
                        fd101 - v:v i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u
                        fd103 - v:v i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero
                        fd105 - vvv:v f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd
                        fd109 - vvv:v i8x16.relaxed_laneselect i16x8.relaxed_laneselect
                        fd10b - vvv:v i32x4.relaxed_laneselect i64x2.relaxed_laneselect
                        fd10d - vv:v f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max
                        fd111 - vv:v i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s
                        fd113 - vvv:v i32x4.relaxed_dot_i8x16_i7x16_add_s
                        """);
    }

    /** Threads. */
    private static final class Atomics {

        static final Instruction[] ALL =
                read(
                        80,
                        """
                        fe00 ma ii:i memory.atomic.notify
                        fe01 ma iil:i memory.atomic.wait32
                        fe02 ma ill:i memory.atomic.wait64
                        fe03 z : atomic.fence
                        fe10 ma i:i i32.atomic.load
                        fe11 ma i:l i64.atomic.load
                        fe12 ma i:i i32.atomic.load8_u i32.atomic.load16_u
                        fe14 ma i:l i64.atomic.load8_u i64.atomic.load16_u i64.atomic.load32_u
                        fe17 ma ii: i32.atomic.store
                        fe18 ma il: i64.atomic.store
                        fe19 ma ii: i32.atomic.store8 i32.atomic.store16
                        fe1b ma il: i64.atomic.store8 i64.atomic.store16 i64.atomic.store32
                        """);

        private static final int FIRST_READ_MODIFY_WRITE = 0x1e;

        private static final String[] READ_MODIFY_WRITE = {
            "add", "sub", "and", "or", "xor", "xchg", "cmpxchg"
        };

        private static final String[] PLACES = {
            "i32.", "i64.", "i32.8", "i32.16", "i64.8", "i64.16", "i64.32"
        };

        static {
            int number = FIRST_READ_MODIFY_WRITE;
            for (String operation : READ_MODIFY_WRITE) {
                for (String place : PLACES) {
                    String type = place.substring(0, 4);
                    String width = place.substring(4);
                    String value = type.equals("i32.") ? "i" : "l";
                    String operands = "i" + (operation.equals("cmpxchg") ? value + value : value);
                    ALL[number] =
                            new Instruction(
                                    Instruction.ATOMIC << 16 | number,
                                    type
                                            + "atomic.rmw"
                                            + width
                                            + "."
                                            + operation
                                            + (width.isEmpty() ? "" : "_u"),
                                    List.of(Immediate.MEMORY_ARGUMENT),
                                    types(operands),
                                    types(value));
                    number++;
                }
            }
        }
    }

    /** By name. */
    private static final class Named {
        static final Map<String, Instruction> ALL = new HashMap<>();

        static {
            all().forEach(each -> ALL.putIfAbsent(each.name(), each));
        }
    }

    private Instructions() {}

    /** Reads a table. */
    private static Instruction[] read(int size, String table) {
        Instruction[] all = new Instruction[size];
        for (int from = 0; from < table.length(); ) {
            int end = table.indexOf('\n', from);
            line(all, table.substring(from, end));
            from = end + 1;
        }
        return all;
    }

    private static void line(Instruction[] all, String line) {
        String[] parts = line.split(" ");
        int code = code(parts[0]);
        List<Immediate> immediates = immediates(parts[1]);
        int colon = parts[2].indexOf(':');
        int[] operands = colon < 0 ? null : types(parts[2].substring(0, colon));
        int[] results = colon < 0 ? null : types(parts[2].substring(colon + 1));
        for (int i = 3; i < parts.length; i++, code++) {
            if (!parts[i].equals(".")) {
                all[code & 0xffff] = new Instruction(code, parts[i], immediates, operands, results);
            }
        }
    }

    private static int code(String hex) {
        int code = Integer.parseInt(hex, 16);
        int digits = hex.length() - 2;
        int prefix = code >> 4 * digits;
        return digits == 0 ? code : prefix << 16 | code - (prefix << 4 * digits);
    }

    private static List<Immediate> immediates(String names) {
        if (names.equals("-")) {
            return List.of();
        }
        List<Immediate> immediates = new ArrayList<>();
        for (String name : names.split(",")) {
            immediates.add(immediate(name));
        }
        return List.copyOf(immediates);
    }

    private static Immediate immediate(String name) {
        return switch (name) {
            case "bt" -> Immediate.BLOCK_TYPE;
            case "catches" -> Immediate.CATCHES;
            case "lbl" -> Immediate.LABEL;
            case "lbls" -> Immediate.LABELS;
            case "tag" -> Immediate.TAG;
            case "fn" -> Immediate.FUNCTION;
            case "ty" -> Immediate.TYPE;
            case "fi" -> Immediate.FIELD;
            case "da" -> Immediate.DATA;
            case "el" -> Immediate.ELEMENT;
            case "vts" -> Immediate.VALUE_TYPES;
            case "loc" -> Immediate.LOCAL;
            case "glo" -> Immediate.GLOBAL;
            case "tb" -> Immediate.TABLE;
            case "me" -> Immediate.MEMORY;
            case "ma" -> Immediate.MEMORY_ARGUMENT;
            case "ln" -> Immediate.LANE;
            case "sh" -> Immediate.SHUFFLE;
            case "i32" -> Immediate.I32;
            case "i64" -> Immediate.I64;
            case "f32" -> Immediate.F32;
            case "f64" -> Immediate.F64;
            case "v" -> Immediate.V128;
            case "he" -> Immediate.HEAP_TYPE;
            case "cf" -> Immediate.CAST_FLAGS;
            case "z" -> Immediate.RESERVED;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static int[] types(String letters) {
        int[] types = new int[letters.length()];
        for (int i = 0; i < types.length; i++) {
            types[i] =
                    switch (letters.charAt(i)) {
                        case 'i' -> ValueTypes.I32;
                        case 'l' -> ValueTypes.I64;
                        case 'f' -> ValueTypes.F32;
                        case 'd' -> ValueTypes.F64;
                        case 'v' -> ValueTypes.V128;
                        default -> throw new IllegalArgumentException(letters);
                    };
        }
        return types;
    }

    /** All of them, in the order of their codes. */
    public static List<Instruction> all() {
        return Stream.of(Plain.ALL, Managed.ALL, Miscellaneous.ALL, Vectors.ALL, Atomics.ALL)
                .flatMap(Arrays::stream)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Those that begin with a byte, in the order of their numbers; null when it is no prefix. */
    private static @Nullable Instruction[] prefixed(int prefix) {
        return switch (prefix) {
            case Instruction.GC -> Managed.ALL;
            case Instruction.MISC -> Miscellaneous.ALL;
            case Instruction.SIMD -> Vectors.ALL;
            case Instruction.ATOMIC -> Atomics.ALL;
            default -> null;
        };
    }

    /**
     * The instruction of a name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static Instruction named(String name) {
        Instruction found = Named.ALL.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no instruction " + name);
        }
        return found;
    }

    /**
     * Reads the code of the next instruction.
     *
     * @throws UnsupportedException when it is none
     */
    public static Instruction read(BinaryReader in) {
        int start = in.position();
        Instruction found = find(in);
        if (found == null) {
            in.seek(start);
            int first = in.u8();
            throw new UnsupportedException(
                    "uses an unknown instruction, 0x"
                            + Integer.toHexString(first)
                            + (prefixed(first) == null
                                    ? ""
                                    : " " + Integer.toUnsignedString(in.u32()))
                            + ", at byte "
                            + start);
        }
        return found;
    }

    private static @Nullable Instruction find(BinaryReader in) {
        int first = in.u8();
        Instruction[] numbered = prefixed(first);
        if (numbered == null) {
            return Plain.ALL[first];
        }
        int number = in.u32();
        return number >= 0 && number < numbered.length ? numbered[number] : null;
    }

    /** Skips what cannot be reached, up to the end of the block or the else of an if. */
    static void skipUnreachable(BinaryReader in) {
        int depth = 0;
        while (in.hasMore()) {
            int start = in.position();
            Instruction instruction = read(in);
            boolean otherwise = instruction.code() == Instruction.ELSE;
            if (depth == 0 && (otherwise || instruction.code() == Instruction.END)) {
                in.seek(start);
                return;
            }
            if (instruction.opensBlock()) {
                depth++;
            } else if (instruction.code() == Instruction.END) {
                depth--;
            }
            instruction.skipImmediates(in);
        }
    }
}
