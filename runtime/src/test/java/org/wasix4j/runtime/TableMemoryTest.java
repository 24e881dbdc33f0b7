package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasix4j.policy.Limits;

/** Tables count against the memory limit, at their beginning and when they grow. */
@Timeout(120)
class TableMemoryTest {

    /** Entries take 12 bytes, so this is a memory page and five times 65536 entries. */
    private static final long LIMIT = 4L << 20;

    private static ExitStatus end(WasixModule module, long limit, String function)
            throws Exception {
        try (Guest guest =
                Guest.start(
                        module,
                        new byte[0],
                        settings ->
                                settings.withLimits(Limits.defaults().withMaxMemory(limit))
                                        .withInvocation(
                                                new Invocation(
                                                        function, List.of(), results -> {})))) {
            return guest.awaitEnd();
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_table_grows_as_far_as_the_limit_and_every_guest_begins_anew(Engine engine)
            throws Exception {
        WasixModule module = Guest.module("system/tables", engine);
        for (int run = 0; run < 2; run++) {
            assertThat(end(module, LIMIT, "grow").code()).isEqualTo(5);
        }
    }

    @Test
    void a_table_is_bounded_by_the_heap_where_there_is_no_limit() throws Exception {
        long entries = Math.min(Runtime.getRuntime().maxMemory() / 4 / 12, 10_000_000);
        ExitStatus status = end(Guest.module("system/tables", Engine.COMPILER), 0, "leap");
        // the table has one entry at its beginning, and grows by 16 times 65536
        assertThat(status.code()).isEqualTo((int) ((entries - 1) >> 20 << 4));
    }

    @Test
    void a_module_whose_tables_leave_no_room_is_refused_with_a_sentence() {
        WasixModule module = Guest.module("threads/tables", Engine.COMPILER);
        assertThatThrownBy(() -> end(module, 1 << 20, "most"))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining("starts with 100000 table entries")
                .hasMessageContaining("too little memory");
    }

    @Test
    void threads_are_refused_when_there_is_no_room_for_their_tables() throws Exception {
        // three tables of 1,200,000 bytes: that of the first thread, and two more
        WasixModule module = Guest.module("threads/tables", Engine.COMPILER);
        assertThat(end(module, LIMIT, "most").code()).isEqualTo(2);
    }

    @Test
    void the_table_of_a_thread_that_has_ended_is_given_back() throws Exception {
        WasixModule module = Guest.module("threads/tables", Engine.COMPILER);
        assertThat(end(module, LIMIT, "soon").code()).isEqualTo(50);
    }
}
