package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.CodeSizeEvaluator;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/**
 * Functions that are divided, against the answers of V8; see {@code generate.mjs} beside the
 * module. The last but one is an interpreter with 80 KB of code, the last one has blocks one in
 * another that all leave a value.
 */
class LargeFunctionsTest {

    /** HotSpot compiles no larger method. */
    static final int LARGEST_METHOD = 8_000;

    static final byte[] WASM = resource("large.wasm");

    private static byte[] resource(String name) {
        try (InputStream stream = LargeFunctionsTest.class.getResourceAsStream("/large/" + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void compiled_they_answer_as_in_v8_and_no_method_is_too_large_for_hotspot() {
        RewrittenModule divided = ModuleRewriter.rewrite(WASM);
        CompiledCode code = ModuleCompiler.compile(divided);

        assertThat(code.interpreted()).isEmpty();
        assertThat(wrong(divided, code.define(true))).isEmpty();
        assertThat(sizes(code.classes()).values()).allMatch(size -> size < LARGEST_METHOD);
    }

    @Test
    void divided_into_many_parts_that_lie_in_one_another_they_answer_as_in_v8() {
        RewrittenModule divided = ModuleRewriter.rewrite(WASM, 400);

        assertThat(divided.parts().origins()).hasSizeGreaterThan(300).contains(0, 30, 60, 61);
        assertThat(wrong(divided, ModuleCompiler.compile(divided).define(true))).isEmpty();
        assertThat(wrong(divided, InterpreterCode::machine)).isEmpty();
    }

    @Test
    void parts_that_are_interpreted_alone_and_compiled_ones_find_what_the_other_leaves() {
        RewrittenModule divided = ModuleRewriter.rewrite(WASM);
        int first = divided.parts().first();
        int last = first + divided.parts().origins().size() - 1;
        FunctionSurvey survey = FunctionSurvey.of(divided.wasm());

        CompiledCode code =
                new ModuleCompiler(
                                survey,
                                new ModuleParts(divided.wasm(), survey),
                                divided,
                                null,
                                Set.of(first, last),
                                null,
                                new Loading(0, null))
                        .compile();

        assertThat(code.interpreted()).containsExactlyInAnyOrder(first, last);
        assertThat(wrong(divided, code.define(true))).isEmpty();
    }

    @Test
    void parts_that_turn_out_to_be_refused_while_the_program_runs_find_what_others_leave() {
        CompilableModule module = CompilableModule.of(WASM, new Loading(0, null));
        RewrittenModule.Parts divided = module.rewritten().parts();
        int first = divided.first();
        int last = first + divided.origins().size() - 1;
        Set<String> refused = Set.of("func_" + first, "func_" + last, "func_60");
        ModuleCompiler compiler =
                new ModuleCompiler(
                        module.survey(),
                        module.parts(),
                        divided,
                        null,
                        Set.of(),
                        null,
                        new Loading(0, null),
                        (interrupts, globals) -> {
                            assertThat(globals.transfers().count()).isPositive();
                            UnaryOperator<byte[]> tuner =
                                    ModuleCompiler.tuner(module.rewritten(), interrupts)
                                            .apply(globals);
                            return code -> refused(tuner.apply(code), refused);
                        });
        CompiledCode frame = compiler.frameAlone();
        LazyCode code =
                new LazyCode(
                        new LazyLoader(frame.mainClass()),
                        frame.classes(),
                        compiler.groups().groups(),
                        compiler::groups,
                        function -> "function " + function,
                        LazyCode.QUIET_NANOS,
                        () -> {});

        assertThat(wrong(module.parts().skeleton(), code.machines(frame.mainClass()))).isEmpty();
        assertThat(code.late(first)).isNotNull();
        assertThat(code.late(last)).isNotNull();
        assertThat(code.late(60)).isNotNull();
    }

    /** The class with methods that the verifier refuses, unless they are interpreted already. */
    static byte[] refused(byte[] code, Set<String> methods) {
        ClassNode node = new ClassNode();
        new ClassReader(code).accept(node, 0);
        for (MethodNode method : node.methods) {
            boolean interpreted =
                    Arrays.stream(method.instructions.toArray())
                            .anyMatch(
                                    each ->
                                            each instanceof MethodInsnNode call
                                                    && call.owner.endsWith("/LateFunctions"));
            if (methods.contains(method.name) && !interpreted) {
                method.instructions.insert(new InsnNode(Opcodes.POP));
            }
        }
        ClassWriter writer = new ClassWriter(0);
        node.accept(writer);
        return writer.toByteArray();
    }

    @Test
    void a_part_has_the_name_of_what_it_is_a_part_of() {
        RewrittenModule divided = ModuleRewriter.rewrite(WASM);
        NameCustomSection names =
                NameCustomSection.parse(StrippedModule.functionNames(WASM, divided));

        int last = 61 + divided.parts().origins().size();
        assertThat(names.nameOfFunction(last)).isEqualTo("part of function 61");
        assertThat(names.nameOfFunction(60)).isNull();
    }

    @Test
    void a_function_that_is_small_enough_stays_as_it_is() {
        RewrittenModule whole = ModuleRewriter.rewrite(WASM, 10_000_000);

        assertThat(whole.parts()).isEqualTo(RewrittenModule.Parts.NONE);
    }

    /** How much code each method has. */
    static Map<String, Integer> sizes(Map<String, ByteBuffer> classes) {
        Map<String, Integer> sizes = new TreeMap<>();
        for (ByteBuffer file : classes.values()) {
            byte[] bytes = new byte[file.remaining()];
            file.duplicate().get(bytes);
            new ClassReader(bytes)
                    .accept(
                            new ClassVisitor(Opcodes.ASM9) {
                                @Override
                                public MethodVisitor visitMethod(
                                        int access,
                                        String name,
                                        String descriptor,
                                        String signature,
                                        String[] exceptions) {
                                    return new CodeSizeEvaluator(null) {
                                        @Override
                                        public void visitMaxs(int stack, int locals) {
                                            sizes.put(name, getMaxSize());
                                        }

                                        @Override
                                        public void visitLabel(Label label) {
                                            // has no code
                                        }
                                    };
                                }
                            },
                            0);
        }
        return sizes;
    }

    private static List<String> wrong(
            RewrittenModule module, Function<Instance, Machine> machines) {
        return wrong(Parser.parse(module.wasm()), machines);
    }

    /** Which functions of {@code large.wasm} answer something else than in V8. */
    static List<String> wrong(WasmModule module, Function<Instance, Machine> machines) {
        LinearMemory memory =
                new LinearMemory(new MemoryLimits(1, 1), Memory.RUNTIME_MAX_PAGES, true);
        try {
            Instance instance =
                    Instance.builder(module)
                            .withMemoryFactory(limits -> memory)
                            .withMachineFactory(machines)
                            .build();
            return wrong(instance);
        } finally {
            memory.free();
        }
    }

    private static List<String> wrong(Instance instance) {
        List<String> wrong = new ArrayList<>();
        String[] lines = new String(resource("large.txt"), StandardCharsets.US_ASCII).split("\n");
        assertThat(lines).hasSize(62);
        for (int i = 0; i < lines.length; i++) {
            String[] answers = lines[i].split(" ");
            for (int x = 0; x < answers.length; x++) {
                String answer = answer(instance, "f" + i, x * 7 + x);
                if (!answer.equals(answers[x])) {
                    wrong.add("f" + i + "(" + x + "): " + answer + " for " + answers[x]);
                }
            }
        }
        return wrong;
    }

    private static String answer(Instance instance, String function, int x) {
        try {
            return String.valueOf((int) instance.export(function).apply(x)[0]);
        } catch (WasmException e) {
            return "thrown";
        }
    }
}
