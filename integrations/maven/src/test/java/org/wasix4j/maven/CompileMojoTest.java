package org.wasix4j.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.apache.maven.plugin.MojoExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.testmodules.TestModule;

/** The goal {@code compile}; a build of Maven's own with both goals is in examples/consumer. */
class CompileMojoTest {

    @TempDir Path folder;
    private final CompileMojo mojo = new CompileMojo();
    private Path wasm;
    private Path classes;

    @BeforeEach
    void configure() throws Exception {
        wasm = Files.createDirectory(folder.resolve("wasm"));
        classes = folder.resolve("classes");
        mojo.directory = wasm.toFile();
        mojo.outputDirectory = classes.toFile();
    }

    @Test
    void all_modules_of_the_folder_are_compiled_once_and_loaded_from_the_class_path()
            throws Exception {
        Path module =
                Files.write(wasm.resolve("server.wasm"), TestModule.named("http-hello").bytes());
        mojo.execute();
        Path image = classes.resolve("META-INF/wasix4j/server.module");
        try (URLClassLoader loader =
                new URLClassLoader(
                        new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            assertThat(WasixModule.packed(loader, "server").name()).isEqualTo("server");
        }
        FileTime before = Files.getLastModifiedTime(image);
        mojo.execute();
        assertThat(Files.getLastModifiedTime(image)).isEqualTo(before);
        Files.setLastModifiedTime(module, FileTime.fromMillis(before.toMillis() + 60_000));
        Files.setLastModifiedTime(image, FileTime.fromMillis(before.toMillis() - 60_000));
        mojo.execute();
        assertThat(Files.getLastModifiedTime(image).toMillis())
                .isGreaterThanOrEqualTo(before.toMillis());
    }

    @Test
    void a_file_that_is_no_module_and_a_folder_without_any_fail_the_build() throws Exception {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessageContaining("has no file *.wasm");
        mojo.modules = List.of(Files.writeString(wasm.resolve("bad.wasm"), "text").toFile());
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessageContaining("bad");
    }
}
