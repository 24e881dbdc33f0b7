package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pass that divides functions which have more code than a Java method can have, or than HotSpot
 * compiles: parts of them become functions of their own. Functions and globals are appended,
 * nothing else of the module changes but the code of these functions.
 */
final class LargeFunctions {

    /**
     * About how much code a function may have. HotSpot compiles no method with 8,000 bytes or more,
     * and inlines nothing more into one that has as many with what is inlined, which loads and
     * stores are. What {@link JavaSize} says is too much by a third.
     */
    static final int MOST = 5_000;

    /** So many bytes of functions are looked at by one thread. */
    private static final int PIECE = 40_000;

    private final ModuleIndex module;
    private final Features features;
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

    private LargeFunctions(ModuleIndex module, Features features, int most) {
        this.module = module;
        this.features = features;
        this.most = most;
        this.least = most / JavaSize.MOST_FOR_A_BYTE;
        this.helpers = new Helpers(module);
    }

    /**
     * The module without large functions.
     *
     * @param features of the module before anything was rewritten
     */
    static RewrittenModule divide(RewrittenModule whole, Features features, int most, Crew crew) {
        ModuleIndex module = new ModuleIndex(whole.wasm());
        Section code = module.section(Section.CODE);
        if (code == null) {
            return whole;
        }
        LargeFunctions pass = new LargeFunctions(module, features, most);
        BinaryWriter bodies = pass.code(code, crew);
        return pass.functions.isEmpty()
                ? whole
                : new RewrittenModule(
                        GrownModule.write(
                                module,
                                pass.helpers.types(),
                                pass.functionTypes,
                                pass.globalTypes,
                                bodies),
                        whole.helpers(),
                        whole.tails(),
                        new RewrittenModule.Parts(
                                module.functionCount(),
                                pass.origins,
                                module.globalCount(),
                                pass.globalTypes.size()));
    }

    private BinaryWriter code(Section code, Crew crew) {
        BinaryReader in = code.reader(module.wasm());
        int count = in.count("functions", 2);
        int[] starts = new int[count];
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            starts[i] = in.position();
            ends[i] = starts[i] + size;
            in.seek(ends[i]);
        }
        DividedFunction[] divided = new DividedFunction[count];
        List<Runnable> pieces = new ArrayList<>();
        int from = 0;
        int large = 0;
        for (int i = 0; i < count; i++) {
            int size = ends[i] - starts[i];
            large += size < least ? 0 : size;
            if (large >= PIECE || i + 1 == count) {
                int first = from;
                int end = i + 1;
                pieces.add(() -> divide(in.bytes(), starts, ends, first, end, divided));
                from = end;
                large = 0;
            }
        }
        (pieces.size() > 1 ? crew : Crew.ALONE).run(pieces);
        BinaryWriter out = new BinaryWriter(in.end() - code.start());
        for (int i = 0; i < count; i++) {
            if (divided[i] == null) {
                out.u32(ends[i] - starts[i]).raw(in.bytes(), starts[i], ends[i]);
            } else {
                out.sized(take(module.importedFunctions() + i, divided[i]));
                divided[i] = null;
            }
        }
        BinaryWriter whole = new BinaryWriter(out.size() + 4096);
        whole.u32(count + functions.size()).raw(out);
        functions.forEach(whole::sized);
        return whole;
    }

    private void divide(
            byte[] wasm, int[] starts, int[] ends, int from, int to, DividedFunction[] divided) {
        for (int i = from; i < to; i++) {
            if (ends[i] - starts[i] >= least) {
                divided[i] =
                        DividedFunction.of(
                                module,
                                module.importedFunctions() + i,
                                new BinaryReader(wasm, starts[i], ends[i]),
                                features,
                                most);
            }
        }
    }

    /** Gives the parts of a function and its globals their numbers; answers what is left of it. */
    private BinaryWriter take(int function, DividedFunction divided) {
        int[] numbers = divided.globals().stream().mapToInt(this::number).toArray();
        int first = module.functionCount() + functions.size();
        for (OutlineWriter.Written part : divided.parts()) {
            functions.add(part.body().close(own -> first + own, own -> numbers[own]));
            origins.add(function);
            functionTypes.add(helpers.type(part.type().parameters(), part.type().results()));
        }
        return divided.left().close(own -> first + own, own -> numbers[own]);
    }

    private int number(DividedFunction.Global global) {
        List<Integer> known = globals.computeIfAbsent(global.type(), type -> new ArrayList<>());
        while (known.size() <= global.place()) {
            known.add(module.globalCount() + globalTypes.size());
            globalTypes.add(global.type());
        }
        return known.get(global.place());
    }
}
