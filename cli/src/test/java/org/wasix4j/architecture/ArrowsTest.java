package org.wasix4j.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which room of the house may know which: the arrows of docs/ARCHITECTURE.md. */
@AnalyzeClasses(packages = "org.wasix4j", importOptions = ArrowsTest.NoTests.class)
class ArrowsTest {

    private static final String ROOT = "org.wasix4j";

    /** Neither the tests of this module nor those of another, in whose jar they can be. */
    static final class NoTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return Predefined.DO_NOT_INCLUDE_TESTS.includes(location)
                    && !location.contains("-tests.jar");
        }
    }

    @ArchTest
    static final ArchRule each_room_knows_only_the_rooms_below_it =
            layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .withOptionalLayers(true)
                    .layer("cli")
                    .definedBy(ROOT + ".cli..")
                    .layer("runtime")
                    .definedBy(ROOT + ".runtime")
                    .layer("runtime.internal")
                    .definedBy(ROOT + ".runtime.internal..")
                    .layer("WasixHost")
                    .definedBy(ROOT)
                    .layer("host")
                    .definedBy(ROOT + ".host..")
                    .layer("trace")
                    .definedBy(ROOT + ".trace..")
                    .layer("jfr")
                    .definedBy(ROOT + ".jfr..")
                    .layer("abi")
                    .definedBy(ROOT + ".abi..")
                    .layer("system")
                    .definedBy(ROOT + ".system..")
                    .layer("policy")
                    .definedBy(ROOT + ".policy..")
                    .layer("types")
                    .definedBy(ROOT + ".types..")
                    .whereLayer("cli")
                    .mayOnlyAccessLayers("runtime", "policy", "trace", "types")
                    .whereLayer("runtime")
                    .mayOnlyAccessLayers(
                            "runtime.internal", "WasixHost", "policy", "trace", "types")
                    // what the engine room is given and answers are values of the embedding API
                    .whereLayer("runtime.internal")
                    .mayOnlyAccessLayers(
                            "runtime",
                            "WasixHost",
                            "host",
                            "abi",
                            "system",
                            "policy",
                            "trace",
                            "types")
                    .whereLayer("WasixHost")
                    .mayOnlyAccessLayers("host", "system", "trace", "types")
                    .whereLayer("host")
                    .mayOnlyAccessLayers("abi", "system", "policy", "trace", "jfr", "types")
                    .whereLayer("trace")
                    .mayOnlyAccessLayers("types")
                    .whereLayer("jfr")
                    .mayOnlyAccessLayers("types")
                    .whereLayer("abi")
                    .mayOnlyAccessLayers("types")
                    .whereLayer("system")
                    .mayOnlyAccessLayers("policy", "jfr", "types")
                    .whereLayer("policy")
                    .mayOnlyAccessLayers("types")
                    .whereLayer("types")
                    .mayNotAccessAnyLayer()
                    .ignoreDependency(resideInAPackage("org.wasix4j.testmodules.."), alwaysTrue());

    @ArchTest
    static final ArchRule only_the_rooms_at_the_engine_name_its_types =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            ROOT, ROOT + ".abi..", ROOT + ".host..", ROOT + ".runtime.internal..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.dylibso.chicory..");

    @ArchTest
    static final ArchRule the_rewriter_of_modules_knows_bytes_alone =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + ".runtime.internal.lowering..")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages(ROOT + ".runtime.internal.lowering..", "java..");

    @ArchTest
    static final ArchRule only_the_command_touches_the_jvm_around_it =
            noClasses()
                    .that(resideInAnyPackage(ROOT + ".."))
                    .and()
                    .resideOutsideOfPackage(ROOT + ".cli..")
                    .should()
                    .callMethod(System.class, "exit", int.class)
                    .orShould()
                    .callMethod(Runtime.class, "exit", int.class)
                    .orShould()
                    .callMethod(Runtime.class, "halt", int.class)
                    .orShould()
                    .callMethod(Runtime.class, "addShutdownHook", Thread.class)
                    .orShould()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("sun.misc.Signal");
}
