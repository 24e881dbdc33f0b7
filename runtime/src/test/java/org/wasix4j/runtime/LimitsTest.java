package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.wasix4j.policy.Limits;

class LimitsTest {

    @Test
    void each_limit_is_changed_by_its_own_method_and_by_no_other() {
        Limits limits =
                Limits.defaults()
                        .withMaxMemory(1)
                        .withMaxDescriptors(3)
                        .withMaxSockets(4)
                        .withMaxThreads(5)
                        .withTimeout(Duration.ofSeconds(6));
        assertThat(limits.maxMemory()).isEqualTo(1);
        assertThat(limits.maxDescriptors()).isEqualTo(3);
        assertThat(limits.maxSockets()).isEqualTo(4);
        assertThat(limits.maxThreads()).isEqualTo(5);
        assertThat(limits.timeout()).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void a_runtime_has_room_for_the_standard_streams() {
        WasixRuntime.Builder builder = WasixRuntime.builder();
        assertThatThrownBy(() -> builder.withLimits(Limits.defaults().withMaxDescriptors(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the limit of descriptors is 2, the least is 3: the standard streams");
        builder.withLimits(Limits.defaults().withMaxDescriptors(3));
    }
}
