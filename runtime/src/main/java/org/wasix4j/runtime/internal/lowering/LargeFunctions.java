package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pass that divides functions which have more code than a Java method can have, or than HotSpot
 * compiles: parts of them become functions of their own. Functions and globals are appended,
 * nothing else of the module changes but the code of these functions.
 */
final class LargeFunctions implements OutlineWriter.Transfer {

    /**
     * About how much code a function may have. HotSpot compiles no method with 8,000 bytes or more,
     * and inlines nothing more into one that has as many with what is inlined, which loads and
     * stores are. What {@link JavaSize} says is too much by a third.
     */
    static final int MOST = 5_000;

    /** The call of a part with many locals takes so much code. */
    private static final double LARGE_CALL = 350;

    /** Outlines lie in one another; all that is read for them has so many instructions at most. */
    private static final long MOST_READ = 50_000_000;

    private final ModuleIndex module;
    private final Helpers helpers;

    /** A function with more code than this, by {@link JavaSize}, is divided. */
    private final int most;

    /** A function with less code, in bytes, is not looked at. */
    private final int least;

    /** The functions of which the appended ones are parts. */
    private final List<Integer> origins = new ArrayList<>();

    private final List<Integer> functionTypes = new ArrayList<>();
    private final List<BinaryWriter> functions = new ArrayList<>();

    /** The globals by the type of what they hold. */
    private final Map<Integer, List<Integer>> globals = new HashMap<>();

    private final List<Integer> globalTypes = new ArrayList<>();

    private LargeFunctions(ModuleIndex module, int most) {
        this.module = module;
        this.most = most;
        this.least = most / JavaSize.MOST_FOR_A_BYTE;
        this.helpers = new Helpers(module);
    }

    /** The module without large functions. */
    static RewrittenModule divide(RewrittenModule whole, int most) {
        ModuleIndex module = new ModuleIndex(whole.wasm());
        Section code = module.section(Section.CODE);
        if (code == null) {
            return whole;
        }
        LargeFunctions pass = new LargeFunctions(module, most);
        BinaryWriter bodies = pass.code(code.reader(module.wasm()));
        return pass.functions.isEmpty()
                ? whole
                : new RewrittenModule(
                        pass.write(bodies),
                        whole.helpers(),
                        new RewrittenModule.Parts(module.functionCount(), pass.origins));
    }

    // ---- sections

    private byte[] write(BinaryWriter bodies) {
        byte[] wasm = module.wasm();
        BinaryWriter out = new BinaryWriter(wasm.length + wasm.length / 4);
        out.raw(wasm, 0, Section.HEADER);
        boolean globalsWritten = globalTypes.isEmpty();
        for (Section section : module.sections()) {
            BinaryReader in = section.reader(wasm);
            if (!globalsWritten && section.id() != Section.TAG && section.id() > Section.MEMORY) {
                globalsWritten = true;
                boolean there = section.id() == Section.GLOBAL;
                BinaryWriter own = new BinaryWriter();
                own.u32((there ? in.count("globals", 3) : 0) + globalTypes.size());
                if (there) {
                    own.raw(wasm, in.position(), in.end());
                }
                globalTypes.forEach(type -> writeGlobal(own, type));
                out.section(Section.GLOBAL, own);
                if (there) {
                    continue;
                }
            }
            switch (section.id()) {
                case Section.TYPE -> {
                    BinaryWriter types = new BinaryWriter();
                    types.u32(in.count("types", 2) + helpers.types().size());
                    types.raw(wasm, in.position(), in.end());
                    helpers.types().forEach(type -> types.raw(type, 0, type.length));
                    out.section(section.id(), types);
                }
                case Section.FUNCTION -> {
                    BinaryWriter own = new BinaryWriter();
                    own.u32(in.count("functions", 1) + functionTypes.size());
                    own.raw(wasm, in.position(), in.end());
                    functionTypes.forEach(own::u32);
                    out.section(section.id(), own);
                }
                case Section.CODE -> out.section(section.id(), bodies);
                default -> {
                    out.u8(section.id()).u32(section.end() - section.start());
                    out.raw(wasm, section.start(), section.end());
                }
            }
        }
        return out.toByteArray();
    }

    private static void writeGlobal(BinaryWriter out, int type) {
        ValueTypes.write(out, type);
        out.u8(1);
        new Code(out).zero(type).op(Instruction.END);
    }

