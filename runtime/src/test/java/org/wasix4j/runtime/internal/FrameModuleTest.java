package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.OpCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;

/** The main class of a module that lists only some functions. */
class FrameModuleTest {

    @ParameterizedTest
    @ValueSource(strings = {"/exceptions/legacy.wasm", "/large/large.wasm"})
    void it_has_the_cases_of_the_whole_one_for_what_is_called_by_number(String name)
            throws IOException {
        byte[] wasm;
        try (InputStream in = FrameModuleTest.class.getResourceAsStream(name)) {
            wasm = in.readAllBytes();
        }
        CompilableModule module = CompilableModule.of(wasm, new Loading(0, null));
        FunctionsByNumber whole = cases(whole(module));
        FunctionsByNumber thin = cases(module.compiler(new Loading(0, null)).frameAlone());

        Set<Integer> named = named(module.parts().skeleton());
        assertThat(named).isNotEmpty();
        assertThat(thin.keySet()).isEqualTo(whole.keySet());
        whole.forEach(
                (method, cases) -> {
                    Map<Integer, String> wanted = new TreeMap<>(cases);
                    wanted.keySet().retainAll(named);
                    assertThat(thin.get(method)).containsAllEntriesOf(wanted);
                    assertThat(cases).containsAllEntriesOf(thin.get(method));
                });
        int count = thin.values().stream().mapToInt(Map::size).sum();
        assertThat(count)
                .isPositive()
                .isLessThan(whole.values().stream().mapToInt(Map::size).sum());
    }

    private static final int MANY = 9_000;

    /** With more than 4,096 the engine has several methods by the numbers of functions. */
    @Test
    void many_functions_in_a_table_are_called_by_their_numbers() {
        CompilableModule module = CompilableModule.of(manyFunctions(), new Loading(0, null));
        ModuleCompiler compiler = module.compiler(new Loading(0, null));
        CompiledCode frame = compiler.frameAlone();
        GroupCompiler groups = compiler.groups();
        LazyCode code =
                new LazyCode(
                        new LazyLoader(frame.mainClass()),
                        frame.classes(),
                        groups.groups(),
                        () -> groups,
                        function -> "function " + function,
                        Long.MAX_VALUE / 2,
                        () -> {});
        Instance instance =
                Instance.builder(module.parts().skeleton())
                        .withMachineFactory(code.machines(frame.mainClass()))
                        .build();

        assertThat(frame.classes().keySet()).anyMatch(name -> name.endsWith("_4096"));
        for (int i : new int[] {1, 2, 3, 6_142, 6_143, 6_144, 6_145, 6_146, MANY - 1}) {
            assertThat(instance.getMachine().call(i, new long[] {7, 8}))
                    .as("function " + i)
                    .containsExactly(i);
            if (i % 3 > 0) {
                int place = i / 3 * 2 + i % 3 - 1;
                assertThat(instance.export("call").apply(7, 8, place))
                        .as("entry " + place)
                        .containsExactly(i);
            }
        }
    }

