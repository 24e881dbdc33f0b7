package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ReadAheadBudgetTest {

    private final ReadAheadBudget budget = new ReadAheadBudget();

    @Test
    void bytes_are_given_to_the_last_and_not_one_more() {
        assertThat(budget.takeBytes(ReadAheadBudget.MAX_BYTES - 1)).isTrue();
        assertThat(budget.takeBytes(2)).isFalse();
        assertThat(budget.bytes()).isEqualTo(ReadAheadBudget.MAX_BYTES - 1);
        assertThat(budget.takeBytes(1)).isTrue();
        assertThat(budget.takeBytes(1)).isFalse();
        budget.giveBytes(ReadAheadBudget.MAX_BYTES);
        assertThat(budget.bytes()).isZero();
    }

    @Test
    void it_is_tight_when_more_than_half_is_taken() {
        assertThat(budget.isTight()).isFalse();
        budget.takeBytes(ReadAheadBudget.MAX_BYTES / 2);
        assertThat(budget.isTight()).isFalse();
        budget.takeBytes(1);
        assertThat(budget.isTight()).isTrue();
    }

    @Test
    void small_buffers_are_kept_while_few_are_in_use() {
        ByteBuffer last = null;
        for (int i = 0; i < ReadAheadBudget.MAX_SMALL_KEPT; i++) {
            last = budget.takeSmall();
        }
        assertThat(budget.isSmallTight()).isFalse();
        ByteBuffer more = budget.takeSmall();
        assertThat(budget.isSmallTight()).isTrue();
        budget.giveSmall(Objects.requireNonNull(more));
        assertThat(budget.isSmallTight()).isFalse();
        budget.giveSmall(Objects.requireNonNull(last));
        assertThat(budget.takeSmall()).isNotNull();
        assertThat(budget.isSmallTight()).isFalse();
    }

    @Test
    void connections_are_counted_apart_from_bytes() {
        budget.takeBytes(ReadAheadBudget.MAX_BYTES);
        for (int i = 0; i < ReadAheadBudget.MAX_CONNECTIONS; i++) {
            assertThat(budget.takeConnection()).isTrue();
        }
        assertThat(budget.takeConnection()).isFalse();
        budget.giveConnections(1);
        assertThat(budget.connections()).isEqualTo(ReadAheadBudget.MAX_CONNECTIONS - 1);
        assertThat(budget.takeConnection()).isTrue();
    }
}
