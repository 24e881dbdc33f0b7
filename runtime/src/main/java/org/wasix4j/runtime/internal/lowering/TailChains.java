package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/**
 * The pass for tail calls between functions. The engine makes a call of them, which takes room on
 * the stack. In a circle of tail calls (see {@link TailGraph}) there may be any number of them; so
 * each function of a circle becomes two:
 *
 * <ul>
 *   <li>The <em>inner</em> function has the code and one more parameter: how many tail calls led to
 *       it. When these are too many it does nothing but to leave its arguments in globals, and its
 *       number in the global {@code pending}. All that called it by tail calls then return.
 *   <li>The <em>outer</em> function has the number of the old one. It calls the inner one, and if
 *       one is pending after that, the <em>driver</em>, which calls what is pending until nothing
 *       is.
 * </ul>
 *
 * <p>A tail call by number calls the inner function. One by the table can only reach the outer one:
 * so it leaves the number of calls in the global {@code handed}. Each function that it may reach
 * takes it from there at once: the outer functions of circles, which then leave what is pending to
 * their caller, and all others, which ignore it.
 *
 * <p>Functions that tail-call each other have the same results; all functions of circles with the
 * same results have one driver.
 */
final class TailChains {

    /** So many tail calls follow each other as calls. */
    private static final int MOST_CALLS = 100;

    /**
     * A function with more slots for parameters is left as it is: a Java method has at most 255.
     */
    private static final int MOST_SLOTS = 200;

    /** So many functions share a function that calls the pending one. */
    private static final int CHOICES = 100;

    /** With more functions in circles than this the module is left as it is. */
    private static final int MOST_MEMBERS = 20_000;

    private final ModuleIndex module;
    private final Features features;
    private final @Nullable TailGraph graph;
    private final Helpers helpers;
    private final ModuleIndex changed;

    /** The functions that become two. */
    private final BitSet members;

    /** The numbers of the inner functions. */
    private final Map<Integer, Integer> inner = new HashMap<>();

    /** What stands for a function in {@code pending}, which is 0 when none is. */
    private final Map<Integer, Integer> places = new HashMap<>();

    private final List<Integer> origins = new ArrayList<>();
    private final List<Integer> functionTypes = new ArrayList<>();
    private final List<BinaryWriter> functions = new ArrayList<>();
    private final List<Integer> globalTypes = new ArrayList<>();

    /** The globals for arguments, by their type. */
    private final Map<Integer, List<Integer>> arguments = new HashMap<>();

    private int pending;
    private int handed;
    private int deep;

    private TailChains(ModuleIndex module, Features features) {
        this.module = module;
        this.features = features;
        this.helpers = new Helpers(module);
        if (features.tailCallers().isEmpty() || !module.hasOnlyFunctionTypes()) {
            graph = null;
            members = new BitSet();
            deep = features.tailCallers().cardinality();
            changed = module;
            return;
        }
        TailGraph all = TailGraph.of(module, features.tailCallers(), true);
        boolean leaves = all.leavesModule();
        graph = leaves ? TailGraph.of(module, features.tailCallers(), false) : all;
        members = graph.inCircles();
        members.stream().filter(each -> !canBecomeTwo(each)).forEach(members::clear);
        if (members.cardinality() > MOST_MEMBERS) {
            members.clear();
        }
        BitSet left = all.inCircles();
        if (!leaves) {
            left.andNot(members);
        }
        deep = left.cardinality();
        changed = members.isEmpty() ? module : new ModuleIndex(write());
    }

    /**
     * Writes a module.
     *
     * @param features what its code uses, to which what is appended is added
     */
    static TailChains of(ModuleIndex module, Features features) {
        return new TailChains(module, features);
    }

    /** The module with such tail calls written anew, or the same one. */
    ModuleIndex module() {
        return changed;
    }

    /** What was appended. */
    RewrittenModule.Tails tails() {
        return new RewrittenModule.Tails(module.functionCount(), List.copyOf(origins), deep);
    }

