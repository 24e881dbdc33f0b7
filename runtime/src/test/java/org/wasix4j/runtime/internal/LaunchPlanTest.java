package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaunchPlanTest {

    @Test
    void a_plan_does_not_change_when_another_is_made_of_it() {
        List<String> words = new ArrayList<>(List.of("word"));
        LaunchPlan first =
                LaunchPlan.defaults()
                        .withProgramName("name")
                        .withArguments(words)
                        .withEnvironment("A", "1");
        words.add("later");
        LaunchPlan second =
                first.withArguments(List.of()).withEnvironment("B", "2").withProgramName("other");
        assertThat(first.arguments()).containsExactly("name", "word");
        assertThat(first.environment()).containsOnlyKeys("A");
        assertThat(second.arguments()).containsExactly("other");
        assertThat(second.environment())
                .containsExactly(java.util.Map.entry("A", "1"), java.util.Map.entry("B", "2"));
        assertThat(LaunchPlan.defaults().environment()).isEmpty();
    }
}
