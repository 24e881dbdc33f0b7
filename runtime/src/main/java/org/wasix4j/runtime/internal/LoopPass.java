package org.wasix4j.runtime.internal;

import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassTooLargeException;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodTooLargeException;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.MethodNode;

/**
 * The second pass of {@link CodeTuner}, over the methods whose loops have to be changed: {@link
 * LoopHeads} and {@link LoopStrips}.
 */
final class LoopPass {

    private LoopPass() {}

    /**
     * Changes the loops in some methods of a class.
     *
     * @param methods the names of those that may have a loop for which there is something to do
     * @param helpers the methods of functions that the rewriter appended
     * @return the same class when there is none, or when the code would become too large
     */
    static byte[] over(byte[] code, Set<String> methods, Set<String> helpers) {
        ClassReader reader = new ClassReader(code);
        // with the reader it copies the other methods as they are
        ClassWriter writer = new ClassWriter(reader, 0);
        boolean[] changed = new boolean[1];
        reader.accept(
                new ChangedMethods(
                        writer,
                        (out, access, name, descriptor) ->
                                methods.contains(name)
                                        ? new MethodNode(
                                                Opcodes.ASM9,
                                                access,
                                                name,
                                                descriptor,
                                                null,
                                                null) {
                                            @Override
                                            public void visitEnd() {
                                                changed[0] |= LoopHeads.change(this);
                                                changed[0] |= LoopStrips.change(this, helpers);
                                                accept(out);
                                            }
                                        }
                                        : out),
                ClassReader.EXPAND_FRAMES);
        if (!changed[0]) {
            return code;
        }
        try {
            return writer.toByteArray();
        } catch (MethodTooLargeException | ClassTooLargeException e) {
            return code;
        }
    }
}