    private boolean canBecomeTwo(int function) {
        FunctionType type = module.functionType(function);
        return 2 * type.parameters().length <= MOST_SLOTS
                && canBeKept(type.parameters())
                && canBeKept(type.results());
    }

    /** Whether there is a first value for a global or a local of each type. */
    private static boolean canBeKept(int[] types) {
        return Arrays.stream(types).noneMatch(type -> (type & 0xff) == ValueTypes.REF);
    }

    private byte[] write() {
        pending = global(ValueTypes.I32);
        handed = global(ValueTypes.I32);
        int next = module.functionCount();
        for (int each = members.nextSetBit(0); each >= 0; each = members.nextSetBit(each + 1)) {
            inner.put(each, next++);
            origins.add(each);
        }
        Map<List<Integer>, List<Integer>> groups = new LinkedHashMap<>();
        for (int each : origins) {
            List<Integer> results =
                    Arrays.stream(module.functionType(each).results()).boxed().toList();
            groups.computeIfAbsent(results, none -> new ArrayList<>()).add(each);
        }
        Map<Integer, Integer> drivers = new HashMap<>();
        List<BinaryWriter> drivings = new ArrayList<>();
        for (List<Integer> group : groups.values()) {
            group.forEach(each -> places.put(each, places.size() + 1));
            int driver = next + drivings.size();
            drive(group, driver, drivings);
            group.forEach(each -> drivers.put(each, driver));
        }
        BinaryWriter bodies = new BinaryWriter(module.wasm().length);
        FunctionBodies.write(
                module,
                bodies,
                (function, body) -> {
                    if (members.get(function)) {
                        functions.add(inner(function, body));
                        return outer(function, number(drivers, function));
                    }
                    return isReached(function) ? taking(body) : null;
                });
        functions.addAll(drivings);
        BinaryWriter whole = new BinaryWriter(bodies.size() + 4096);
        whole.u32(FunctionBodies.count(module) + functions.size()).raw(bodies);
        functions.forEach(whole::sized);
        List<Integer> types = new ArrayList<>();
        for (int each : origins) {
            features.copied(each, number(inner, each));
            FunctionType type = module.functionType(each);
            types.add(helpers.type(append(type.parameters(), ValueTypes.I32), type.results()));
        }
        types.addAll(functionTypes);
        return GrownModule.write(module, helpers.types(), types, globalTypes, whole);
    }

    private static int[] append(int[] types, int type) {
        int[] more = Arrays.copyOf(types, types.length + 1);
        more[types.length] = type;
        return more;
    }

    private int global(int type) {
        globalTypes.add(type);
        return module.globalCount() + globalTypes.size() - 1;
    }

    /** The globals in which arguments of these types are kept. */
    private int[] kept(int[] types) {
        Map<Integer, Integer> used = new HashMap<>();
        int[] numbers = new int[types.length];
        for (int i = 0; i < types.length; i++) {
            List<Integer> known = arguments.computeIfAbsent(types[i], type -> new ArrayList<>());
            int place = used.merge(types[i], 1, Integer::sum) - 1;
            if (place == known.size()) {
                known.add(global(types[i]));
            }
            numbers[i] = known.get(place);
        }
        return numbers;
    }

    /** Those that there are, when something is written. */
    private TailGraph graph() {
        return Objects.requireNonNull(graph);
    }

    private static int number(Map<Integer, Integer> numbers, int function) {
        return Objects.requireNonNull(numbers.get(function));
    }

    /** Whether a tail call by the table, or by a reference, may reach a function. */
    private boolean isReached(int function) {
        return graph().isReferenced(function)
                && graph().isTypeInCircle(module.functionTypeNumber(function));
    }

    // ---- functions

