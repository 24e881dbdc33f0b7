package org.wasix4j.runtime.internal.lowering;

/**
 * {@code i8x16.swizzle}: bytes of the first operand, at the places that the second one names.
 * Without a branch: what is looked up is as a rule not to be predicted.
 */
final class Swizzle {

    static final VectorOperations.Operation OPERATION = Swizzle::lower;

    private Swizzle() {}

    private static void lower(LoweredValues function) {
        Vector places = function.pop(Shape.LONGS);
        Vector table = function.stack().topConstant();
        String name = table == null ? null : ConstantTable.name(table);
        if (table == null || name == null || !function.helpers().hasRoomFor(name)) {
            function.stack().push(places);
            lowerAny(function);
            return;
        }
        function.stack().popVector();
        int helper = function.helpers().function(name, "J:J", new ConstantTable(table));
        function.map(Shape.LONGS, part -> Value.call(helper, places.longPart(part)), places);
    }

    private static void lowerAny(LoweredValues function) {
        int helper = function.helpers().function("swizzle", "JJJ:J", Swizzle::body);
        Vector places = function.pop(Shape.LONGS);
        Vector bytes = function.pop(Shape.LONGS);
        function.gather(
                Shape.LONGS,
                part ->
                        Value.call(
                                helper,
                                bytes.longPart(0),
                                bytes.longPart(1),
                                places.longPart(part)),
                bytes,
                places);
    }

    private static Value body(Helpers.Scope scope) {
        Value low = scope.parameter(0);
        Value high = scope.parameter(1);
        Value places = scope.parameter(2);
        // in each byte by how many bits the wanted one is to be shifted; a shift takes six bits of
        // its count, and what the lower bytes leave above these does not matter
        Value counts = scope.let(places.and(SmallLanes.repeat(7, 8)).shl(3));
        Value fromLow = low;
        Value fromHigh = high;
        for (int at = 0; at < 64; at += 8) {
            Value count = scope.let(counts.shru(at));
            Value a = Value.of(Op.I64_SHR_U, low, count).and(0xff).shl(at);
            Value b = Value.of(Op.I64_SHR_U, high, count).and(0xff).shl(at);
            fromLow = scope.let(at == 0 ? a : fromLow.or(a));
            fromHigh = scope.let(at == 0 ? b : fromHigh.or(b));
        }
        Value upper = scope.let(bit(places, 3));
        return fromHigh.and(upper).or(fromLow.and(upper.not())).and(inside(places));
    }

    /** All bits of the bytes that have a bit. */
    static Value bit(Value bytes, int number) {
        return bytes.shru(number).and(SmallLanes.repeat(1, 8)).mul(0xff);
    }

    /** All bits of the bytes that are less than 16. */
    static Value inside(Value places) {
        Value beyond = places.and(SmallLanes.repeat(0x7f, 8)).add(SmallLanes.repeat(0x70, 8));
        return bit(beyond.or(places).not(), 7);
    }
}
