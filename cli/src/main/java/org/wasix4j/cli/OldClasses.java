package org.wasix4j.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/**
 * Gives the classes of a jar the form that starts fastest. The JVM's archives of classes do not
 * take those of Java 5, because they have no stack maps and must be verified the old way: at each
 * start of the command they would be parsed and verified again. So they become classes of Java 11.
 * And the archives of Java 17 keep nothing of how strings are put together and not enough of lambda
 * expressions: see {@link ConcatMethods} and {@link LambdaClasses}.
 *
 * <p>For the start script, which has the jars on its class path for itself.
 */
public final class OldClasses {

    private static final String CLASS = ".class";
    private static final int VERSION_AT = 6;

    private OldClasses() {}

    /**
     * Rewrites jars in place.
     *
     * @param arguments the jars, which have to be on the class path as well
     */
    public static void main(String[] arguments) throws IOException {
        for (String argument : arguments) {
            rewrite(Path.of(argument));
        }
    }

    /**
     * Rewrites a jar when it has old classes; a process that reads it meanwhile keeps the old jar.
     */
    static void rewrite(Path jar) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        Map<String, FileTime> times = new HashMap<>();
        Map<String, byte[]> changed = new LinkedHashMap<>();
        List<LambdaClasses.Made> made = new ArrayList<>();
        try (JarFile in = new JarFile(jar.toFile())) {
            for (Enumeration<JarEntry> all = in.entries(); all.hasMoreElements(); ) {
                JarEntry entry = all.nextElement();
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                files.put(entry.getName(), bytes);
                times.put(entry.getName(), entry.getLastModifiedTime());
                if (isPlainClass(entry.getName())) {
                    byte[] modern = modern(bytes, made);
                    if (modern != bytes) {
                        changed.put(entry.getName(), modern);
                    }
                }
            }
        }
        if (changed.isEmpty()) {
            return;
        }
        files.putAll(changed);
        enter(made, files);
        for (LambdaClasses.Made each : made) {
            files.put(each.name() + CLASS, each.code());
            times.put(each.name() + CLASS, times.get(each.nest() + CLASS));
        }
        write(jar, files, times);
    }

    /** Whether a file is a class that any JVM loads, with neither a module nor a later version. */
    private static boolean isPlainClass(String file) {
        return file.endsWith(CLASS)
                && !file.startsWith("META-INF/")
                && !file.equals("module-info.class");
    }

    private static void write(Path jar, Map<String, byte[]> files, Map<String, FileTime> times)
            throws IOException {
        Path rewritten = jar.resolveSibling(jar.getFileName() + ".new");
        try {
            try (OutputStream file = Files.newOutputStream(rewritten);
                    JarOutputStream out = new JarOutputStream(file)) {
                for (Map.Entry<String, byte[]> each : files.entrySet()) {
                    JarEntry copy = new JarEntry(each.getKey());
                    copy.setTime(Objects.requireNonNull(times.get(each.getKey())).toMillis());
                    out.putNextEntry(copy);
                    out.write(each.getValue());
                    out.closeEntry();
                }
            }
            Files.move(rewritten, jar, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(rewritten);
        }
    }

    /** Enters classes that were made into the nests to which they belong. */
    private static void enter(List<LambdaClasses.Made> made, Map<String, byte[]> files) {
        Map<String, List<String>> nests = new LinkedHashMap<>();
        for (LambdaClasses.Made each : made) {
            nests.computeIfAbsent(each.nest(), nest -> new ArrayList<>()).add(each.name());
        }
        nests.forEach(
                (nest, members) ->
                        files.compute(nest + CLASS, (file, code) -> withMembers(code, members)));
    }

    private static byte[] withMembers(byte[] code, List<String> members) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(code)
                .accept(
                        new ClassVisitor(Opcodes.ASM9, writer) {
                            @Override
                            public void visitEnd() {
                                members.forEach(this::visitNestMember);
                                super.visitEnd();
                            }
                        },
                        0);
        return writer.toByteArray();
    }

    /**
     * The same class in the form that starts fastest, or the same bytes when it has it.
     *
     * @param made gets the classes that it needs beside it
     */
    private static byte[] modern(byte[] code, List<LambdaClasses.Made> made) {
        if (ByteBuffer.wrap(code).getShort(VERSION_AT) < Opcodes.V1_7) {
            ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
            new ClassReader(code).accept(new NewVersion(writer), ClassReader.SKIP_FRAMES);
            return writer.toByteArray();
        }
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        LambdaClasses lambdas = new LambdaClasses(writer, code);
        boolean concatenates = ConcatMethods.isNeededIn(code);
        new ClassReader(code).accept(concatenates ? new ConcatMethods(lambdas) : lambdas, 0);
        made.addAll(lambdas.made());
        return concatenates || !lambdas.made().isEmpty() ? writer.toByteArray() : code;
    }

    /** Makes a class one of Java 11. */
    private static final class NewVersion extends ClassVisitor {

        NewVersion(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visit(
                int version,
                int access,
                String name,
                String signature,
                String superName,
                String[] interfaces) {
            super.visit(Opcodes.V11, access, name, signature, superName, interfaces);
        }
    }
}