    /** A function that is no member, and takes what is handed to it. */
    private BinaryWriter taking(BinaryReader body) {
        BinaryWriter out = new BinaryWriter(body.end() - body.position() + 8);
        int start = body.position();
        FunctionBodies.skipLocals(body);
        out.raw(body.bytes(), start, body.position());
        new Code(out).i32(0).op(Instruction.GLOBAL_SET, handed);
        return out.raw(body.bytes(), body.position(), body.end());
    }

    private BinaryWriter outer(int function, int driver) {
        FunctionType type = module.functionType(function);
        int parameters = type.parameters().length;
        LocalPool locals = parameters(type.parameters());
        BinaryWriter written = new BinaryWriter();
        Code code = new Code(written);
        if (isReached(function)) {
            int depth = locals.add(ValueTypes.I32);
            code.op(Instruction.GLOBAL_GET, handed).tee(depth).op(Instruction.IF);
            written.u8(ValueTypes.EMPTY);
            code.i32(0).op(Instruction.GLOBAL_SET, handed);
            getAll(code, parameters);
            code.get(depth)
                    .op(Instruction.RETURN_CALL, number(inner, function))
                    .op(Instruction.END);
        }
        getAll(code, parameters);
        code.i32(0).op(Instruction.CALL, number(inner, function));
        int[] results = addAll(type.results(), locals);
        setAll(code, results);
        code.op(Instruction.GLOBAL_GET, pending).op(Instruction.IF);
        written.u8(ValueTypes.EMPTY);
        code.op(Instruction.RETURN_CALL, driver).op(Instruction.END);
        for (int result : results) {
            code.get(result);
        }
        code.op(Instruction.END);
        return closed(locals, written);
    }

    private BinaryWriter inner(int function, BinaryReader in) {
        FunctionType type = module.functionType(function);
        int parameters = type.parameters().length;
        int start = in.position();
        FunctionBodies.skipLocals(in);
        BinaryWriter out = new BinaryWriter(in.end() - start + 64);
        out.raw(in.bytes(), start, in.position());
        Code code = new Code(out);
        code.get(parameters).i32(MOST_CALLS).op(Op.I32_GT_U).op(Instruction.IF);
        out.u8(ValueTypes.EMPTY);
        int[] kept = kept(type.parameters());
        for (int i = 0; i < parameters; i++) {
            code.get(i).op(Instruction.GLOBAL_SET, kept[i]);
        }
        code.i32(number(places, function)).op(Instruction.GLOBAL_SET, pending);
        for (int result : type.results()) {
            code.zero(result);
        }
        code.op(Instruction.RETURN).op(Instruction.END);
        while (in.hasMore()) {
            int at = in.position();
            Instruction instruction = Instructions.read(in);
            switch (instruction.code()) {
                case Instruction.LOCAL_GET, Instruction.LOCAL_SET, Instruction.LOCAL_TEE -> {
                    int local = in.u32();
                    code.op(instruction.code(), local < parameters ? local : local + 1);
                }
                case Instruction.RETURN_CALL -> {
                    int target = in.u32();
                    if (members.get(target)) {
                        deeper(code, parameters);
                        code.op(Instruction.RETURN_CALL, number(inner, target));
                    } else {
                        out.raw(in.bytes(), at, in.position());
                    }
                }
                case Instruction.RETURN_CALL_INDIRECT, Instruction.RETURN_CALL_REF -> {
                    int called = in.u32();
                    in.seek(at + 1);
                    instruction.skipImmediates(in);
                    if (graph().isTypeInCircle(called)) {
                        deeper(code, parameters);
                        code.op(Instruction.GLOBAL_SET, handed);
                    }
                    out.raw(in.bytes(), at, in.position());
                }
                default -> {
                    instruction.skipImmediates(in);
                    out.raw(in.bytes(), at, in.position());
                }
            }
        }
        return out;
    }

    private static void deeper(Code code, int depth) {
        code.get(depth).i32(1).op(Op.I32_ADD);
    }

    // ---- drivers

