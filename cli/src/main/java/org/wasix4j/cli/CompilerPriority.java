package org.wasix4j.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Keeps C2, the JVM's slower compiler, away from the code that compiles modules. That code runs for
 * seconds, once; with C2 half of the processor's time would go into compiling it. Its other
 * compiler, C1, is enough. What the guest runs is compiled by both, as before.
 *
 * <p>The start script gives this order by an option ({@code compile-commands}), which costs nothing
 * and holds from the first moment. In a JVM that was started otherwise it is given by the
 * management interface, when there is much to compile.
 */
final class CompilerPriority {

    /** It takes 130 ms of processor time to give the order; a smaller module is compiled sooner. */
    private static final int WORTH_IT = 300_000;

    /**
     * C1 cannot compile the engine's largest method, which validates functions, so without C2 it is
     * interpreted. That costs more than its compilation when there is so much to validate.
     */
    private static final int MUCH_TO_VALIDATE = 8_000_000;

    /** Set by the start script when the JVM has the order from it. */
    static final String GIVEN_BY_SCRIPT = "wasix4j.compileCommands";

    private static final String VALIDATOR = "com/dylibso/chicory/wasm/Validator.validateFunction";

    private static final String OURS = "org/wasix4j/runtime/internal/";

    /** Classes that hardly anything but a compilation uses. */
    static final List<String> CLASSES =
            List.of(
                    "org/objectweb/asm/*",
                    "jdk/internal/org/objectweb/asm/*",
                    "com/dylibso/chicory/compiler/*",
                    "com/dylibso/chicory/wasm/*",
                    // the engine makes one for each call that it compiles
                    "java/lang/invoke/MethodType*",
                    "sun/invoke/util/BytecodeDescriptor",
                    OURS + "lowering/*",
                    OURS + "ChangedMethods*",
                    OURS + "CallingCode*",
                    OURS + "ClassCollection*",
                    OURS + "CodeTuner*",
                    OURS + "CompilableModule*",
                    OURS + "CrossingCode*",
                    OURS + "DividedDispatch*",
                    OURS + "EngineCalls*",
                    OURS + "EngineCompiler*",
                    OURS + "EngineVersion*",
                    OURS + "FrameModule*",
                    OURS + "FunctionNumbers*",
                    OURS + "GlobalAccesses*",
                    OURS + "GlobalCode*",
                    OURS + "GroupCompiler*",
                    OURS + "GroupModule*",
                    OURS + "HelperCalls*",
                    OURS + "HoldingVisitor*",
                    OURS + "IndirectCalls*",
                    OURS + "InstanceCalls*",
                    OURS + "InterpreterCode*",
                    OURS + "InterruptPoints*",
                    OURS + "LateCode*",
                    OURS + "LazyCode*",
                    OURS + "LazyModule*",
                    OURS + "LoopHeads*",
                    OURS + "LoopPass*",
                    OURS + "LoopStrips*",
                    OURS + "ModuleCompiler*",
                    OURS + "ModuleImage*",
                    OURS + "ModuleParts*",
                    OURS + "PassedValues*",
                    OURS + "StrippedModule*",
                    OURS + "TargetCode*",
                    OURS + "TransferCode*");

    private static final AtomicBoolean GIVEN = new AtomicBoolean();

    private CompilerPriority() {}

    /**
     * A compilation begins; to be called before any guest runs, for which the file with the order
     * could be in reach.
     *
     * @param size of the module, in bytes
     */
    static void lower(int size) {
        int least = isGivenByScript() ? MUCH_TO_VALIDATE : WORTH_IT;
        if (size >= least && GIVEN.compareAndSet(false, true)) {
            Thread thread = new Thread(() -> order(size), "wasix-compiler-priority");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static boolean isGivenByScript() {
        return System.getProperty(GIVEN_BY_SCRIPT) != null;
    }

    private static void order(int size) {
        try {
            give(size);
        } catch (IOException | JMException | RuntimeException | LinkageError e) {
            // then the compilation takes longer
        }
    }

    /** Gives the order for a module of a size, in bytes; answers what the JVM says to it. */
    static String give(int size) throws IOException, JMException {
        String patterns =
                CLASSES.stream().map(name -> '"' + name + ".*\"").collect(Collectors.joining(", "));
        // of several orders for a method the first one counts; the script's limits the nodes
        String validator =
                size < MUCH_TO_VALIDATE
                        ? ""
                        : "{ match: \""
                                + VALIDATOR
                                + "\", c2: { Exclude: false, MaxNodeLimit: 80000 } }";
        String others =
                isGivenByScript() ? "" : "{ match: [" + patterns + "], c2: { Exclude: true } }";
        String both = validator.isEmpty() || others.isEmpty() ? "" : ", ";
        Path file = Files.createTempFile("wasix-run", ".json");
        try {
            Files.writeString(
                    file, "[ " + validator + both + others + " ]", StandardCharsets.US_ASCII);
            return String.valueOf(
                    ManagementFactory.getPlatformMBeanServer()
                            .invoke(
                                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                    "compilerDirectivesAdd",
                                    new Object[] {new String[] {file.toString()}},
                                    new String[] {String[].class.getName()}));
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
