package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;

class StrippedModuleTest {

    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final int GLOBAL_GET = 0x23;
    private static final int I32_CONST = 0x41;
    private static final int I32_ADD = 0x6a;
    private static final int END = 0x0b;

    /** A module with a memory, a constant of 7, and some data segments. */
    private static byte[] module(BinaryWriter... segments) {
        BinaryWriter data = new BinaryWriter().u32(segments.length);
        for (BinaryWriter segment : segments) {
            data.raw(segment);
        }
        return new BinaryWriter()
                .raw(HEADER, 0, HEADER.length)
                .section(5, new BinaryWriter().u32(1).u8(0).u32(3))
                .section(6, new BinaryWriter().u32(1).u8(0x7f).u8(0).u8(I32_CONST).u8(7).u8(END))
                .section(11, data)
                .toByteArray();
    }

    private static BinaryWriter bytes(BinaryWriter segment, int count) {
        segment.u32(count);
        for (int i = 0; i < count; i++) {
            segment.u8(i * 7);
        }
        return segment;
    }

    private static BinaryWriter at(int address, int count) {
        return bytes(new BinaryWriter().u32(0).u8(I32_CONST).signed(address).u8(END), count);
    }

    /** What there is to say of the data of a module. */
    private static List<Object> told(WasmModule module) {
        DataSection data = module.dataSection();
        List<Object> told = new ArrayList<>();
        for (int i = 0; i < data.dataSegmentCount(); i++) {
            told.add(data.getDataSegment(i).data());
            if (data.getDataSegment(i) instanceof ActiveDataSegment active) {
                told.add(active.index());
                active.offsetInstructions()
                        .forEach(
                                each -> {
                                    told.add(each.opcode());
                                    told.add(each.operands());
                                });
            }
        }
        return told;
    }

    private static void assertSameData(byte[] wasm) {
        List<Object> told = told(StrippedModule.parse(wasm, Set.of()));
        assertThat(told).usingRecursiveComparison().isEqualTo(told(Parser.parse(wasm)));
    }

    @Test
    void data_is_read_as_the_engine_reads_it() {
        assertSameData(
                module(
                        at(0, 0),
                        at(63, 1),
                        at(64, 200),
                        at(0x10000, 300),
                        bytes(new BinaryWriter().u32(1), 5),
                        at(-1, 3)));
    }

    @Test
    void data_whose_address_is_computed_or_whose_memory_is_named_is_left_to_the_engine() {
        BinaryWriter global = new BinaryWriter().u32(0).u8(GLOBAL_GET).u32(0).u8(END);
        BinaryWriter sum = new BinaryWriter().u32(0).u8(I32_CONST).u8(1).u8(I32_CONST).u8(2);
        BinaryWriter named = new BinaryWriter().u32(2).u32(0).u8(I32_CONST).u8(9).u8(END);
        assertSameData(module(at(5, 4), bytes(global, 3), at(70, 2)));
        assertSameData(module(at(5, 4), bytes(sum.u8(I32_ADD).u8(END), 3)));
        assertSameData(module(at(5, 4), bytes(named, 3)));
    }

    @Test
    void a_module_without_data_has_none() {
        assertSameData(module());
    }
}
