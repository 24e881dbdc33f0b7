package org.wasix4j.runtime.internal.lowering;

/**
 * {@code i8x16.swizzle}: bytes of the first operand, at the places that the second one names.
 * Without a branch: what is looked up is as a rule not to be predicted.
 */
final class Swizzle {

    static final VectorOperations.Operation OPERATION = Swizzle::lower;

    private Swizzle() {}

    private static void lower(LoweredValues function) {
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
        Value fromLow = null;
        Value fromHigh = null;
        for (int at = 0; at < 64; at += 8) {
            Value count = scope.let(counts.shru(at));
            Value a = Value.of(Op.I64_SHR_U, low, count).and(0xff).shl(at);
            Value b = Value.of(Op.I64_SHR_U, high, count).and(0xff).shl(at);
            fromLow = scope.let(fromLow == null ? a : fromLow.or(a));
            fromHigh = scope.let(fromHigh == null ? b : fromHigh.or(b));
        }
        // bytes whose place is 8 or more, and those whose place is 16 or more
        Value upper = scope.let(places.shru(3).and(SmallLanes.repeat(1, 8)).mul(0xff));
        Value rest = scope.let(places.and(SmallLanes.repeat(0xf0, 8)));
        Value some =
                scope.let(
                        rest.shru(4)
                                .add(SmallLanes.repeat(0x0f, 8))
                                .shru(4)
                                .and(SmallLanes.repeat(1, 8)));
        Value none = some.mul(0xff);
        return fromHigh.and(upper).or(fromLow.and(upper.not())).and(none.not());
    }
}
