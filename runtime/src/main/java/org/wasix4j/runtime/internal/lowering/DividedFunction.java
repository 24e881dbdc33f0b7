package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/**
 * A function that was divided: what is left of it, and its parts, with holes for numbers of the
 * module. It depends on no other function, so several can be divided at once.
 */
final class DividedFunction implements OutlineWriter.Transfer {

    /** The call of a part with many locals takes so much code. */
    private static final double LARGE_CALL = 350;

    /** Outlines lie in one another; all that is read for them has so many instructions at most. */
    private static final long MOST_READ = 50_000_000;

    private @Nullable OpenCode left;
    private final List<OutlineWriter.Written> parts = new ArrayList<>();

    /** The globals that its code uses: the type of each, and how many of that type are before. */
    private final List<Global> globals = new ArrayList<>();

    private final Map<Global, Integer> globalNumbers = new HashMap<>();

    /** One of the globals through which values of a type pass. */
    record Global(int type, int place) {}

    private DividedFunction() {}

    /**
     * Divides a function.
     *
     * @param most bytes of bytecode that it is to become
     * @return null when it can stay as it is, or has to
     * @throws MalformedException when it is damaged
     * @throws UnsupportedException when it is beyond a limit
     */
    static @Nullable DividedFunction of(FunctionSurvey survey, int function, int most) {
        ModuleIndex module = survey.module();
        FunctionType type = module.functionType(function);
        BinaryReader body =
                new BinaryReader(module.wasm(), survey.start(function), survey.end(function));
        int[] types = LoweredValues.localTypes(type, body);
        int size = survey.codeSize(function);
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
            DividedFunction divided = new DividedFunction();
            divided.write(tree, types, type.parameters().length, outlines);
            return divided;
        } catch (BlockTree.UnsuitableException e) {
            return null;
        } catch (UnsupportedException e) {
            throw new UnsupportedException(function, e.getMessage());
        }
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

    private void write(BlockTree tree, int[] types, int parameters, List<Outline> outlines) {
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
            outline.written(parts.size(), made.answers());
            parts.add(made);
        }
        left = OutlineWriter.whole(tree, types, parameters, this, starts, switches);
    }

    @Override
    public int[] globals(int[] types) {
        Map<Integer, Integer> used = new HashMap<>();
        int[] numbers = new int[types.length];
        for (int i = 0; i < types.length; i++) {
            Global wanted = new Global(types[i], used.merge(types[i], 1, Integer::sum) - 1);
            Integer known = globalNumbers.get(wanted);
            if (known == null) {
                known = globals.size();
                globals.add(wanted);
                globalNumbers.put(wanted, known);
            }
            numbers[i] = known;
        }
        return numbers;
    }

    /** What is left of the function, which calls its parts. */
    OpenCode left() {
        return Objects.requireNonNull(left);
    }

    List<OutlineWriter.Written> parts() {
        return parts;
    }

    /** The globals that its code uses, by the numbers that it has for them. */
    List<Global> globals() {
        return globals;
    }
}
