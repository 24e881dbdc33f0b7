package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * The pass that writes a module without {@code v128} and wide arithmetic. In types a vector becomes
 * two i64. A global becomes two as well, the lower half in its place and the upper one behind all
 * others; when it is imported or exported, the name of the upper half has {@link #UPPER} at its
 * end.
 */
final class VectorLowering {

    /** What is put behind the name of a global for the upper half of it. */
    static final String UPPER = ".high";

    /** So many parameters, or results, a function or a block has at most, as in other engines. */
    private static final int MOST_VALUES = 1_000;

    private final ModuleIndex module;
    private final Features features;
    private final Helpers helpers;
    private final int[] globals;
    private final int[] uppers;
    private boolean importedVectors;

    /** Whether anything became other than it was. */
    private boolean changed;

    /** The functions whose code was written anew. */
    private BitSet rewritten = new BitSet();

    private VectorLowering(ModuleIndex module, Features features) {
        this.module = module;
        this.features = features;
        this.helpers = new Helpers(module);
        if (module.mostValues() > MOST_VALUES) {
            throw new UnsupportedException(
                    "it has a type with more than " + MOST_VALUES + " parameters or results");
        }
        int count = module.globalCount();
        int imported = module.importedGlobals();
        globals = new int[count];
        uppers = new int[count];
        int next = 0;
        for (int i = 0; i < count; i++) {
            globals[i] = next++;
            if (i < imported && isVector(i)) {
                uppers[i] = next++;
                importedVectors = true;
            }
        }
        for (int i = imported; i < count; i++) {
            if (isVector(i)) {
                uppers[i] = next++;
            }
        }
    }

    /** The module without vectors and wide arithmetic. */
    static Result lower(ModuleIndex module, Features features) {
        VectorLowering unit = new VectorLowering(module, features);
        boolean onlyCode = !unit.changesAll();
        byte[] written = unit.write();
        return new Result(
                unit.changed ? written : module.wasm(),
                unit.helpers.names(),
                onlyCode ? unit.rewritten : null);
    }

    /**
     * A module without vectors and wide arithmetic.
     *
     * @param wasm the binary; the very array that was given when there was nothing to do
     * @param helpers functions that were appended, by number, and what each of them does
     * @param rewritten the functions whose code is another; null when more is another than that and
     *     what was appended
     */
    record Result(byte[] wasm, Map<Integer, String> helpers, @Nullable BitSet rewritten) {}

    ModuleIndex module() {
        return module;
    }

    Helpers helpers() {
        return helpers;
    }

    /** The number of a global in the module that is written. */
    int global(int global) {
        return globals[global];
    }

    /** The number of the upper half of a global. */
    int upperGlobal(int global) {
        return uppers[global];
    }

    /** The number of a type that has vectors as pairs of i64. */
    int loweredType(FunctionType type) {
        return helpers.type(
                ValueTypes.lowered(type.parameters()), ValueTypes.lowered(type.results()));
    }

    private boolean isVector(int global) {
        return module.globalType(global) == ValueTypes.V128;
    }

    /** Whether a global has another number than before. */
    private boolean isRenumbered() {
        return importedVectors;
    }

    /** Whether more than the code of functions with vectors is to be written anew. */
    private boolean changesAll() {
        return module.hasVectors() || isRenumbered();
    }

    private byte[] write() {
        changed = changesAll();
        Section code = module.section(Section.CODE);
        BinaryWriter bodies = code == null ? null : code(code.end() - code.start());
        BinaryWriter out = new BinaryWriter(module.wasm().length * 2);
        out.raw(module.wasm(), 0, Section.HEADER);
        for (Section section : module.sections()) {
            BinaryReader in = section.reader(module.wasm());
            BinaryWriter contents =
                    switch (section.id()) {
                        case Section.TYPE -> types(in);
                        case Section.IMPORT -> imports(in);
                        case Section.FUNCTION -> functions(in);
                        case Section.TABLE -> tables(in);
                        case Section.GLOBAL -> globals(in);
                        case Section.EXPORT -> exports(in);
                        case Section.ELEMENT -> isRenumbered() ? elements(in) : null;
                        case Section.DATA -> isRenumbered() ? data(in) : null;
                        case Section.CODE -> bodies;
                        default -> null;
                    };
            if (contents == null) {
                out.u8(section.id()).u32(section.end() - section.start());
                out.raw(module.wasm(), section.start(), section.end());
            } else {
                out.section(section.id(), contents);
            }
        }
        return out.toByteArray();
    }

    private BinaryWriter rest(BinaryReader in, BinaryWriter out) {
        return out.raw(in.bytes(), in.position(), in.end());
    }

    private BinaryWriter types(BinaryReader in) {
        BinaryWriter out = new BinaryWriter();
        out.u32(in.count("types", 2) + helpers.types().size());
        if (module.hasOnlyFunctionTypes()) {
            for (int i = 0; i < module.typeCount(); i++) {
                FunctionType type = module.type(i);
                out.u8(0x60);
                writeTypes(out, ValueTypes.lowered(type.parameters()));
                writeTypes(out, ValueTypes.lowered(type.results()));
            }
        } else {
            rest(in, out);
        }
        for (byte[] type : helpers.types()) {
            out.raw(type, 0, type.length);
        }
        return out;
    }

    private static void writeTypes(BinaryWriter out, int[] types) {
        out.u32(types.length);
        for (int type : types) {
            ValueTypes.write(out, type);
        }
    }

    private @Nullable BinaryWriter imports(BinaryReader in) {
        if (!isRenumbered()) {
            return null;
        }
        BinaryWriter out = new BinaryWriter();
        int count = in.count("imports", 4);
        int written = count;
        int global = 0;
        for (int i = 0; i < count; i++) {
            int start = in.position();
            String from = in.name();
            String name = in.name();
            boolean vector = in.peek() == 3 && isVector(global++);
            ModuleIndex.skipExternalType(in);
            if (vector) {
                int mutability = in.bytes()[in.position() - 1];
                out.name(from).name(name).u8(3).u8(ValueTypes.I64).u8(mutability);
                out.name(from).name(name + UPPER).u8(3).u8(ValueTypes.I64).u8(mutability);
                written++;
            } else {
                out.raw(in.bytes(), start, in.position());
            }
        }
        return new BinaryWriter(out.size() + 5).u32(written).raw(out);
    }

    private BinaryWriter functions(BinaryReader in) {
        BinaryWriter out = new BinaryWriter();
        out.u32(in.count("functions", 1) + helpers.functionTypes().size());
        rest(in, out);
        helpers.functionTypes().forEach(out::u32);
        return out;
    }

    private @Nullable BinaryWriter tables(BinaryReader in) {
        if (!isRenumbered()) {
            return null;
        }
        BinaryWriter out = new BinaryWriter();
        int count = in.count("tables", 2);
        out.u32(count);
        for (int i = 0; i < count; i++) {
            int start = in.position();
            if (ModuleIndex.skipTableType(in)) {
                out.raw(in.bytes(), start, in.position());
                expression(in, out, false);
            } else {
                out.raw(in.bytes(), start, in.position());
            }
        }
        return out;
    }

    private BinaryWriter globals(BinaryReader in) {
        BinaryWriter out = new BinaryWriter();
        BinaryWriter upper = new BinaryWriter();
        int count = in.count("globals", 3);
        int written = count;
        for (int i = 0; i < count; i++) {
            int type = ValueTypes.read(in);
            int mutability = in.u8();
            if (type == ValueTypes.V128) {
                int start = in.position();
                out.u8(ValueTypes.I64).u8(mutability);
                expression(in, out, false);
                in.seek(start);
                upper.u8(ValueTypes.I64).u8(mutability);
                expression(in, upper, true);
                written++;
            } else {
                ValueTypes.write(out, type);
                out.u8(mutability);
                expression(in, out, false);
            }
        }
        return new BinaryWriter(out.size() + upper.size() + 5).u32(written).raw(out).raw(upper);
    }

    /** Writes a constant expression; of a vector only one half. */
    private void expression(BinaryReader in, BinaryWriter out, boolean upper) {
        Code code = new Code(out);
        Instruction instruction;
        do {
            int start = in.position();
            instruction = Instructions.read(in);
            switch (instruction.code()) {
                case Instruction.V128_CONST -> {
                    long low = in.i64();
                    long high = in.i64();
                    code.i64(upper ? high : low);
                }
                case Instruction.GLOBAL_GET -> {
                    int global = in.u32();
                    module.globalType(global);
                    code.op(Instruction.GLOBAL_GET, upper ? uppers[global] : globals[global]);
                }
                default -> {
                    instruction.skipImmediates(in);
                    out.raw(in.bytes(), start, in.position());
                }
            }
        } while (instruction.code() != Instruction.END);
    }

    private @Nullable BinaryWriter exports(BinaryReader in) {
        if (!hasVectorGlobals() && !isRenumbered()) {
            return null;
        }
        BinaryWriter out = new BinaryWriter();
        int count = in.count("exports", 3);
        int written = count;
        for (int i = 0; i < count; i++) {
            String name = in.name();
            int kind = in.u8();
            int index = in.u32();
            if (kind == 3) {
                if (module.globalType(index) == ValueTypes.V128) {
                    out.name(name + UPPER).u8(kind).u32(uppers[index]);
                    written++;
                }
                index = globals[index];
            }
            out.name(name).u8(kind).u32(index);
        }
        return new BinaryWriter(out.size() + 5).u32(written).raw(out);
    }

    private boolean hasVectorGlobals() {
        for (int i = 0; i < globals.length; i++) {
            if (isVector(i)) {
                return true;
            }
        }
        return false;
    }

    private BinaryWriter elements(BinaryReader in) {
        BinaryWriter out = new BinaryWriter();
        int count = in.count("segments", 2);
        out.u32(count);
        for (int i = 0; i < count; i++) {
            int flags = in.u32();
            out.u32(flags);
            boolean active = (flags & Elements.NOT_ACTIVE) == 0;
            if (active) {
                if ((flags & Elements.EXPLICIT) != 0) {
                    out.u32(in.u32());
                }
                expression(in, out, false);
            }
            boolean expressions = (flags & Elements.EXPRESSIONS) != 0;
            if ((flags & (Elements.NOT_ACTIVE | Elements.EXPLICIT)) != 0) {
                int start = in.position();
                ValueTypes.skip(in);
                out.raw(in.bytes(), start, in.position());
            }
            int elements = in.count("elements", 1);
            out.u32(elements);
            for (int k = 0; k < elements; k++) {
                if (expressions) {
                    expression(in, out, false);
                } else {
                    out.u32(in.u32());
                }
            }
        }
        return out;
    }

    private BinaryWriter data(BinaryReader in) {
        BinaryWriter out = new BinaryWriter(in.end() - in.position() + 64);
        int count = in.count("segments", 2);
        out.u32(count);
        for (int i = 0; i < count; i++) {
            int flags = in.u32();
            out.u32(flags);
            if ((flags & Elements.EXPLICIT) != 0) {
                out.u32(in.u32());
            }
            if ((flags & Elements.NOT_ACTIVE) == 0) {
                expression(in, out, false);
            }
            int size = in.count("bytes", 1);
            out.u32(size).raw(in.bytes(), in.position(), in.position() + size);
            in.skip(size);
        }
        return out;
    }

    private BinaryWriter code(int size) {
        boolean all = changesAll();
        BinaryWriter out = new BinaryWriter(size * 2);
        rewritten =
                FunctionBodies.write(
                        module,
                        out,
                        (function, body) -> {
                            boolean vectors = all || features.hasVectors(function);
                            return vectors || features.hasExceptions(function)
                                    ? lower(function, body, vectors)
                                    : null;
                        });
        changed |= !rewritten.isEmpty();
        List<byte[]> appended = helpers.bodies();
        BinaryWriter whole = new BinaryWriter(out.size() + 4096);
        whole.u32(FunctionBodies.count(module) + appended.size()).raw(out);
        for (byte[] body : appended) {
            whole.u32(body.length).raw(body, 0, body.length);
        }
        return whole;
    }

    /** The function, written anew, or null when it can stay as it is. */
    private @Nullable BinaryWriter lower(int function, BinaryReader body, boolean vectors) {
        try {
            return FunctionLowering.lower(
                    this,
                    module.functionType(function),
                    body,
                    vectors,
                    features.hasExceptions(function));
        } catch (UnsupportedException e) {
            if (!vectors) {
                return null;
            }
            throw new UnsupportedException(function, e.getMessage());
        }
    }
}
