package org.wasix4j.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
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
 * And the archives of Java 17 keep nothing of how strings are put together: see {@link
 * ConcatMethods}.
 *
 * <p>For the start script, which has the jars on its class path for itself.
 */
public final class OldClasses {

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
        Path rewritten = jar.resolveSibling(jar.getFileName() + ".new");
        boolean any = false;
        try {
            try (JarFile in = new JarFile(jar.toFile());
                    OutputStream file = Files.newOutputStream(rewritten);
                    JarOutputStream out = new JarOutputStream(file)) {
                for (Enumeration<JarEntry> all = in.entries(); all.hasMoreElements(); ) {
                    JarEntry entry = all.nextElement();
                    byte[] bytes = in.getInputStream(entry).readAllBytes();
                    byte[] modern = entry.getName().endsWith(".class") ? modern(bytes) : bytes;
                    any |= modern != bytes;
                    JarEntry copy = new JarEntry(entry.getName());
                    copy.setTime(entry.getTime());
                    out.putNextEntry(copy);
                    out.write(modern);
                    out.closeEntry();
                }
            }
            if (any) {
                Files.move(rewritten, jar, StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            Files.deleteIfExists(rewritten);
        }
    }

    /** The same class in the form that starts fastest, or the same bytes when it has it. */
    private static byte[] modern(byte[] code) {
        boolean old = ByteBuffer.wrap(code).getShort(VERSION_AT) < Opcodes.V1_7;
        if (!old && !ConcatMethods.isNeededIn(code)) {
            return code;
        }
        ClassWriter writer =
                new ClassWriter(old ? ClassWriter.COMPUTE_FRAMES : ClassWriter.COMPUTE_MAXS);
        ClassVisitor change = old ? new NewVersion(writer) : new ConcatMethods(writer);
        new ClassReader(code).accept(change, old ? ClassReader.SKIP_FRAMES : 0);
        return writer.toByteArray();
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
