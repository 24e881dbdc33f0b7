package org.wasix4j.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/** From numbers, which a guest may have made up, to values. */
class NumbersTest {

    private static <E extends Enum<E>> void requireOnly(
            E[] values, ToIntFunction<E> code, IntFunction<E> of) {
        for (E value : values) {
            assertThat(of.apply(code.applyAsInt(value))).isEqualTo(value);
        }
        for (int none : new int[] {-1, values.length, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThat(of.apply(none)).as("%d", none).isNull();
        }
    }

    @Test
    void a_number_that_stands_for_nothing_is_no_value() {
        requireOnly(AddressFamily.values(), AddressFamily::code, AddressFamily::of);
        requireOnly(ClockId.values(), ClockId::code, ClockId::of);
        requireOnly(SockOption.values(), SockOption::code, SockOption::of);
        requireOnly(SockType.values(), SockType::code, SockType::of);
    }

    @Test
    void the_host_itself_gives_no_errno_that_does_not_exist() {
        for (int none : new int[] {-1, Errno.values().length}) {
            assertThatThrownBy(() -> Errno.of(none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("" + none);
        }
    }

    @Test
    void an_errno_is_reported_by_the_name_that_the_witx_gives_it() {
        assertThat(Errno.E2BIG).hasToString("2big");
        assertThat(Errno.E2BIG.exception().errno()).isEqualTo(Errno.E2BIG);
        assertThat(Errno.E2BIG.exception()).hasMessage("2big");
        assertThat(Errno.E2BIG.exception().getStackTrace()).isEmpty();
    }
}