    /**
     * Writes the driver of functions with the same results, and behind it those that it calls by.
     *
     * @param driver its number
     */
    private void drive(List<Integer> group, int driver, List<BinaryWriter> drivings) {
        int[] results = module.functionType(group.get(0)).results();
        int own = drivings.size();
        drivings.add(null);
        functionTypes.add(helpers.type(new int[0], results));
        int[] last = new int[(group.size() + CHOICES - 1) / CHOICES];
        for (int i = 0; i < last.length; i++) {
            int end = Math.min(group.size(), (i + 1) * CHOICES);
            List<Integer> choice = group.subList(i * CHOICES, end);
            last[i] = number(places, choice.get(choice.size() - 1));
            drivings.add(choose(choice));
            functionTypes.add(helpers.type(new int[] {ValueTypes.I32}, results));
        }
        LocalPool locals = parameters(new int[0]);
        int place = locals.add(ValueTypes.I32);
        BinaryWriter written = new BinaryWriter();
        Code code = new Code(written);
        int[] kept = addAll(results, locals);
        code.op(Instruction.LOOP);
        written.u8(ValueTypes.EMPTY);
        code.op(Instruction.GLOBAL_GET, pending).set(place);
        code.i32(0).op(Instruction.GLOBAL_SET, pending);
        code.op(Instruction.BLOCK);
        written.u8(ValueTypes.EMPTY);
        for (int i = 0; i < last.length; i++) {
            boolean more = i + 1 < last.length;
            if (more) {
                code.get(place).i32(last[i] + 1).op(Op.I32_LT_S).op(Instruction.IF);
                written.u8(ValueTypes.EMPTY);
            }
            code.get(place).op(Instruction.CALL, driver + 1 + i);
            setAll(code, kept);
            if (more) {
                code.op(Instruction.BR, 1).op(Instruction.END);
            }
        }
        code.op(Instruction.END);
        code.op(Instruction.GLOBAL_GET, pending).op(Instruction.BR_IF, 0).op(Instruction.END);
        for (int each : kept) {
            code.get(each);
        }
        code.op(Instruction.END);
        drivings.set(own, closed(locals, written));
    }

    /** A function that calls one of several, whose place it is given. */
    private BinaryWriter choose(List<Integer> choice) {
        BinaryWriter written = new BinaryWriter();
        Code code = new Code(written);
        for (int i = 0; i < choice.size(); i++) {
            code.op(Instruction.BLOCK);
            written.u8(ValueTypes.EMPTY);
        }
        code.get(0).i32(number(places, choice.get(0))).op(Op.I32_SUB);
        code.op(Instruction.BR_TABLE, choice.size() - 1);
        for (int i = 0; i < choice.size(); i++) {
            written.u32(i);
        }
        for (int each : choice) {
            code.op(Instruction.END);
            for (int argument : kept(module.functionType(each).parameters())) {
                code.op(Instruction.GLOBAL_GET, argument);
            }
            code.i32(0).op(Instruction.RETURN_CALL, number(inner, each));
        }
        code.op(Instruction.END);
        return new BinaryWriter(written.size() + 1).u32(0).raw(written);
    }

    private static LocalPool parameters(int[] types) {
        LocalPool locals = new LocalPool();
        for (int type : types) {
            locals.add(type);
        }
        locals.endParameters();
        return locals;
    }

    private static void getAll(Code code, int count) {
        for (int i = 0; i < count; i++) {
            code.get(i);
        }
    }

    private static int[] addAll(int[] types, LocalPool locals) {
        return Arrays.stream(types).map(locals::add).toArray();
    }

    private static void setAll(Code code, int[] locals) {
        for (int i = locals.length - 1; i >= 0; i--) {
            code.set(locals[i]);
        }
    }

    private static BinaryWriter closed(LocalPool locals, BinaryWriter written) {
        BinaryWriter out = new BinaryWriter(written.size() + 16);
        locals.write(out);
        return out.raw(written);
    }
}
