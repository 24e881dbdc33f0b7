package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.link.InstanceStart;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;

/** What of a module is read from the cache. */
class StrippedModuleTest {

    /** A module that imports a global and has one, with a start function; 0 and 1 are functions. */
    private static byte[] module(BinaryWriter elements, BinaryWriter data) {
        BinaryWriter imports = new BinaryWriter().u32(1).name("env").name("base");
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, new BinaryWriter().u32(1).u8(0x60).u32(0).u32(0))
                .section(2, imports.u8(3).u8(0x7f).u8(0))
                .section(3, new BinaryWriter().u32(2).u32(0).u32(0))
                .section(4, new BinaryWriter().u32(1).u8(0x70).u8(0).u32(9))
                .section(5, new BinaryWriter().u32(1).u8(0).u32(1))
                .section(6, new BinaryWriter().u32(1).u8(0x7f).u8(0).u8(0x41).u8(5).u8(0x0b))
                .section(8, new BinaryWriter().u32(1))
                .section(9, elements)
                .section(10, new BinaryWriter().u32(1).u32(3).u8(0).u8(0).u8(0x0b))
                .section(11, data)
                .toByteArray();
    }

    private static BinaryWriter elements(int kind, int opcode, int place) {
        BinaryWriter elements = new BinaryWriter().u32(1).u32(kind).u8(opcode);
        return elements.signed(place).u8(0x0b).u32(2).u32(1).u32(0);
    }

    private static BinaryWriter noData() {
        return new BinaryWriter().u32(0);
    }

    @Test
    void the_start_of_an_instance_is_read_apart_from_the_module() {
        BinaryWriter data = new BinaryWriter().u32(3);
        data.u32(0).u8(0x41).signed(-70).u8(0x0b).u32(2).u8(7).u8(8);
        data.u32(1).u32(1).u8(9);
        data.u32(0).u8(0x23).u32(0).u8(0x0b).u32(0);
        StrippedModule.Lean lean = StrippedModule.lean(module(elements(0, 0x23, 0), data));

        assertThat(lean).isNotNull();
        assertThat(lean.start().function()).isEqualTo(1);
        assertThat(lean.start().entries()).hasSize(1);
        InstanceStart.Entries entries = lean.start().entries().get(0);
        assertThat(entries.relative()).isTrue();
        assertThat(entries.place()).isZero();
        assertThat(entries.functions()).containsExactly(1, 0);
        WasmModule module = lean.module();
        assertThat(module.startSection()).isEmpty();
        assertThat(module.functionSection().functionCount()).isZero();
        assertThat(module.globalSection().globalCount()).isEqualTo(1);
        assertThat(module.elementSection().elementCount()).isEqualTo(1);
        assertThat(module.elementSection().getElement(0).elementCount()).isZero();
        assertThat(module.dataSection().dataSegmentCount()).isEqualTo(3);
        ActiveDataSegment first = (ActiveDataSegment) module.dataSection().getDataSegment(0);
        assertThat(first.data()).isEmpty();
        assertThat(first.index()).isZero();
        assertThat(first.offsetInstructions().get(0).opcode()).isEqualTo(OpCode.I32_CONST);
        assertThat((int) first.offsetInstructions().get(0).operand(0)).isEqualTo(-70);
        assertThat(module.dataSection().getDataSegment(1)).isInstanceOf(PassiveDataSegment.class);
        assertThat(module.dataSection().getDataSegment(1).data()).containsExactly(9);
        ActiveDataSegment last = (ActiveDataSegment) module.dataSection().getDataSegment(2);
        assertThat(last.offsetInstructions().get(0).opcode()).isEqualTo(OpCode.GLOBAL_GET);
        assertThat(lean.start().data()).hasSize(2);
        InstanceStart.Data written = lean.start().data().get(0);
        assertThat(written.relative()).isFalse();
        assertThat(written.place()).isEqualTo(-70);
        int end = written.from() + written.length();
        assertThat(Arrays.copyOfRange(written.bytes(), written.from(), end)).containsExactly(7, 8);
        assertThat(lean.start().data().get(1).relative()).isTrue();
        assertThat(lean.start().data().get(1).place()).isZero();
        assertThat(lean.start().data().get(1).length()).isZero();
    }

    @Test
    void a_fixed_place_of_entries_is_a_number() {
        StrippedModule.Lean lean = StrippedModule.lean(module(elements(0, 0x41, 3), noData()));

        assertThat(lean).isNotNull();
        assertThat(lean.start().entries().get(0).relative()).isFalse();
        assertThat(lean.start().entries().get(0).place()).isEqualTo(3);
    }

    @Test
    void segments_of_other_kinds_are_left_to_the_engine() {
        // by a global of the module's own, which has no value yet
        assertThat(StrippedModule.lean(module(elements(0, 0x23, 1), noData()))).isNull();
        // for a table by its number
        assertThat(StrippedModule.lean(module(elements(2, 0x41, 0), noData()))).isNull();
        // a place that is computed
        BinaryWriter data = new BinaryWriter().u32(1).u32(0).u8(0x41).u8(1).u8(0x41).u8(1);
        data.u8(0x6a).u8(0x0b).u32(0);
        assertThat(StrippedModule.lean(module(elements(0, 0x41, 0), data))).isNull();
    }
}
