package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import java.lang.reflect.Method;
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
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
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

    private Path copyOf(Class<?> type) throws Exception {
        URL source = type.getProtectionDomain().getCodeSource().getLocation();
        return Files.copy(Path.of(source.toURI()), folder.resolve("copy.jar"));
    }

    @Test
    void the_engines_classes_put_strings_together_by_themselves_and_verify() throws Exception {
        Path jar = copyOf(Instance.class);
        URL wasm = WasmModule.class.getProtectionDomain().getCodeSource().getLocation();
        OldClasses.rewrite(jar);
        try (URLClassLoader loader =
                        new URLClassLoader(
                                new URL[] {jar.toUri().toURL(), wasm},
                                ClassLoader.getPlatformClassLoader());
                JarFile rewritten = new JarFile(jar.toFile())) {
            int classes = 0;
            for (JarEntry entry : rewritten.stream().toList()) {
                String name = entry.getName();
                if (name.startsWith("com/") && name.endsWith(".class")) {
                    byte[] code = rewritten.getInputStream(entry).readAllBytes();
                    assertThat(ConcatMethods.isNeededIn(code)).as(name).isFalse();
                    Class.forName(
                            name.substring(0, name.length() - 6).replace('/', '.'), true, loader);
                    classes++;
                }
            }
            assertThat(classes).isGreaterThan(50);
        }
    }

    /** Strings of every kind of value; compiled here with the JVM's own concatenation, or not. */
    @Test
    void a_string_of_every_kind_of_value_stays_the_same() throws Exception {
        String recipe = "\u0001 a\u0001\u0001;\u0001\u0001\u0001\u0001\u0001\uffff\u0002\u0001";
        String type = "(ZCBSIJFDLjava/lang/String;)Ljava/lang/String;";
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        writer.visit(Opcodes.V11, Opcodes.ACC_PUBLIC, "Concat", null, "java/lang/Object", null);
        MethodVisitor method =
                writer.visitMethod(
                        Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, "concat", type, null, null);
        int local = 0;
        for (Type each : Type.getArgumentTypes(type)) {
            method.visitVarInsn(each.getOpcode(Opcodes.ILOAD), local);
            local += each.getSize();
        }
        method.visitInvokeDynamicInsn(
                "makeConcatWithConstants",
                type,
                new Handle(
                        Opcodes.H_INVOKESTATIC,
                        "java/lang/invoke/StringConcatFactory",
                        "makeConcatWithConstants",
                        "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;"
                                + "Ljava/lang/invoke/MethodType;Ljava/lang/String;"
                                + "[Ljava/lang/Object;)Ljava/lang/invoke/CallSite;",
                        false),
                recipe,
                "constant");
        method.visitInsn(Opcodes.ARETURN);
        method.visitMaxs(0, 0);
        method.visitEnd();
        writer.visitEnd();
        byte[] code = writer.toByteArray();
        ClassWriter changed = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        new ClassReader(code).accept(new ConcatMethods(changed), 0);

        assertThat(ConcatMethods.isNeededIn(code)).isTrue();
        assertThat(ConcatMethods.isNeededIn(changed.toByteArray())).isFalse();
        assertThat(concat(changed.toByteArray())).isEqualTo(concat(code));
    }

    private static Object concat(byte[] code) throws Exception {
        ClassLoader loader =
                new ClassLoader() {
                    @Override
                    protected Class<?> findClass(String name) {
                        return defineClass(name, code, 0, code.length);
                    }
                };
        for (Method each : loader.loadClass("Concat").getMethods()) {
            if (each.getName().equals("concat")) {
                return each.invoke(
                        null, true, 'c', (byte) -1, (short) 2, 3, 4L, 5.5f, Double.NaN, null);
            }
        }
        throw new AssertionError("no method");
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
