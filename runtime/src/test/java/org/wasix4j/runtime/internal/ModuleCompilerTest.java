package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/** What becomes of code that the JVM refuses. */
class ModuleCompilerTest {

    private static final int I64 = 0x7e;
    private static final int FUNCTIONS = 130;

    /**
     * Function n answers the exclusive or of so many constants, no two of which are the same in the
     * module, with what function n + 1 answers.
     */
    private static byte[] module(int constants) {
        BinaryWriter functions = new BinaryWriter().u32(FUNCTIONS);
        BinaryWriter exports = new BinaryWriter().u32(FUNCTIONS);
        BinaryWriter code = new BinaryWriter().u32(FUNCTIONS);
        for (int i = 0; i < FUNCTIONS; i++) {
            functions.u32(0);
            exports.name("f" + i).u8(0).u32(i);
            BinaryWriter body = new BinaryWriter().u32(0);
            if (i + 1 < FUNCTIONS) {
                body.u8(0x10).u32(i + 1);
            } else {
                body.u8(0x42).u8(0);
            }
            for (int k = 0; k < constants; k++) {
                body.u8(0x42).signed(constant(i, k)).u8(0x85);
            }
            code.sized(body.u8(0x0b));
        }
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, new BinaryWriter().u32(1).u8(0x60).u32(0).u32(1).u8(I64))
                .section(3, functions)
                .section(7, exports)
                .section(10, code)
                .toByteArray();
    }

    private static long constant(int function, int k) {
        return (function * 1_000L + k + 40_000) * 0x10001L;
    }

    private static long expected(int from, int constants) {
        long all = 0;
        for (int i = from; i < FUNCTIONS; i++) {
            for (int k = 0; k < constants; k++) {
                all ^= constant(i, k);
            }
        }
        return all;
    }

    private static ModuleCompiler compiler(byte[] wasm, UnaryOperator<byte[]> tuner) {
        FunctionSurvey survey = FunctionSurvey.of(wasm);
        return new ModuleCompiler(
                survey, new ModuleParts(wasm, survey), Set.of(), null, new Loading(0, null), tuner);
    }

    private static Instance instance(byte[] wasm, ModuleCompiler.Accepted accepted) {
        return Instance.builder(Parser.parse(wasm)).withMachineFactory(accepted.machines()).build();
    }

    @Test
    void functions_with_more_constants_than_a_class_can_have_get_more_classes() {
        byte[] wasm = module(300);
        FunctionSurvey survey = FunctionSurvey.of(wasm);

        ModuleCompiler.Accepted accepted =
                new ModuleCompiler(
                                survey,
                                new ModuleParts(wasm, survey),
                                new RewrittenModule(wasm, Map.of()),
                                null,
                                Set.of(),
                                null,
                                new Loading(0, null))
                        .accepted();

        assertThat(accepted.code().interpreted()).isEmpty();
        Instance instance = instance(wasm, accepted);
        assertThat(instance.export("f0").apply()).containsExactly(expected(0, 300));
        assertThat(instance.export("f100").apply()).containsExactly(expected(100, 300));
    }

    @Test
    void functions_that_the_verifier_refuses_are_interpreted_and_no_others() {
        byte[] wasm = module(3);
        Set<String> damaged = Set.of("func_7", "func_129");

        ModuleCompiler.Accepted accepted = compiler(wasm, code -> damage(code, damaged)).accepted();

        assertThat(accepted.code().interpreted()).containsExactlyInAnyOrder(7, 129);
        assertThat(instance(wasm, accepted).export("f0").apply()).containsExactly(expected(0, 3));
    }

    /** The class with another instruction for the exclusive or of some methods. */
    private static byte[] damage(byte[] code, Set<String> methods) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(code)
                .accept(
                        new ChangedMethods(
                                writer,
                                (out, access, name, descriptor) ->
                                        methods.contains(name) ? damaged(out) : out),
                        0);
        return writer.toByteArray();
    }

    private static MethodVisitor damaged(MethodVisitor out) {
        return new MethodVisitor(Opcodes.ASM9, out) {
            @Override
            public void visitInsn(int opcode) {
                super.visitInsn(opcode == Opcodes.LXOR ? Opcodes.DCMPL : opcode);
            }
        };
    }
}
