package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class OwnJvmTest {

    @Test
    @EnabledOnOs(OS.LINUX)
    void the_selectors_are_those_that_the_jdk_would_have_found() {
        assertThat(SelectorProvider.provider().getClass().getName()).isEqualTo(OwnJvm.EPOLL);
    }

    @Test
    void options_of_a_user_may_bring_hooks() {
        assertThat(OwnJvm.hasOptions(Map.of("PATH", "/bin", "JAVA_TOOL_OPTIONS", " "))).isFalse();
        assertThat(OwnJvm.hasOptions(Map.of("JAVA_TOOL_OPTIONS", "-javaagent:a.jar"))).isTrue();
        assertThat(OwnJvm.hasOptions(Map.of("WASIX_RUN_JAVA_OPTS", "-Xmx1g"))).isTrue();
    }

    @Test
    void guest_code_knows_that_it_is_alone() throws ReflectiveOperationException {
        OwnJvm.settle();

        Class<?> copies = Class.forName("org.wasix4j.runtime.internal.AccessCopies");
        assertThat(System.getProperty((String) copies.getField("ALONE_PROPERTY").get(null)))
                .isEqualTo("true");
    }
}
