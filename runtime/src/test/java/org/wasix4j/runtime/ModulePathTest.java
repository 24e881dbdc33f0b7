package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The artifacts as modules, in JVMs of their own. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ModulePathTest {

    private static final String MODULE_INFO =
            "module example { requires org.wasix4j.runtime; exports example; }";

    private static final String MAIN =
            """
            package example;

            import java.nio.file.Path;
            import org.wasix4j.runtime.WasixModule;
            import org.wasix4j.runtime.WasixRuntime;
            import org.wasix4j.trace.SyscallTracer;
            import org.wasix4j.trace.TraceFamily;
            import org.wasix4j.trace.TraceFormat;

            public class Main {
                public static void main(String[] args) throws Exception {
                    WasixModule module = WasixModule.load(Path.of(args[0]));
                    WasixRuntime runtime =
                            WasixRuntime.builder()
                                    .inheritIO()
                                    .withTracer(
                                            new SyscallTracer(
                                                    TraceFormat.TEXT,
                                                    TraceFamily.all(),
                                                    line -> {}))
                                    .build();
                    System.out.println(runtime.start(module).waitFor().kind());
                    System.out.println(WasixRuntime.class.getModule().getName());
                    System.out.println(
                            ModuleLayer.boot().findModule("jdk.jfr").isPresent()
                                    ? "recorder"
                                    : "no recorder");
                }
            }
            """;

    @TempDir Path folder;

    private static String modulePath() {
        return ModulePath.of();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--limit-modules=example", "--add-modules=jdk.jfr"})
    void a_program_on_the_module_path_runs_a_guest_with_and_without_the_recorder(String modules)
            throws Exception {
        Path sources = Files.createDirectories(folder.resolve("src"));
        Path main = Files.writeString(sources.resolve("Main.java"), MAIN);
        Path info = Files.writeString(sources.resolve("module-info.java"), MODULE_INFO);
        Path classes = folder.resolve("classes");
        int code =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-p",
                                modulePath(),
                                "-d",
                                classes.toString(),
                                main.toString(),
                                info.toString());
        assertThat(code).isZero();
        String said =
                ModulePath.java(
                        folder,
                        "-p",
                        modulePath() + File.pathSeparator + classes,
                        modules,
                        "-m",
                        "example/example.Main",
                        Guests.file(folder, "hello").toString());
        assertThat(said)
                .contains(
                        "hello\nEXITED\norg.wasix4j.runtime\n"
                                + (modules.contains("jfr") ? "recorder" : "no recorder"));
    }
}
