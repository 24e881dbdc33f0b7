package org.wasix4j.runtime;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A call of an exported function instead of {@code _start}; a module's {@code _initialize}, if it
 * has one, runs before. When the function returns, the process exits with 0.
 *
 * @param function the name of the export
 * @param arguments a word for each parameter: a whole number for {@code i32} and {@code i64},
 *     signed or unsigned and as {@code 0x...} if wanted, a decimal one for {@code f32} and {@code
 *     f64}
 * @param results receives the results of the function, one word for each value; called on the
 *     guest's thread
 */
public record Invocation(String function, List<String> arguments, Consumer<List<String>> results) {

    /**
     * Copies the list; nothing may be null.
     *
     * @param function the name of the export
     * @param arguments a word for each parameter: a whole number for {@code i32} and {@code i64},
     *     signed or unsigned and as {@code 0x...} if wanted, a decimal one for {@code f32} and
     *     {@code f64}
     * @param results receives the results of the function, one word for each value; called on the
     *     guest's thread
     */
    public Invocation {
        Objects.requireNonNull(function);
        arguments = List.copyOf(arguments);
        Objects.requireNonNull(results);
    }
}
