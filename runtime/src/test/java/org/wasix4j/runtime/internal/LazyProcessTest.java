package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;

/** Processes whose functions are compiled when they are called. */
@Timeout(120)
class LazyProcessTest {

    private static final Loading NO_LIMIT = new Loading(0, null);
    private static final int PER_CLASS = 16;
    private static final int LEAF = 3 * PER_CLASS;
    private static final byte[] VALID = {0, 0x41, 7, 0x0b};

    /** Answers an i64, and is to answer an i32. */
    private static final byte[] NOT_VALID = {0, 0x42, 7, 0x0b};

    private final List<String> notices = new CopyOnWriteArrayList<>();

    /** A command that calls a function named {@code leaf} three times. */
    private static byte[] module(byte[] leaf, int nops) {
        int functions = LEAF + 1;
        BinaryWriter types = new BinaryWriter().u32(2).u8(0x60).u32(0).u32(0);
        types.u8(0x60).u32(0).u32(1).u8(0x7f);
        BinaryWriter declared = new BinaryWriter().u32(functions);
        BinaryWriter code = new BinaryWriter().u32(functions);
        for (int i = 0; i < functions; i++) {
            declared.u32(i == LEAF ? 1 : 0);
            BinaryWriter body = new BinaryWriter();
            if (i == LEAF) {
                body.raw(leaf, 0, leaf.length);
            } else {
                body.u32(0);
                for (int call = 0; i == 0 && call < 3; call++) {
                    body.u8(0x10).u32(LEAF).u8(0x1a);
                }
                for (int nop = 0; nop < nops; nop++) {
                    body.u8(0x01);
                }
                body.u8(0x0b);
            }
            code.sized(body);
        }
        BinaryWriter exports = new BinaryWriter().u32(2).name("_start").u8(0).u32(0);
        exports.name("memory").u8(2).u32(0);
        BinaryWriter names = new BinaryWriter().name("name");
        names.u8(1).sized(new BinaryWriter().u32(1).u32(LEAF).name("leaf"));
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, types)
                .section(3, declared)
                .section(5, new BinaryWriter().u32(1).u8(0).u32(1))
                .section(7, exports)
                .section(10, code)
                .section(0, names)
                .toByteArray();
    }

    /** A module whose classes come by way of a hook. */
    private static WasixModule lazy(UnaryOperator<byte[]> hook) throws Exception {
        CompilableModule module = CompilableModule.of(module(VALID, 0), NO_LIMIT);
        ModuleCompiler compiler =
                new ModuleCompiler(module.survey(), module.parts(), Set.of(), null, NO_LIMIT, hook);
        CompiledCode frame = compiler.frameAlone();
        ModuleImage image = module.image(frame);
        LazyCode code =
                new LazyCode(
                        new LazyLoader(frame.mainClass()),
                        frame.classes(),
                        compiler.groups().groups(),
                        compiler::groups,
                        function -> LoadedModule.describe(function, image.names()),
                        LazyCode.QUIET_NANOS,
                        () -> {});
        Constructor<WasixModule> constructor =
                WasixModule.class.getDeclaredConstructor(String.class, LoadedModule.class);
        constructor.setAccessible(true);
        return constructor.newInstance(
                "lazy",
                new LoadedModule(
                        module.parts().skeleton(),
                        Set.of(),
                        image::names,
                        code.machines(frame.mainClass()),
                        null));
    }

    private WasixProcess start(WasixModule module) {
        return WasixRuntime.builder()
                .withListener(
                        new ProcessListener() {
                            @Override
                            public void notice(String sentence) {
                                notices.add(sentence);
                            }
                        })
                .build()
                .start(module);
    }

    private static boolean isOfLeaf(byte[] code) {
        return new ClassReader(code).getClassName().endsWith("FuncGroup_" + LEAF / PER_CLASS);
    }

    @Test
    void a_function_that_is_not_valid_traps_with_its_name_and_the_reason() throws Exception {
        byte[] wasm = module(NOT_VALID, 2_500);
        WasixModule module = WasixModule.loader().withLazyCompilation(true).load("lazy", wasm);

        try (WasixProcess process = start(module)) {
            ExitStatus status = process.waitFor();

            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
            assertThat(status.message())
                    .startsWith("the function is not valid: type mismatch")
                    .contains("in function " + LEAF + " (leaf)");
            assertThat(notices).isEmpty();
        }
    }

    @Test
    void a_function_that_is_refused_while_the_process_runs_is_named_once() throws Exception {
        WasixModule module = lazy(code -> isOfLeaf(code) ? damaged(code) : code);

        try (WasixProcess process = start(module)) {
            assertThat(process.waitFor().isSuccess()).isTrue();
        }

        assertThat(notices)
                .containsExactly(
                        "function " + LEAF + " (leaf) cannot be compiled and will run slowly");
    }

    /** The class with a function that answers another type than it says. */
    private static byte[] damaged(byte[] code) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(code)
                .accept(
                        new ChangedMethods(
                                writer,
                                (out, access, name, descriptor) ->
                                        name.equals("func_" + LEAF)
                                                ? new MethodVisitor(Opcodes.ASM9, out) {
                                                    @Override
                                                    public void visitIntInsn(int op, int value) {
                                                        if (value == 7) {
                                                            super.visitInsn(Opcodes.FCONST_1);
                                                        } else {
                                                            super.visitIntInsn(op, value);
                                                        }
                                                    }
                                                }
                                                : out),
                        0);
        return writer.toByteArray();
    }

    @Test
    void a_process_ends_while_its_thread_waits_for_a_class() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        WasixModule module =
                lazy(
                        code -> {
                            if (isOfLeaf(code)) {
                                begun.countDown();
                                await(gate);
                            }
                            return code;
                        });
        try (WasixProcess process = start(module)) {
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

            process.destroy();

            ExitStatus status = process.waitFor(Duration.ofSeconds(60)).orElseThrow();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertThat(process.abandonedThreads()).isZero();
        } finally {
            gate.countDown();
        }
        try (WasixProcess next = start(module)) {
            assertThat(next.waitFor().isSuccess()).isTrue();
        }
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
