package org.wasix4j.runtime.internal.lowering;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Which functions can make tail calls without end: those in a circle of tail calls. A call by the
 * table or by a reference may reach each function of its type that is in a segment of elements, is
 * exported, or is in a global at first; no reference can be made of any other function.
 *
 * <p>Its nodes are the functions, and behind them the types.
 */
final class TailGraph {

    private static final int[] NOTHING = {};

    private final ModuleIndex module;

    /** By type: the first type that is the same. */
    private final int[] same;

    /** The functions of which there may be references. */
    private final BitSet referenced = new BitSet();

    /** By function: where its tail calls lead. */
    private final Map<Integer, int[]> edges = new HashMap<>();

    private final BitSet inCircles = new BitSet();

    private boolean sharesTable;

    private TailGraph(ModuleIndex module) {
        this.module = module;
        this.same = new int[module.typeCount()];
        this.sharesTable = module.importsTable();
    }

    /**
     * Looks at a module that has only types of functions.
     *
     * @param callers the functions that make tail calls
     * @param byReference whether tail calls by the table and by references count
     */
    static TailGraph of(ModuleIndex module, BitSet callers, boolean byReference) {
        TailGraph graph = new TailGraph(module);
        graph.compareTypes();
        graph.findReferences();
        graph.walk(callers);
        if (byReference) {
            graph.connectTypes();
        }
        Circles.find(
                module.importedFunctions(),
                module.functionCount() + module.typeCount(),
                node -> graph.edges.getOrDefault(node, NOTHING),
                circle -> {
                    if (circle.length > 1) {
                        Arrays.stream(circle).forEach(graph.inCircles::set);
                    }
                });
        return graph;
    }

    /** A tail call of a type leads to all functions of that type to which there are references. */
    private void connectTypes() {
        Map<Integer, BitSet> byType = new HashMap<>();
        referenced.stream()
                .forEach(each -> byType.computeIfAbsent(type(each), t -> new BitSet()).set(each));
        byType.forEach(
                (type, reached) ->
                        edges.put(module.functionCount() + type, reached.stream().toArray()));
    }

    /** Whether tail calls of a type, by the table or by a reference, are in a circle. */
    boolean isTypeInCircle(int type) {
        return inCircles.get(module.functionCount() + same[type]);
    }

    /** The functions that are in circles. */
    BitSet inCircles() {
        return inCircles.get(0, module.functionCount());
    }

    /**
     * Whether a tail call in a circle may reach a function that is not the module's own: one that
     * is imported, or that others put into a table.
     */
    boolean leavesModule() {
        boolean byReference = inCircles.length() > module.functionCount();
        return byReference
                && (sharesTable
                        || referenced.get(0, module.importedFunctions()).stream()
                                .anyMatch(each -> isTypeInCircle(type(each))));
    }

    /** Whether there may be references to a function. */
    boolean isReferenced(int function) {
        return referenced.get(function);
    }

    /** The number of a function's type, the same one for all equal types. */
    private int type(int function) {
        return same[module.functionTypeNumber(function)];
    }

    private void compareTypes() {
        Map<String, Integer> known = new HashMap<>();
        for (int i = 0; i < same.length; i++) {
            FunctionType type = module.type(i);
            StringBuilder key = new StringBuilder();
            append(key, type.parameters(), i);
            append(key.append(':'), type.results(), i);
            Integer first = known.putIfAbsent(key.toString(), i);
            same[i] = first == null ? i : first;
        }
    }

    private void append(StringBuilder key, int[] values, int own) {
        for (int value : values) {
            int code = value & 0xff;
            int heap = value >> 8;
            key.append((char) code);
            if (code == ValueTypes.REF || code == ValueTypes.REF_NULL) {
                key.append(heap >= 0 && heap < own ? same[heap] : heap == own ? -100 : heap);
                key.append(';');
            }
        }
    }

    private void findReferences() {
        for (Section section : module.sections()) {
            BinaryReader in = section.reader(module.wasm());
            switch (section.id()) {
                case Section.TABLE -> {
                    for (int left = in.count("tables", 2); left > 0; left--) {
                        if (ModuleIndex.skipTableType(in)) {
                            references(in);
                        }
                    }
                }
                case Section.GLOBAL -> {
                    for (int left = in.count("globals", 3); left > 0; left--) {
                        ValueTypes.skip(in);
                        in.u8();
                        references(in);
                    }
                }
                case Section.EXPORT -> {
                    for (int left = in.count("exports", 3); left > 0; left--) {
                        in.skipName();
                        int kind = in.u8();
                        int number = in.u32();
                        if (kind == 0) {
                            refer(number);
                        }
                        sharesTable |= kind == 1;
                    }
                }
                case Section.ELEMENT -> elements(in);
                default -> {
                    // makes no references
                }
            }
        }
    }

    private void elements(BinaryReader in) {
        for (int left = in.count("segments", 2); left > 0; left--) {
            boolean expressions = Elements.skipHead(in);
            for (int each = in.count("elements", 1); each > 0; each--) {
                if (expressions) {
                    references(in);
                } else {
                    refer(in.u32());
                }
            }
        }
    }

    /** Reads a constant expression, with its end. */
    private void references(BinaryReader in) {
        Instruction instruction;
        do {
            instruction = Instructions.read(in);
            if (instruction.code() == Instruction.REF_FUNC) {
                refer(in.u32());
            } else {
                instruction.skipImmediates(in);
            }
        } while (instruction.code() != Instruction.END);
    }

    private void refer(int function) {
        module.functionType(function);
        referenced.set(function);
    }

    private void walk(BitSet callers) {
        FunctionBodies.forEach(
                module,
                (function, body) -> {
                    if (callers.get(function)) {
                        edges.put(function, targets(body));
                    }
                });
    }

    /** To where a function's tail calls lead. */
    private int[] targets(BinaryReader in) {
        FunctionBodies.skipLocals(in);
        BitSet targets = new BitSet();
        while (in.hasMore()) {
            Instruction instruction = Instructions.read(in);
            switch (instruction.code()) {
                case Instruction.RETURN_CALL -> {
                    int function = in.u32();
                    module.functionType(function);
                    targets.set(function);
                }
                case Instruction.RETURN_CALL_INDIRECT -> {
                    targets.set(typeNode(in.u32()));
                    in.u32();
                }
                case Instruction.RETURN_CALL_REF -> targets.set(typeNode(in.u32()));
                default -> instruction.skipImmediates(in);
            }
        }
        return targets.stream().toArray();
    }

    private int typeNode(int type) {
        module.type(type);
        return module.functionCount() + same[type];
    }
}
