package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;

/** Indirect calls of modules that have many functions of a type. */
class DividedDispatchTest {

    private static final Loading NO_LIMIT = new Loading(0, null);

    /**
     * Function 0 calls what is in the table, with a long, a double and an int. Of the others, which
     * return their numbers and the int, all are in the table, and each third one has another type.
     */
    private static byte[] module(int count) {
        BinaryWriter types = new BinaryWriter().u32(3);
        types.u8(0x60).u32(3).u8(0x7e).u8(0x7c).u8(0x7f).u32(1).u8(0x7e);
        types.u8(0x60).u32(4).u8(0x7e).u8(0x7c).u8(0x7f).u8(0x7f).u32(1).u8(0x7e);
        types.u8(0x60).u32(3).u8(0x7e).u8(0x7c).u8(0x7f).u32(1).u8(0x7c);
        BinaryWriter functions = new BinaryWriter().u32(count).u32(1);
        BinaryWriter code = new BinaryWriter().u32(count);
        BinaryWriter caller = new BinaryWriter().u32(0).u8(0x20).u32(0).u8(0x20).u32(1);
        caller.u8(0x20).u32(2).u8(0x20).u32(3).u8(0x11).u32(0).u32(0).u8(0x0b);
        code.sized(caller);
        BinaryWriter numbers = new BinaryWriter();
        for (int i = 1; i < count; i++) {
            functions.u32(i % 3 == 0 ? 2 : 0);
            BinaryWriter body = new BinaryWriter().u32(0);
            if (i % 3 == 0) {
                body.u8(0x20).u32(1).u8(0x0b);
            } else {
                body.u8(0x42).signed(i).u8(0x20).u32(2).u8(0xac).u8(0x7c).u8(0x0b);
            }
            code.sized(body);
            numbers.u32(i);
        }
        BinaryWriter table = new BinaryWriter().u32(1).u8(0x70).u8(0).u32(count);
        BinaryWriter exports = new BinaryWriter().u32(1).name("call").u8(0).u32(0);
        BinaryWriter elements = new BinaryWriter().u32(1).u32(0).u8(0x41).u32(1).u8(0x0b);
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, types)
                .section(3, functions)
                .section(4, table)
                .section(7, exports)
                .section(9, elements.u32(count - 1).raw(numbers))
                .section(10, code)
                .toByteArray();
    }

    /** With 8,000 the engine itself has classes for ranges of functions. */
    @ParameterizedTest
    @ValueSource(ints = {193, 195, 800, 8_000})
    void every_entry_is_called_and_those_of_another_type_trap(int count) {
        CompilableModule module = CompilableModule.of(module(count), NO_LIMIT);
        ModuleCompiler.Accepted accepted = module.compiler(NO_LIMIT).accepted();
        Instance instance =
                Instance.builder(module.parts().skeleton())
                        .withMachineFactory(accepted.machines())
                        .build();
        for (int i = 1; i < count; i++) {
            int entry = i;
            long[] arguments = {7, Double.doubleToRawLongBits(1.5), 11, entry};
            if (i % 3 > 0) {
                assertThat(instance.export("call").apply(arguments))
                        .as("entry %d", i)
                        .containsExactly(i + 11);
            } else {
                assertThatThrownBy(() -> instance.export("call").apply(arguments))
                        .as("entry %d", i)
                        .isInstanceOf(ChicoryException.class)
                        .hasMessage("indirect call type mismatch");
            }
        }
    }

    @Test
    void no_method_for_indirect_calls_has_a_case_for_more_than_64_of_many_functions() {
        for (int count : new int[] {800, 8_000}) {
            CompiledCode code =
                    CompilableModule.of(module(count), NO_LIMIT).compiler(NO_LIMIT).compile();
            AtomicInteger cases = new AtomicInteger();
            code.classes().forEach((name, bytes) -> count(bytes, cases));
            assertThat(cases).hasValue((count - 1) - (count - 1) / 3);
        }
    }

    private static void count(ByteBuffer bytes, AtomicInteger cases) {
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        ClassVisitor visitor =
                new ClassVisitor(Opcodes.ASM9) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access,
                            String name,
                            String descriptor,
                            String signature,
                            String[] exceptions) {
                        return new MethodVisitor(Opcodes.ASM9) {
                            @Override
                            public void visitLookupSwitchInsn(
                                    Label other, int[] keys, Label[] labels) {
                                if (descriptor.startsWith("(JDIL") && descriptor.endsWith("J")) {
                                    assertThat(keys.length).isLessThanOrEqualTo(64);
                                    cases.addAndGet(keys.length);
                                }
                            }
                        };
                    }
                };
        new ClassReader(array).accept(visitor, 0);
    }
}
