package org.wasix4j.runtime.internal.lowering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is found in code, compared with what the table of instructions says of it. */
class FunctionSurveyTest {

    private static final int TYPES = 8;

    /** The ways in which a number is written: in a byte, and in more than are needed. */
    private static final List<byte[]> FIVE =
            List.of(
                    new byte[] {5},
                    new byte[] {(byte) 0x85, 0},
                    new byte[] {(byte) 0x85, (byte) 0x80, 0},
                    new byte[] {(byte) 0x85, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0});

    /** A section of its own, of 20 bytes. */
    private static final byte[] BEHIND = {Section.CUSTOM, 18, 1, 'x'};

    /**
     * A module with functions that are alike.
     *
     * @param body their locals and code
     * @param moreBehind whether a section is behind its code
     */
    private static byte[] module(byte[] body, int functions, boolean moreBehind) {
        BinaryWriter types = new BinaryWriter().u32(TYPES);
        for (int i = 0; i < TYPES; i++) {
            types.u8(0x60).u8(0).u8(0);
        }
        BinaryWriter out = new BinaryWriter();
        out.raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, Section.HEADER);
        out.section(Section.TYPE, types);
        BinaryWriter declared = new BinaryWriter().u32(functions);
        BinaryWriter code = new BinaryWriter().u32(functions);
        for (int i = 0; i < functions; i++) {
            declared.u8(0);
            code.u32(body.length).raw(body, 0, body.length);
        }
        out.section(Section.FUNCTION, declared).section(Section.CODE, code);
        byte[] behind = Arrays.copyOf(BEHIND, moreBehind ? 20 : 0);
        return out.raw(behind, 0, behind.length).toByteArray();
    }

    private static FunctionSurvey survey(byte[] code, boolean moreBehind) {
        return FunctionSurvey.ofGiven(
                new ModuleIndex(module(concat(bytes(0), code), 1, moreBehind)));
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** What may follow an instruction's code, in several ways. */
    private static List<byte[]> written(Immediate immediate) {
        return switch (immediate) {
            case BLOCK_TYPE ->
                    List.of(
                            bytes(0x40),
                            bytes(0x7f),
                            bytes(0x7b),
                            bytes(0x70),
                            bytes(0x64, 0x70),
                            bytes(0x63, 0x85, 0),
                            bytes(5),
                            bytes(0x85, 0));
            case HEAP_TYPE -> List.of(bytes(0x70), bytes(5), bytes(0x85, 0));
            case LABELS -> List.of(bytes(0, 5), bytes(2, 1, 0x85, 0, 3), bytes(0x82, 0, 1, 2, 3));
            case CATCHES -> List.of(bytes(0), bytes(2, 0, 1, 2, 2, 3), bytes(1, 3, 0x84, 0));
            case VALUE_TYPES -> List.of(bytes(1, 0x7f), bytes(1, 0x64, 5));
            case MEMORY_ARGUMENT ->
                    List.of(
                            bytes(2, 5),
                            bytes(0, 0x85, 0),
                            bytes(2, 0x85, 0x80, 0),
                            bytes(0x42, 0, 0x85, 0),
                            bytes(0x82, 0, 5));
            case LANE, RESERVED, CAST_FLAGS -> List.of(bytes(0));
            case F32 -> List.of(new byte[] {1, 2, 3, -4});
            case F64 -> List.of(new byte[] {1, 2, 3, 4, 5, 6, 7, -8});
            case SHUFFLE, V128 -> List.of(new byte[16]);
            default -> FIVE;
        };
    }

    /** An instruction in all the ways in which its first immediate can be written. */
    private static List<byte[]> written(Instruction instruction) {
        BinaryWriter code = new BinaryWriter();
        instruction.write(code);
        byte[] rest = new byte[0];
        for (int i = 1; i < instruction.immediates().size(); i++) {
            List<byte[]> ways = written(instruction.immediates().get(i));
            rest = concat(rest, ways.get(ways.size() - 1));
        }
        byte[] last = rest;
        if (instruction.immediates().isEmpty()) {
            return List.of(code.toByteArray());
        }
        return written(instruction.immediates().get(0)).stream()
                .map(way -> concat(code.toByteArray(), way, last))
                .toList();
    }

    /** The size of a function as the table of instructions has it. */
    private static int size(byte[] code) {
        int size = 0;
        BinaryReader in = new BinaryReader(code, 0, code.length);
        while (in.hasMore()) {
            Instruction instruction = Instructions.read(in);
            size += JavaSize.of(instruction.code());
            if (instruction.code() == Instruction.BR_TABLE) {
                int labels = new BinaryReader(code, in.position(), code.length).u32() + 1;
                size += labels * JavaSize.SWITCH_ENTRY;
            }
            instruction.skipImmediates(in);
        }
        return size;
    }

    @Test
    void each_instruction_is_stepped_over_as_the_table_of_instructions_has_it() {
        int count = 0;
        for (Instruction instruction : Instructions.all()) {
            for (byte[] way : written(instruction)) {
                // it is not the first one, and something is behind it
                byte[] code = concat(bytes(0x20, 1), way, bytes(0x10, 0x81, 1, 0x1a));
                for (boolean moreBehind : new boolean[] {true, false}) {
                    FunctionSurvey survey = survey(code, moreBehind);

                    String it = instruction.name() + " " + Arrays.toString(way);
                    assertThat(survey.instructions(0)).as(it).isEqualTo(4);
                    assertThat(survey.javaSize(0)).as(it).isEqualTo(size(code));
                    boolean calls =
                            instruction.code() == Instruction.CALL
                                    || instruction.code() == Instruction.RETURN_CALL;
                    assertThat(survey.callees(0))
                            .as(it)
                            .isEqualTo(calls ? new int[] {5, 129} : new int[] {129});
                    assertThat(survey.features().hasVectors(0))
                            .as(it)
                            .isEqualTo(
                                    instruction.prefix() == Instruction.SIMD
                                            || instruction.code() >= Instruction.FIRST_WIDE
                                                    && instruction.code() <= Instruction.LAST_WIDE);
                    count++;
                }
            }
        }
        assertThat(count).isGreaterThan(2_000);
    }

    @Test
    void an_instruction_that_is_cut_short_is_refused() {
        for (Instruction instruction : Instructions.all()) {
            for (byte[] way : written(instruction)) {
                for (int length = 1; length < way.length; length++) {
                    byte[] code = concat(bytes(0x01), Arrays.copyOf(way, length));
                    for (boolean moreBehind : new boolean[] {true, false}) {
                        assertThatThrownBy(() -> survey(code, moreBehind))
                                .as(instruction.name() + " " + Arrays.toString(code))
                                .isInstanceOf(MalformedException.class);
                    }
                }
            }
        }
    }

    @Test
    void a_number_without_an_end_is_refused() {
        byte[] endless = new byte[40];
        Arrays.fill(endless, (byte) 0x80);
        for (int code : new int[] {0x20, 0x41, 0x23, 0x10, 0x0c, 0x02, 0x11}) {
            assertThatThrownBy(() -> survey(concat(bytes(code), endless, bytes(0x0b)), true))
                    .isInstanceOf(MalformedException.class);
        }
        assertThatThrownBy(() -> survey(concat(bytes(0x28, 2), endless), false))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void an_unknown_instruction_is_refused_by_its_place() {
        for (int code : new int[] {0x16, 0x1d, 0x27, 0xc5, 0xd7, 0xff}) {
            assertThatThrownBy(() -> survey(bytes(0x01, code, 0x0b), true))
                    .isInstanceOf(UnsupportedException.class)
                    .hasMessageContaining("an unknown instruction, 0x" + Integer.toHexString(code));
        }
    }

    @Test
    void a_branch_out_of_the_function_is_found_at_any_depth() {
        // branch by branch: how many blocks are around it, and whether they end before it
        assertThat(branchesOut(bytes(0x0d, 0))).isTrue();
        assertThat(branchesOut(bytes(0x02, 0x40, 0x0d, 0, 0x0b))).isFalse();
        assertThat(branchesOut(bytes(0x02, 0x40, 0x0c, 1, 0x0b))).isTrue();
        assertThat(branchesOut(bytes(0x03, 0x7f, 0x04, 0x40, 0x05, 0x0d, 1, 0x0b, 0x0b))).isFalse();
        assertThat(branchesOut(bytes(0x03, 0x7f, 0x04, 5, 0x05, 0x0d, 0x82, 0, 0x0b, 0x0b)))
                .isTrue();
        assertThat(branchesOut(bytes(0x02, 0x40, 0x0b, 0x0d, 0))).isTrue();
        assertThat(branchesOut(bytes(0x1f, 0x40, 0, 0x0e, 1, 0, 1, 0x0b))).isTrue();
        assertThat(branchesOut(bytes(0x06, 0x40, 0x0e, 0, 0, 0x19, 0x0b))).isFalse();
    }

    private static boolean branchesOut(byte[] code) {
        return survey(code, true).features().branchesOut().get(0);
    }

    @Test
    void branches_that_leave_too_many_blocks_are_refused() {
        byte[] body = new byte[1 + 2 * 2_000_000];
        for (int at = 1; at < body.length; at += 2) {
            body[at] = 0x0c;
            body[at + 1] = 0x7f;
        }
        FunctionSurvey.ofGiven(new ModuleIndex(module(body, 1, true)));
        // all functions of a module count together
        assertThatThrownBy(() -> FunctionSurvey.ofGiven(new ModuleIndex(module(body, 2, true))))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("too many blocks");
    }

    @Test
    void the_types_that_code_names_are_found() {
        assertThat(survey(bytes(0x01), true).usedTypes().stream()).containsExactly(0);
        byte[] types = bytes(0x11, 3, 0, 0x02, 5, 0x11, 0x86, 0, 0x80, 0, 0x0b, 0x13, 2, 0);
        assertThat(survey(types, true).usedTypes().stream()).containsExactly(0, 2, 3, 5, 6);
        // there is no such type: the engine says so
        assertThat(survey(bytes(0x11, 0x7f, 0), true).usedTypes().stream()).containsExactly(0);
    }

    @Test
    void what_is_known_of_locals_does_not_depend_on_how_they_are_grouped() {
        assertThat(locals(bytes(0))).isZero();
        assertThat(locals(bytes(1, 3, 0x7f))).isEqualTo(3);
        assertThat(locals(bytes(2, 3, 0x7f, 0x84, 0, 0x7c))).isEqualTo(7);
        assertThat(locals(bytes(3, 127, 0x7f, 70, 0x7e, 1, 0x7d))).isEqualTo(198);
        assertThat(locals(bytes(2, 1, 0x70, 5, 0x63, 0x70))).isEqualTo(6);
        assertThat(surveyOfLocals(bytes(2, 127, 0x7f, 73, 0x7e)).features().manyLocals().get(0))
                .isTrue();
        assertThat(surveyOfLocals(bytes(2, 127, 0x7f, 72, 0x7e)).features().manyLocals().get(0))
                .isFalse();
        assertThat(surveyOfLocals(bytes(1, 1, 0x7b)).features().hasVectors(0)).isTrue();
        assertThatThrownBy(() -> surveyOfLocals(bytes(9, 1, 0x7f, 1)))
                .isInstanceOf(MalformedException.class);
    }

    private static FunctionSurvey surveyOfLocals(byte[] locals) {
        byte[] wasm = module(concat(locals, bytes(0x0b)), 1, false);
        return FunctionSurvey.ofGiven(new ModuleIndex(wasm));
    }

    private static int locals(byte[] locals) {
        FunctionSurvey survey = surveyOfLocals(locals);
        return (survey.javaSize(0) - survey.codeSize(0)) / JavaSize.LOCAL;
    }
}