    private BinaryWriter code(BinaryReader in) {
        int count = in.count("functions", 2);
        BinaryWriter out = new BinaryWriter(in.end() - in.position());
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            int start = in.position();
            int end = start + size;
            BinaryWriter divided =
                    size < least
                            ? null
                            : divided(
                                    module.importedFunctions() + i,
                                    new BinaryReader(in.bytes(), start, end));
            if (divided == null) {
                out.u32(size).raw(in.bytes(), start, end);
            } else {
                out.sized(divided);
            }
            in.seek(end);
        }
        BinaryWriter whole = new BinaryWriter(out.size() + 4096);
        whole.u32(count + functions.size()).raw(out);
        functions.forEach(whole::sized);
        return whole;
    }

    // ---- a function

    /** The function with calls in it, or null when it stays as it is. */
    private BinaryWriter divided(int function, BinaryReader body) {
        FunctionType type = module.functionType(function);
        int[] types = FunctionLowering.localTypes(type, body);
        int size = size(new BinaryReader(body.bytes(), body.position(), body.end()));
        if (size <= most) {
            return null;
        }
        // many small parts have many calls, which are what is left of the function
        int own = Math.max(most, Math.min(2 * most, (int) Math.sqrt(LARGE_CALL * size)));
        for (int local : types) {
            if ((local & 0xff) == ValueTypes.REF) {
                return null;
            }
        }
        try {
            BlockTree tree = new BlockTree(module, type, types.length, body);
            List<Outline> outlines = Outlines.choose(tree, own);
            if (outlines.isEmpty()) {
                return null;
            }
            outlines = exchange(tree, types, outlines);
            return write(function, tree, types, outlines);
        } catch (BlockTree.UnsuitableException e) {
            return null;
        } catch (UnsupportedException e) {
            throw new UnsupportedException(function, e.getMessage());
        }
    }

    private static int size(BinaryReader in) {
        int size = 0;
        while (in.hasMore()) {
            Instruction instruction = Instructions.read(in);
            size += JavaSize.of(instruction.code());
            if (instruction.code() == Instruction.BR_TABLE) {
                size +=
                        JavaSize.SWITCH_ENTRY
                                * new BinaryReader(in.bytes(), in.position(), in.end()).u32();
            }
            instruction.skipImmediates(in);
        }
        return size;
    }

    /**
     * Finds out which locals each outline is given and gives back; leaves out those that cannot
     * give back what a handler reads.
     */
    private static List<Outline> exchange(BlockTree tree, int[] types, List<Outline> outlines) {
        BitSet wanted = new BitSet();
        long read = 0;
        for (Outline outline : outlines) {
            wanted.set(outline.from());
            wanted.set(outline.to());
            read += outline.to() - outline.from();
        }
        if (tree.catches()) {
            read += (long) outlines.size() * tree.blocks();
        }
        if (read > MOST_READ) {
            throw new BlockTree.UnsuitableException("too many outlines in one another");
        }
        Liveness liveness = new Liveness(tree, types.length, wanted);
        List<Outline> possible = new ArrayList<>();
        for (Outline outline : outlines) {
            if (exchange(tree, liveness, outline)) {
                possible.add(outline);
            }
        }
        return possible;
    }

    private static boolean exchange(BlockTree tree, Liveness liveness, Outline outline) {
        BitSet used = new BitSet();
        BitSet written = new BitSet();
        long[] after = liveness.before(outline.to()).clone();
        for (int i = outline.from(); i < outline.to(); i++) {
            switch (tree.code(i)) {
                case Instruction.LOCAL_GET -> used.set(tree.local(i));
                case Instruction.LOCAL_SET, Instruction.LOCAL_TEE -> written.set(tree.local(i));
                case Instruction.BR, Instruction.BR_IF ->
                        leave(tree, liveness, outline, tree.target(i), after);
                case Instruction.BR_TABLE -> {
                    for (int target : tree.targets(i)) {
                        leave(tree, liveness, outline, target, after);
                    }
                }
                default -> {
                    // uses no local
                }
            }
        }
        long[] before = liveness.before(outline.from()).clone();
        for (int entry : outline.entries()) {
            Liveness.add(before, liveness.atLabel(entry));
        }
        long[] handled = tree.catches() ? liveness.handled(outline.block()) : null;
        BitSet any = (BitSet) used.clone();
        any.or(written);
        int[] given = new int[any.cardinality()];
        int[] returned = new int[any.cardinality()];
        int givenCount = 0;
        int returnedCount = 0;
        for (int local = any.nextSetBit(0); local >= 0; local = any.nextSetBit(local + 1)) {
            boolean back = written.get(local) && Liveness.has(after, local);
            if (handled != null && written.get(local) && Liveness.has(handled, local)) {
                return false;
            }
            if (back) {
                returned[returnedCount++] = local;
            }
            if (Liveness.has(before, local) && (used.get(local) || back)) {
                given[givenCount++] = local;
            }
        }
        outline.exchange(Arrays.copyOf(given, givenCount), Arrays.copyOf(returned, returnedCount));
        return true;
    }

    private static void leave(
            BlockTree tree, Liveness liveness, Outline outline, int target, long[] after) {
        if (!outline.contains(tree, target)) {
            Liveness.add(after, liveness.atLabel(target));
        }
    }

    private BinaryWriter write(int function, BlockTree tree, int[] types, List<Outline> outlines) {
        Map<Integer, Outline> starts = new HashMap<>();
        Map<Integer, Outline> switches = new HashMap<>();
        for (Outline outline : outlines) {
            if (outline.isSwitch()) {
                for (int entry : outline.entries()) {
                    switches.put(entry, outline);
                }
            } else {
                // a larger one comes later
                outline.setWithin(starts.put(outline.from(), outline));
            }
        }
        for (Outline outline : outlines) {
            OutlineWriter.Written made =
                    OutlineWriter.outlined(tree, types, this, outline, starts, switches);
            functions.add(made.body());
            origins.add(function);
            functionTypes.add(helpers.type(made.type().parameters(), made.type().results()));
            outline.written(module.functionCount() + functions.size() - 1, made.answers());
        }
        return OutlineWriter.whole(
                tree,
                types,
                module.functionType(function).parameters().length,
                this,
                starts,
                switches);
    }

    // ---- globals

    @Override
    public int[] globals(int[] types) {
        Map<Integer, Integer> used = new HashMap<>();
        int[] numbers = new int[types.length];
        for (int i = 0; i < types.length; i++) {
            int count = used.merge(types[i], 1, Integer::sum);
            List<Integer> known = globals.computeIfAbsent(types[i], key -> new ArrayList<>());
            if (known.size() < count) {
                known.add(module.globalCount() + globalTypes.size());
                globalTypes.add(types[i]);
            }
            numbers[i] = known.get(count - 1);
        }
        return numbers;
    }
}
