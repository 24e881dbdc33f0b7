package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** Modules that compute something wrong: what a fault in a lowering would make of them. */
public final class Mutants {

    /** What each instruction is replaced by, which takes and gives the same. */
    private static final Map<Integer, Integer> WRONG =
            Map.ofEntries(
                    // i32: add, sub, mul, and, or, xor, shl, shr_s, shr_u
                    Map.entry(0x6a, 0x6b),
                    Map.entry(0x6b, 0x6a),
                    Map.entry(0x6c, 0x6a),
                    Map.entry(0x71, 0x72),
                    Map.entry(0x72, 0x71),
                    Map.entry(0x73, 0x72),
                    Map.entry(0x74, 0x76),
                    Map.entry(0x75, 0x74),
                    Map.entry(0x76, 0x74),
                    // the same of i64
                    Map.entry(0x7c, 0x7d),
                    Map.entry(0x7d, 0x7c),
                    Map.entry(0x7e, 0x7c),
                    Map.entry(0x83, 0x84),
                    Map.entry(0x84, 0x83),
                    Map.entry(0x85, 0x84),
                    Map.entry(0x86, 0x88),
                    Map.entry(0x87, 0x86),
                    Map.entry(0x88, 0x86),
                    // f32 and f64: add, sub, mul, div
                    Map.entry(0x92, 0x93),
                    Map.entry(0x93, 0x92),
                    Map.entry(0x94, 0x92),
                    Map.entry(0x95, 0x94),
                    Map.entry(0xa0, 0xa1),
                    Map.entry(0xa1, 0xa0),
                    Map.entry(0xa2, 0xa0),
                    Map.entry(0xa3, 0xa2));

    private Mutants() {}

    /**
     * A module with one wrong instruction in each function that has any that can be replaced.
     *
     * @param functions the numbers of those that are to be changed
     * @param changed receives the numbers of those that were
     */
    public static byte[] of(byte[] wasm, BitSet functions, BitSet changed) {
        byte[] mutant = wasm.clone();
        ModuleIndex module = new ModuleIndex(wasm);
        BinaryReader in = module.section(Section.CODE).reader(wasm);
        int count = in.count("functions", 2);
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            int end = in.position() + size;
            int function = module.importedFunctions() + i;
            List<Integer> places = places(new BinaryReader(wasm, in.position(), end));
            if (functions.get(function) && !places.isEmpty()) {
                int place = places.get((function * 40503 >>> 4) % places.size());
                mutant[place] = WRONG.get(wasm[place] & 0xff).byteValue();
                changed.set(function);
            }
            in.seek(end);
        }
        return mutant;
    }

    private static List<Integer> places(BinaryReader in) {
        for (int left = in.count("groups of locals", 2); left > 0; left--) {
            in.u32();
            ValueTypes.read(in);
        }
        List<Integer> places = new ArrayList<>();
        while (in.hasMore()) {
            int start = in.position();
            Instruction instruction = Instructions.read(in);
            if (instruction.code() == Instruction.LOOP) {
                // it could run for ever
                return List.of();
            }
            if (WRONG.containsKey(instruction.code())) {
                places.add(start);
            }
            instruction.skipImmediates(in);
        }
        return places;
    }
}
