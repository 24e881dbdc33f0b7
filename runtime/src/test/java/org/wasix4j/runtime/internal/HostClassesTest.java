package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HostClassesTest {

    /** Initialised when they are needed, as they ask the host for something. */
    private static final Set<String> LAZY =
            Set.of(
                    "org.wasix4j.jfr.FlightEvents$Types",
                    "org.wasix4j.system.net.HostNetwork$SupportsInet6",
                    "org.wasix4j.system.stdio.InputPump$Host");

    /** Classes of the runtime that load modules; guests do not call them. */
    private static final Set<String> LOADING =
            Set.of(
                    "ClassCollection",
                    "CodeFolder",
                    "CodeTuner",
                    "LoopStrips",
                    "EngineCalls",
                    "EngineCompiler",
                    "EngineWarmUp",
                    "CallingCode",
                    "CrossingCode",
                    "ExecutionWays",
                    "FunctionNumbers",
                    "GlobalAccesses",
                    "GlobalCode",
                    "HelperCalls",
                    "InheritedStreams",
                    "InstanceCalls",
                    "InterpreterCode",
                    "LateCode",
                    "LazyCode",
                    "LazyLoader",
                    "LazyModule",
                    "ModuleImage",
                    "ModuleInspector",
                    "ModuleParts",
                    "PackedModule",
                    "StrippedModule",
                    "TargetCode");

    @Test
    void every_class_of_the_host_with_a_static_initialiser_is_listed() throws Exception {
        List<String> initialised =
                new ClassFileImporter()
                                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                                .importPackages(
                                        "org.wasix4j.types",
                                        "org.wasix4j.policy",
                                        "org.wasix4j.abi",
                                        "org.wasix4j.system",
                                        "org.wasix4j.host",
                                        "org.wasix4j.trace",
                                        "org.wasix4j.jfr",
                                        "org.wasix4j.runtime.internal",
                                        "com.dylibso.chicory.runtime")
                                .stream()
                                .filter(type -> type.getStaticInitializer().isPresent())
                                .map(JavaClass::getName)
                                .filter(name -> !LAZY.contains(name) && !isOfLoading(name))
                                .sorted()
                                .toList();
        Stream<String> listed =
                Stream.of(HostClasses.names())
                        .filter(
                                name ->
                                        initialised.contains(name)
                                                || !HostClasses.isSwitchTable(name));
        assertThat(listed)
                .as("put this into InitialisedClasses:\n" + String.join("\n", initialised))
                .containsExactlyElementsOf(initialised);
    }

    /** Done with before there is a guest; or a test. */
    private static boolean isOfLoading(String name) {
        return name.startsWith("org.wasix4j.runtime.internal.lowering.")
                || LOADING.contains(name.substring(name.lastIndexOf('.') + 1).split("\\$")[0])
                || name.endsWith("Test");
    }

    @Test
    void all_of_them_can_be_initialised() {
        HostClasses.initialise();
    }
}
