package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeTest {

    @Test
    void a_directory_is_granted_under_a_path_and_only_for_reading_when_it_says_so() {
        assertThat(Volume.parse("d:/x")).isEqualTo(new Volume(Path.of("d"), "/x", false));
        assertThat(Volume.parse("/a:b:/x:ro")).isEqualTo(new Volume(Path.of("/a:b"), "/x", true));
        assertThat(Volume.parse("d:/x:rw")).isEqualTo(new Volume(Path.of("d"), "/x", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "d", "d:", ":/x", "d:ro", ":ro", "d::ro"})
    void another_text_is_refused_by_its_name(String text) {
        assertThatThrownBy(() -> Volume.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not HOST:GUEST or HOST:GUEST:ro");
    }
}
