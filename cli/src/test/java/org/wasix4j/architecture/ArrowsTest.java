package org.wasix4j.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.wasix4j.types.Nullable;

/** Which room of the house may know which: the arrows of docs/ARCHITECTURE.md. */
@AnalyzeClasses(packages = "org.wasix4j", importOptions = ArrowsTest.NoTests.class)
class ArrowsTest {

    private static final String ROOT = "org.wasix4j";
    private static final String SYSTEM = ROOT + ".system";

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
                    .mayOnlyAccessLayers("host", "system", "policy", "trace", "types")
                    .whereLayer("host")
                    .mayOnlyAccessLayers("abi", "system", "policy", "trace", "jfr", "types")
                    .whereLayer("trace")
                    .mayOnlyAccessLayers("policy", "types")
                    .whereLayer("jfr")
                    .mayOnlyAccessLayers("types")
                    .whereLayer("abi")
                    .mayOnlyAccessLayers("types")
                    .whereLayer("system")
                    .mayOnlyAccessLayers("policy", "trace", "jfr", "types")
                    .whereLayer("policy")
                    .mayOnlyAccessLayers("types")
                    .whereLayer("types")
                    .mayNotAccessAnyLayer()
                    .ignoreDependency(resideInAPackage("org.wasix4j.testmodules.."), alwaysTrue());

    /** Each package under {@code system} is one, and {@code system} itself is the one on top. */
    private static final SliceAssignment PACKAGES_OF_SYSTEM =
            new SliceAssignment() {
                @Override
                public SliceIdentifier getIdentifierOf(JavaClass type) {
                    String name = type.getPackageName();
                    return name.equals(SYSTEM) || name.startsWith(SYSTEM + ".")
                            ? SliceIdentifier.of(name)
                            : SliceIdentifier.ignore();
                }

                @Override
                public String getDescription() {
                    return "packages of system";
                }
            };

    @ArchTest
    static final ArchRule no_packages_of_system_know_each_other_in_a_circle =
            slices().assignedFrom(PACKAGES_OF_SYSTEM).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule the_packages_of_system_do_not_know_the_process =
            noClasses()
                    .that()
                    .resideInAPackage(SYSTEM + ".*..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(SYSTEM);

    /** What both use are values, which know nothing of the inside. */
    @ArchTest
    static final ArchRule the_inside_of_the_runtime_does_not_know_what_is_built_on_it =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + ".runtime.internal..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage(ROOT + ".runtime")
                                    .and(
                                            describe(
                                                    "depend on runtime.internal",
                                                    type ->
                                                            type
                                                                    .getDirectDependenciesFromSelf()
                                                                    .stream()
                                                                    .anyMatch(
                                                                            ArrowsTest
                                                                                    ::isInside))));

    private static boolean isInside(Dependency dependency) {
        return dependency.getTargetClass().getPackageName().startsWith(ROOT + ".runtime.internal");
    }

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
                    .dependOnClassesThat(
                            resideOutsideOfPackages(ROOT + ".runtime.internal.lowering..", "java..")
                                    .and(not(type(Nullable.class))));

    @ArchTest
    static final ArchRule only_the_command_touches_the_jvm_around_it =
            noClasses()
                    .that(resideInAnyPackage(ROOT + ".."))
                    .and()
                    .resideOutsideOfPackages(ROOT + ".cli..", ROOT + ".testmodules..")
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
