package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pass that reads an imported global that never changes once a call, and keeps it in a local.
 * Position-independent code reads {@code __memory_base} for each address of its data. In the engine
 * a read of a global is six loads, each of which depends on the one before; a local is in a
 * register.
 */
final class ConstantGlobals {

    /** So many globals a function keeps at most: the base of its memory, that of its table. */
    private static final int MOST = 4;

    private final ModuleIndex module;
    private final BinaryReader body;
    private final int codeAt;
    private final int firstLocal;

    /** The local in which a global is kept, by the global's number. */
    private final Map<Integer, Integer> kept = new TreeMap<>();

    private ConstantGlobals(ModuleIndex module, int function, BinaryReader body) {
        this.module = module;
        this.body = body;
        this.firstLocal = LoweredValues.localTypes(module.functionType(function), body).length;
        this.codeAt = body.position();
    }

    /** The module whose functions keep such globals, or the same one. */
    static ModuleIndex keep(ModuleIndex module) {
        if (!module.importsConstants()) {
            return module;
        }
        return FunctionBodies.rewrite(
                module,
                (function, body) -> {
                    int start = body.position();
                    ConstantGlobals pass = new ConstantGlobals(module, function, body);
                    return pass.choose() ? pass.write(start) : null;
                });
    }

    /** Chooses what is read in a loop, or at more than one place. */
    private boolean choose() {
        Map<Integer, Integer> reads = new TreeMap<>();
        BinaryReader in = new BinaryReader(body.bytes(), codeAt, body.end());
        BitSet loops = new BitSet();
        int depth = 0;
        while (in.hasMore()) {
            Instruction instruction = Instructions.read(in);
            int opcode = instruction.code();
            if (opcode == Instruction.GLOBAL_GET) {
                int global = in.u32();
                if (module.isImportedConstant(global)) {
                    reads.merge(global, loops.isEmpty() ? 1 : 2, Integer::sum);
                }
                continue;
            }
            instruction.skipImmediates(in);
            if (instruction.opensBlock()) {
                loops.set(depth++, opcode == Instruction.LOOP);
            } else if ((opcode == Instruction.END || opcode == Instruction.DELEGATE) && depth > 0) {
                loops.clear(--depth);
            }
        }
        List<Integer> most =
                reads.entrySet().stream()
                        .filter(each -> each.getValue() > 1)
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .limit(MOST)
                        .map(Map.Entry::getKey)
                        .toList();
        for (int global : most) {
            kept.put(global, firstLocal + kept.size());
        }
        return !kept.isEmpty();
    }

    /** The function: locals and code. */
    private BinaryWriter write(int start) {
        BinaryReader in = new BinaryReader(body.bytes(), start, body.end());
        BinaryWriter out = new BinaryWriter(body.end() - start + 64);
        Code code = new Code(out);
        out.u32(in.u32() + kept.size());
        out.raw(in.bytes(), in.position(), codeAt);
        // the locals have consecutive numbers in the order in which they were chosen
        kept.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(each -> out.u32(1).u8(module.globalType(each.getKey())));
        kept.forEach((global, local) -> code.op(Instruction.GLOBAL_GET, global).set(local));
        in.seek(codeAt);
        int copied = codeAt;
        while (in.hasMore()) {
            int at = in.position();
            Instruction instruction = Instructions.read(in);
            if (instruction.code() != Instruction.GLOBAL_GET) {
                instruction.skipImmediates(in);
                continue;
            }
            Integer local = kept.get(in.u32());
            if (local != null) {
                out.raw(in.bytes(), copied, at);
                code.get(local);
                copied = in.position();
            }
        }
        return out.raw(in.bytes(), copied, body.end());
    }
}