    /**
     * Function 0 calls what is in the table. Each other one returns its number; two of three are in
     * the table.
     */
    private static byte[] manyFunctions() {
        BinaryWriter types = new BinaryWriter().u32(2);
        types.u8(0x60).u32(2).u8(0x7e).u8(0x7f).u32(1).u8(0x7e);
        types.u8(0x60).u32(3).u8(0x7e).u8(0x7f).u8(0x7f).u32(1).u8(0x7e);
        BinaryWriter functions = new BinaryWriter().u32(MANY).u32(1);
        BinaryWriter code = new BinaryWriter().u32(MANY);
        BinaryWriter caller = new BinaryWriter().u32(0).u8(0x20).u32(0).u8(0x20).u32(1);
        code.sized(caller.u8(0x20).u32(2).u8(0x11).u32(0).u32(0).u8(0x0b));
        BinaryWriter numbers = new BinaryWriter();
        int listed = 0;
        for (int i = 1; i < MANY; i++) {
            functions.u32(0);
            code.sized(new BinaryWriter().u32(0).u8(0x42).signed(i).u8(0x0b));
            if (i % 3 > 0) {
                numbers.u32(i);
                listed++;
            }
        }
        BinaryWriter table = new BinaryWriter().u32(1).u8(0x70).u8(0).u32(listed);
        BinaryWriter exports = new BinaryWriter().u32(1).name("call").u8(0).u32(0);
        BinaryWriter elements = new BinaryWriter().u32(1).u32(0).u8(0x41).u32(0).u8(0x0b);
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, types)
                .section(3, functions)
                .section(4, table)
                .section(7, exports)
                .section(9, elements.u32(listed).raw(numbers))
                .section(10, code)
                .toByteArray();
    }

    /** The engine's own classes. */
    private static CompiledCode whole(CompilableModule module) {
        EngineCompiler engine = new EngineCompiler(null);
        Map<String, ByteBuffer> classes = new HashMap<>();
        engine.compile(
                        module.parts().module(List.of()),
                        Set.of(),
                        ClassSizes.functions(module.survey()))
                .classBytes()
                .forEach(
                        (name, code) -> classes.put(name.replace('/', '.'), ByteBuffer.wrap(code)));
        return new CompiledCode(engine.mainClass(), classes, Set.of());
    }

    /** The functions that are exported or in a segment of elements. */
    private static Set<Integer> named(WasmModule module) {
        Set<Integer> named = new TreeSet<>();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            if (module.exportSection().getExport(i).exportType() == ExternalType.FUNCTION) {
                named.add(module.exportSection().getExport(i).index());
            }
        }
        for (Element element : module.elementSection().elements()) {
            element.initializers().stream()
                    .flatMap(each -> each.stream())
                    .filter(each -> each.opcode() == OpCode.REF_FUNC)
                    .forEach(each -> named.add((int) each.operand(0)));
        }
        return named;
    }

    /** By method: for each number of a function what is called for it. */
    private static final class FunctionsByNumber extends TreeMap<String, Map<Integer, String>> {
        private static final long serialVersionUID = 1;
    }

    private static FunctionsByNumber cases(CompiledCode code) {
        FunctionsByNumber all = new FunctionsByNumber();
        code.classes()
                .forEach(
                        (name, bytes) -> {
                            if (!name.contains("FuncGroup_") && !name.endsWith("Shaded")) {
                                byte[] array = new byte[bytes.remaining()];
                                bytes.duplicate().get(array);
                                new ClassReader(array).accept(new Cases(name, all), 0);
                            }
                        });
        return all;
    }

    private static final class Cases extends ClassVisitor {
        private final String owner;
        private final FunctionsByNumber all;

        Cases(String owner, FunctionsByNumber all) {
            super(Opcodes.ASM9);
            this.owner = owner;
            this.all = all;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] thrown) {
            // one that has many cases is divided
            String method = owner + "." + name.replaceFirst("_choice\\d+$", "");
            Map<Label, Integer> labels = new HashMap<>();
            return new MethodVisitor(Opcodes.ASM9) {
                private Integer current;
                private Map<Integer, String> cases = new TreeMap<>();

                @Override
                public void visitLookupSwitchInsn(Label other, int[] keys, Label[] targets) {
                    cases = all.computeIfAbsent(method, each -> new TreeMap<>());
                    for (int i = 0; i < keys.length; i++) {
                        labels.put(targets[i], keys[i]);
                    }
                }

                @Override
                public void visitTableSwitchInsn(
                        int least, int most, Label other, Label... targets) {
                    cases = all.computeIfAbsent(method, each -> new TreeMap<>());
                    for (int i = least; i <= most; i++) {
                        labels.put(targets[i - least], i);
                    }
                }

                @Override
                public void visitLabel(Label label) {
                    current = labels.get(label);
                }

                @Override
                public void visitMethodInsn(
                        int opcode, String callee, String called, String type, boolean itf) {
                    if (current != null && callee.contains("FuncGroup_")) {
                        cases.put(current, callee + "." + called + type);
                    }
                }
            };
        }
    }
}
