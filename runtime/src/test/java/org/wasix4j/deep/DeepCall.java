package org.wasix4j.deep;

import java.util.ArrayList;
import java.util.List;

/**
 * A host call with its arguments.
 *
 * @param arguments numbers, or the addresses of numbers in memory
 * @param loaded which arguments are such addresses, a bit each
 */
record DeepCall(HostFunction function, long[] arguments, int loaded) {

    /** An argument that is read from memory when the call is made. */
    record Loaded(int address) {}

    static Loaded at(int address) {
        return new Loaded(address);
    }

    /**
     * A call of the newer generation.
     *
     * @param arguments numbers, {@link Loaded}s, and pairs of pointer and length
     */
    static DeepCall of(String name, Object... arguments) {
        return of(HostFunction.named(name), arguments);
    }

    static DeepCall of(HostFunction function, Object... arguments) {
        List<Long> numbers = new ArrayList<>();
        int loaded = 0;
        for (Object argument : arguments) {
            if (argument instanceof Loaded from) {
                loaded |= 1 << numbers.size();
                numbers.add((long) from.address());
            } else if (argument instanceof long[] pair) {
                numbers.add(pair[0]);
                numbers.add(pair[1]);
            } else {
                numbers.add(((Number) argument).longValue());
            }
        }
        if (numbers.size() != function.parameters().length()) {
            throw new IllegalArgumentException(function + " takes " + function.parameters());
        }
        long[] array = new long[numbers.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] =
                    function.parameters().charAt(i) == 'i'
                            ? numbers.get(i).intValue()
                            : numbers.get(i);
        }
        return new DeepCall(function, array, loaded);
    }

    boolean isLoaded(int index) {
        return (loaded >> index & 1) != 0;
    }
}
