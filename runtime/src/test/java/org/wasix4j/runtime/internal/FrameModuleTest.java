package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

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

    /** The engine's own classes. */
    private static CompiledCode whole(CompilableModule module) {
        EngineCompiler engine = new EngineCompiler(null);
        Map<String, ByteBuffer> classes = new HashMap<>();
        engine.compile(module.parts().module(List.of()), Set.of(), 128)
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
            Map<Integer, String> cases = new TreeMap<>();
            Map<Label, Integer> labels = new HashMap<>();
            return new MethodVisitor(Opcodes.ASM9) {
                private Integer current;

                @Override
                public void visitLookupSwitchInsn(Label other, int[] keys, Label[] targets) {
                    all.put(owner + "." + name, cases);
                    for (int i = 0; i < keys.length; i++) {
                        labels.put(targets[i], keys[i]);
                    }
                }

                @Override
                public void visitTableSwitchInsn(
                        int least, int most, Label other, Label... targets) {
                    all.put(owner + "." + name, cases);
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
