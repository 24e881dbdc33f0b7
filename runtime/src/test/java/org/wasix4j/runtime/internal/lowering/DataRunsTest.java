package org.wasix4j.runtime.internal.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DataRunsTest {

    private static final int PAGE = 1 << 16;

    /** A segment that begins somewhere. */
    private record Piece(int address, byte[] bytes) {}

    /** Small pieces with gaps of all lengths, those that are filled among them, in any order. */
    private static List<Piece> pieces() {
        Random random = new Random(1);
        List<Piece> pieces = new ArrayList<>();
        int address = 100;
        for (int i = 0; i < 600; i++) {
            byte[] bytes = new byte[1 + random.nextInt(20)];
            random.nextBytes(bytes);
            pieces.add(new Piece(address, bytes));
            address += bytes.length + random.nextInt(i % 3 == 0 ? 150 : 66);
        }
        Collections.shuffle(pieces, random);
        return pieces;
    }

    private static byte[] data(List<Piece> pieces) {
        BinaryWriter data = new BinaryWriter();
        data.u32(pieces.size());
        for (Piece each : pieces) {
            data.u32(0).u8(0x41).signed(each.address()).u8(0x0b);
            data.u32(each.bytes().length).raw(each.bytes(), 0, each.bytes().length);
        }
        return data.toByteArray();
    }

    /** A module with a memory of a page, and data. */
    private static byte[] module(boolean own, boolean counted, byte[] data) {
        WasmWriter writer = new WasmWriter();
        if (own) {
            writer.writeSection(5, new byte[] {1, 0, 1});
        } else {
            writer.writeSection(2, new byte[] {1, 1, 'e', 1, 'm', 2, 0, 1});
        }
        if (counted) {
            writer.writeSection(
                    12,
                    new BinaryWriter()
                            .u32(new BinaryReader(data, 0, data.length).u32())
                            .toByteArray());
        }
        writer.writeSection(11, data);
        return writer.bytes();
    }

    private static int count(byte[] data) {
        return new BinaryReader(data, 0, data.length).u32();
    }

    private static byte[] memory(byte[] data) {
        WasmModule module = Parser.parse(module(true, false, data));
        return Instance.builder(module).build().memory().readBytes(0, PAGE);
    }

    @Test
    void segments_close_to_each_other_become_one_and_the_memory_is_the_same() {
        byte[] data = data(pieces());
        byte[] runs = DataRuns.of(module(true, false, data));

        assertThat(count(runs)).isBetween(2, 300);
        assertThat(memory(runs)).isEqualTo(memory(data));
    }

    @Test
    void what_could_be_noticed_is_left_alone() {
        byte[] data = data(pieces());
        assertThat(DataRuns.of(module(false, false, data))).isEqualTo(data);
        assertThat(DataRuns.of(module(true, true, data))).isEqualTo(data);
        for (byte[] bytes : new byte[][] {{}, new byte[20]}) {
            List<Piece> more = pieces();
            // into one that is there
            more.add(new Piece(more.get(0).address(), bytes));
            byte[] overlapping = data(more);
            assertThat(DataRuns.of(module(true, false, overlapping))).isEqualTo(overlapping);
        }
        byte[] few = data(pieces().subList(0, 100));
        assertThat(DataRuns.of(module(true, false, few))).isEqualTo(few);
        // 600 takes two bytes; behind them is the kind of the first segment
        byte[] passive = data.clone();
        passive[2] = 1;
        assertThat(DataRuns.of(module(true, false, passive))).isEqualTo(passive);
    }

    @Test
    void a_segment_at_an_address_of_the_upper_half_stays_there() {
        List<Piece> pieces = pieces();
        pieces.add(new Piece(-PAGE, new byte[] {1}));
        byte[] runs = DataRuns.of(module(true, false, data(pieces)));
        BinaryReader in = new BinaryReader(runs, 0, runs.length);
        int last = 0;
        for (int left = in.u32(); left > 0; left--) {
            in.u32();
            in.u8();
            last = in.s32();
            in.u8();
            in.skip(in.u32());
        }
        assertThat(last).isEqualTo(-PAGE);
    }
}
