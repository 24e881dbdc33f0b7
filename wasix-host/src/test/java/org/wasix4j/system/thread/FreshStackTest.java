package org.wasix4j.system.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FreshStackTest {

    @Test
    void what_is_done_aside_has_a_stack_of_its_own() {
        assertThat(deep(0)).isNotSameAs(Thread.currentThread());
    }

    /** Calls aside where a stack is at its end. */
    private static Thread deep(int depth) {
        try {
            return deep(depth + 1);
        } catch (StackOverflowError e) {
            // some frames further up there is room to start a thread, and for little else
            if (depth % 200 != 0) {
                throw e;
            }
            return FreshStack.call(
                    () -> {
                        recurse(1000);
                        return Thread.currentThread();
                    });
        }
    }

    private static int recurse(int depth) {
        return depth == 0 ? 0 : 1 + recurse(depth - 1);
    }

    @Test
    void who_is_interrupted_meanwhile_gets_the_result_and_stays_interrupted() {
        Thread.currentThread().interrupt();
        assertThat(FreshStack.call(() -> 7)).isEqualTo(7);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void an_error_is_thrown_where_the_result_is_wanted() {
        assertThatThrownBy(
                        () ->
                                FreshStack.call(
                                        () -> {
                                            throw new OutOfMemoryError("none");
                                        }))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("none");
    }
}
