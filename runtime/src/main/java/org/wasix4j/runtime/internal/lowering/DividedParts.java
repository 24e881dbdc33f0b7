package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The parts of functions that were divided, with the types and globals that they need. They come
 * behind the module's own, so that no number changes.
 */
final class DividedParts {

    private final int firstPart;
    private final int firstGlobal;
    private final Helpers helpers;

    /** The functions of which they are parts. */
    private final List<Integer> origins = new ArrayList<>();

    private final List<Integer> types = new ArrayList<>();
    private final List<BinaryWriter> bodies = new ArrayList<>();

    /** The globals by the type of what they hold. */
    private final Map<Integer, List<Integer>> globals = new HashMap<>();

    private final List<Integer> globalTypes = new ArrayList<>();

    DividedParts(ModuleIndex module) {
        firstPart = module.functionCount();
        firstGlobal = module.globalCount();
        helpers = new Helpers(module);
    }

    /** Whether there are no more than so many globals when the parts of a function are added. */
    boolean hasRoomFor(DividedFunction divided, int most) {
        Map<Integer, Integer> places = new HashMap<>();
        for (DividedFunction.Global each : divided.globals()) {
            places.merge(each.type(), each.place() + 1, Math::max);
        }
        int count = globalTypes.size();
        for (Map.Entry<Integer, Integer> each : places.entrySet()) {
            List<Integer> known = globals.get(each.getKey());
            count += Math.max(0, each.getValue() - (known == null ? 0 : known.size()));
        }
        return count <= most;
    }

    /** Gives the parts of a function and its globals their numbers; answers what is left of it. */
    BinaryWriter take(int function, DividedFunction divided) {
        int[] numbers = divided.globals().stream().mapToInt(this::number).toArray();
        int first = firstPart + bodies.size();
        for (OutlineWriter.Written part : divided.parts()) {
            bodies.add(part.body().close(own -> first + own, own -> numbers[own]));
            origins.add(function);
            types.add(helpers.type(part.type().parameters(), part.type().results()));
        }
        return divided.left().close(own -> first + own, own -> numbers[own]);
    }

    private int number(DividedFunction.Global global) {
        List<Integer> known = globals.computeIfAbsent(global.type(), type -> new ArrayList<>());
        while (known.size() <= global.place()) {
            known.add(firstGlobal + globalTypes.size());
            globalTypes.add(global.type());
        }
        return known.get(global.place());
    }

    boolean isEmpty() {
        return bodies.isEmpty();
    }

    /** By their order: the function that each is a part of. */
    List<Integer> origins() {
        return origins;
    }

    /** By their order: the number of the type of each. */
    List<Integer> types() {
        return types;
    }

    /** By their order: locals and code of each. */
    List<BinaryWriter> bodies() {
        return bodies;
    }

    /** The types that were appended for them, as they stand in a section. */
    List<byte[]> newTypes() {
        return helpers.types();
    }

    /** The types of the globals that were appended for them. */
    List<Integer> globalTypes() {
        return globalTypes;
    }
}
