package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.Mutants;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/**
 * Each instruction of SIMD, relaxed SIMD and wide arithmetic in each position, against the answers
 * of V8; see {@code generate.mjs} beside the module.
 */
class VectorsTest {

    private static final long[] NOTHING = {};
    private static final int BYTES = 48;
    private static final int PATTERN = 64;
    private static final int PATTERN_END = 512;

    private static final Pattern INSTRUCTION =
            Pattern.compile("[a-z]\\d+|(extract|replace|load lane|store lane) \\d+|shuffle");

    private final List<long[]> calls = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();
    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** What a function is to answer; a NaN of lanes of so many bits is any NaN. */
    private record Answer(long digest, int floats, String name) {}

    VectorsTest() {
        for (String line : text("vectors.txt").split("\n")) {
            if (line.startsWith("call ")) {
                String[] numbers = line.substring(5).split(" ");
                long[] call = new long[numbers.length];
                for (int i = 0; i < call.length; i++) {
                    call[i] = Long.parseLong(numbers[i]);
                }
                calls.add(call);
            } else if (!line.startsWith("#")) {
                String[] parts = line.split(" ", 3);
                answers.add(
                        new Answer(
                                Long.parseUnsignedLong(parts[0], 16),
                                Integer.parseInt(parts[1]),
                                parts[2]));
            }
        }
    }

    private static byte[] resource(String name) {
        try (InputStream stream = VectorsTest.class.getResourceAsStream("/vectors/" + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String name) {
        return new String(resource(name), StandardCharsets.UTF_8);
    }

    @Test
    void compiled_they_answer_as_in_v8() {
        assertThat(wrong(CompiledVectors.MODULE, CompiledVectors.machines(), 1)).isEmpty();
    }

    @Test
    void interpreted_they_answer_as_in_v8() {
        assertThat(wrong(CompiledVectors.MODULE, InterpreterCode::machine, 4)).isEmpty();
    }

    /**
     * Whether the answers would show a fault in a lowering. Not each fault can be seen: much of
     * what an instruction needs of its operands in one position it does not need in another.
     */
    @Test
    void a_wrong_instruction_in_what_an_instruction_becomes_changes_its_answers() {
        BitSet exported = new BitSet();
        answers.forEach(answer -> exported.set(exported(answer.name())));
        BitSet changed = new BitSet();
        byte[] wasm = Mutants.of(CompiledVectors.REWRITTEN.wasm(), exported, changed);

        Set<String> wrong =
                Set.copyOf(
                        wrong(
                                Parser.parse(wasm),
                                ExecutionWays.compile(wasm, Set.of()).define(true),
                                1));

        Map<String, List<Boolean>> noticed =
                answers.stream()
                        .filter(answer -> changed.get(exported(answer.name())))
                        .collect(
                                Collectors.groupingBy(
                                        answer -> instruction(answer.name()),
                                        TreeMap::new,
                                        Collectors.mapping(
                                                answer -> wrong.contains(answer.name()),
                                                Collectors.toList())));
        assertThat(noticed).hasSizeGreaterThan(200);
        // where there is but one fault it may be one that changes nothing
        noticed.values().removeIf(each -> each.size() == 1);
        assertThat(noticed).allSatisfy((name, each) -> assertThat(each).contains(true));
        assertThat(wrong.size()).isGreaterThan(changed.cardinality() * 4 / 5);
    }

    /** What a function's name begins with; the rest is how the operands come. */
    private static String instruction(String name) {
        Matcher beginning = INSTRUCTION.matcher(name);
        return beginning.lookingAt() ? beginning.group() : name;
    }

    /** The module, rewritten and compiled once. */
    private static final class CompiledVectors {

        private static final RewrittenModule REWRITTEN =
                ModuleRewriter.rewrite(resource("vectors.wasm"));
        private static final WasmModule MODULE = Parser.parse(REWRITTEN.wasm());

        static Function<Instance, Machine> machines() {
            return ModuleCompiler.compile(REWRITTEN).define(true);
        }
    }

    /**
     * The functions that answer something else than V8.
     *
     * @param module the rewritten module, or one in its place
     * @param share one of so many functions is asked
     */
    private List<String> wrong(WasmModule module, Function<Instance, Machine> machines, int share) {
        LinearMemory memory =
                new LinearMemory(new MemoryLimits(1, 1), Memory.RUNTIME_MAX_PAGES, true);
        try {
            Instance instance =
                    Instance.builder(module)
                            .withMemoryFactory(limits -> memory)
                            .withMachineFactory(machines)
                            .withImportValues(imports())
                            .build();
            for (int at = PATTERN; at < PATTERN_END; at++) {
                memory.writeByte(at, (byte) ((int) (at * 2654435761L + 7) * 40503 >>> 11));
            }
            List<String> wrong = new ArrayList<>();
            for (int i = 0; i < answers.size(); i++) {
                Answer answer = answers.get(i);
                if (i % share == 0 && !answers(instance, memory, answer)) {
                    wrong.add(answer.name());
                }
            }
            return wrong;
        } finally {
            memory.free();
        }
    }

    private boolean answers(Instance instance, LinearMemory memory, Answer answer) {
        try {
            return digest(instance, memory, answer) == answer.digest();
        } catch (ChicoryException e) {
            // a trap
            return false;
        }
    }

    /** Both halves of a global that another module exports. */
    private static ImportValues imports() {
        Instance provider =
                Instance.builder(
                                Parser.parse(
                                        ModuleRewriter.rewrite(resource("provider.wasm")).wasm()))
                        .build();
        GlobalInstance low = provider.exports().global("vector");
        GlobalInstance high = provider.exports().global("vector.high");
        return ImportValues.builder()
                .addGlobal(
                        new ImportGlobal("host", "vector", low),
                        new ImportGlobal("host", "vector.high", high))
                .build();
    }

    private long digest(Instance instance, LinearMemory memory, Answer answer) {
        GlobalInstance[] operands = new GlobalInstance[calls.get(0).length];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = instance.exports().global("operand " + i);
        }
        int function = exported(answer.name());
        int first = 1;
        int second = 2;
        for (long[] call : calls) {
            memory.fill((byte) 0, 0, BYTES);
            for (int i = 0; i < call.length; i++) {
                operands[i].setValue(call[i]);
            }
            instance.getMachine().call(function, NOTHING);
            bytes.put(0, memory.readBytes(0, BYTES));
            for (int at = 0; at < BYTES; at += 4) {
                int word = canonical(at, answer.floats());
                first = (first ^ word) * 0x01000193 ^ second >>> 15;
                second = (second + word) * 0x85ebca6b ^ first >>> 13;
            }
        }
        return (long) first << 32 | second & 0xffffffffL;
    }

    private static int exported(String name) {
        var section = CompiledVectors.MODULE.exportSection();
        for (int i = 0; i < section.exportCount(); i++) {
            if (section.getExport(i).name().equals(name)) {
                return section.getExport(i).index();
            }
        }
        throw new AssertionError(name);
    }

    private int canonical(int at, int floats) {
        int word = bytes.getInt(at);
        if (floats == 32 && (word & 0x7fffffff) > 0x7f800000) {
            return 0x7fc00000;
        }
        if (floats == 64 && Double.isNaN(bytes.getDouble(at & ~7))) {
            return (at & 4) != 0 ? 0x7ff80000 : 0;
        }
        return word;
    }
}
