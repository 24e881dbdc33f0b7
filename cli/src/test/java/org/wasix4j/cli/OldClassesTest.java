package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OldClassesTest {

    @TempDir Path folder;

    private Path copyOfPicocli() throws Exception {
        URL source = CommandLine.class.getProtectionDomain().getCodeSource().getLocation();
        return Files.copy(Path.of(source.toURI()), folder.resolve("picocli.jar"));
    }

    @Test
    void every_class_of_the_rewritten_jar_is_of_a_version_with_stack_maps() throws Exception {
        Path jar = copyOfPicocli();
        OldClasses.rewrite(jar);
        try (JarFile rewritten = new JarFile(jar.toFile())) {
            List<JarEntry> classes =
                    rewritten.stream().filter(entry -> entry.getName().endsWith(".class")).toList();
            assertThat(classes).hasSizeGreaterThan(100);
            for (JarEntry entry : classes) {
                byte[] code = rewritten.getInputStream(entry).readAllBytes();
                assertThat(ByteBuffer.wrap(code).getShort(6))
                        .as(entry.getName())
                        .isGreaterThanOrEqualTo((short) 51);
            }
        }
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".new"));
    }

    @Test
    void the_rewritten_classes_verify_and_work() throws Exception {
        Path jar = copyOfPicocli();
        OldClasses.rewrite(jar);
        try (URLClassLoader loader =
                        new URLClassLoader(
                                new URL[] {jar.toUri().toURL()},
                                ClassLoader.getPlatformClassLoader());
                JarFile rewritten = new JarFile(jar.toFile())) {
            for (JarEntry entry : rewritten.stream().toList()) {
                String name = entry.getName();
                if (name.startsWith("picocli/") && name.endsWith(".class")) {
                    Class.forName(
                            name.substring(0, name.length() - 6).replace('/', '.'), true, loader);
                }
            }
        }
    }

    @Test
    void a_jar_without_old_classes_stays_as_it_is() throws Exception {
        Path jar = copyOfPicocli();
        OldClasses.rewrite(jar);
        byte[] once = Files.readAllBytes(jar);
        OldClasses.rewrite(jar);
        assertThat(Files.readAllBytes(jar)).isEqualTo(once);
    }
}
