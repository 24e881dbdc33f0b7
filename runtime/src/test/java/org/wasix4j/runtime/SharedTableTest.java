package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries of the table that all modules and threads of a process share, when they change. */
@Timeout(120)
class SharedTableTest {

    private static ExitStatus end(Engine engine, String function) throws Exception {
        try (Guest guest =
                Guest.start(
                        Guest.module("libraries/entries", engine),
                        new byte[0],
                        settings ->
                                settings.withInvocation(
                                        new Invocation(function, List.of(), results -> {})))) {
            return guest.awaitEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"written", "grown", "shared"})
    void an_entry_that_was_called_often_can_be_replaced(String function) throws Exception {
        for (Engine engine : Engine.values()) {
            assertThat(end(engine, function).code()).as(engine.name()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "emptied, uninitialized element 1",
        "retyped, indirect call type mismatch",
        "mistyped, indirect call type mismatch",
        "beyond, undefined element",
        "negative, undefined element"
    })
    void a_call_that_must_trap_does_after_thousands_that_must_not(String function, String reason)
            throws Exception {
        for (Engine engine : Engine.values()) {
            assertThat(end(engine, function).toString()).as(engine.name()).contains(reason);
        }
    }
}
