package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.WasixModule;

class CompilerPriorityTest {

    @Test
    void the_jvm_takes_the_order_and_knows_it_by_the_classes_that_compile() throws Exception {
        assertThat(CompilerPriority.give()).contains("1 compiler directives added");

        try {
            assertThat(command("compilerDirectivesPrint"))
                    .contains("org/objectweb/asm/", "org/wasix4j/runtime/internal/CodeTuner")
                    .doesNotContain("GuestCode");
        } finally {
            command("compilerDirectivesRemove");
        }
    }

    @Test
    void each_class_of_ours_that_it_names_is_there() {
        assertThat(CompilerPriority.CLASSES)
                .filteredOn(name -> name.startsWith("org/wasix4j/") && !name.endsWith("/*"))
                .isNotEmpty()
                .allSatisfy(
                        name ->
                                assertThat(
                                                WasixModule.class.getResource(
                                                        "/" + name.replace("*", ".class")))
                                        .isNotNull());
    }

    private static String command(String name) throws Exception {
        return String.valueOf(
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                name,
                                new Object[0],
                                new String[0]));
    }
}
