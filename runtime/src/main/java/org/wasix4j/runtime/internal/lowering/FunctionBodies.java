package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/** The functions in a module's section of code, one behind another. */
final class FunctionBodies {

    /** Looks at a function. */
    interface Look {

        /**
         * Looks at one.
         *
         * @param function its number in the module
         * @param body its locals and code
         */
        void at(int function, BinaryReader body);
    }

    /** Writes a function anew. */
    interface Pass {

        /** Locals and code; null when the function can stay as it is. */
        @Nullable
        BinaryWriter write(int function, BinaryReader body);
    }

    private FunctionBodies() {}

    /** How many there are. */
    static int count(ModuleIndex module) {
        return reader(module).count("functions", 2);
    }

    /** Looks at each, if there is any code. */
    static void forEach(ModuleIndex module, Look look) {
        if (module.section(Section.CODE) == null) {
            return;
        }
        BinaryReader in = reader(module);
        int count = in.count("functions", 2);
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            int end = in.position() + size;
            look.at(
                    module.importedFunctions() + i,
                    new BinaryReader(in.bytes(), in.position(), end));
            in.seek(end);
        }
    }

    /**
     * Writes each, with its size, but not how many there are.
     *
     * @return those that were written anew
     */
    static BitSet write(ModuleIndex module, BinaryWriter out, Pass pass) {
        BitSet changed = new BitSet();
        forEach(
                module,
                (function, body) -> {
                    int start = body.position();
                    BinaryWriter own = pass.write(function, body);
                    if (own == null) {
                        out.u32(body.end() - start).raw(body.bytes(), start, body.end());
                    } else {
                        out.sized(own);
                        changed.set(function);
                    }
                });
        return changed;
    }

    /** The module with its functions written anew, or the same one when all can stay. */
    static ModuleIndex rewrite(ModuleIndex module, Pass pass) {
        if (module.section(Section.CODE) == null) {
            return module;
        }
        BinaryReader in = reader(module);
        BinaryWriter bodies = new BinaryWriter(in.end() - in.position() + 4096);
        bodies.u32(count(module));
        BitSet changed = write(module, bodies, pass);
        return changed.isEmpty() ? module : module.withCode(bodies, changed);
    }

    private static BinaryReader reader(ModuleIndex module) {
        return Objects.requireNonNull(module.section(Section.CODE)).reader(module.wasm());
    }

    /** Skips the locals, which are in front of the code. */
    static void skipLocals(BinaryReader body) {
        for (int left = body.count("groups of locals", 2); left > 0; left--) {
            body.skipLeb();
            ValueTypes.skip(body);
        }
    }
}
