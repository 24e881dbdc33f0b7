package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasix4j.host.Signatures;
import org.wasix4j.runtime.ModuleReport;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.testmodules.TestModule;

class ModuleInspectorTest {

    @Test
    void the_functions_that_ask_the_policy_are_functions_of_wasix() {
        Signatures signatures = Signatures.load();
        assertThat(ModuleInspector.QUESTIONS.keySet())
                .allSatisfy(name -> assertThat(signatures.find("wasix_32v1", name)).isNotEmpty());
    }

    @Test
    void an_accept_asks_the_policy_when_it_is_one_of_wasix() {
        List<ModuleReport.ImportedFunction> imports =
                WasixModule.inspect("x", TestModule.named("first-generation/echo-server").bytes())
                        .imports();
        assertThat(imports)
                .filteredOn(each -> each.name().startsWith("sock_accept"))
                .isNotEmpty()
                .allSatisfy(
                        each ->
                                assertThat(each.asks() != null)
                                        .isEqualTo(each.module().equals("wasix_32v1")));
    }
}
