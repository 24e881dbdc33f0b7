package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasix4j.testmodules.TestModule;

/** Holds every numeric instruction against another engine's answers, which are in numbers.txt. */
class NumbersTest {

    private static final byte[] WASM = TestModule.named("system/numbers").bytes();
    private static final WasmModule MODULE = Parser.parse(WASM);

    /** So often the floating point instructions are called before HotSpot has compiled them. */
    private static final int HOT = 12_000;

    private static final Map<String, long[]> OPERANDS = new HashMap<>();
    private static final Map<String, long[]> SINGLE_OPERANDS = new HashMap<>();
    private static final List<Instruction> INSTRUCTIONS = new ArrayList<>();

    private LinearMemory memory;

    /** What an export is to answer for each combination of operands. */
    private record Instruction(String name, List<String> from, String to, String[] answers) {

        List<long[]> calls() {
            List<long[]> calls = List.of(new long[0]);
            for (String type : from) {
                long[] values = (from.size() == 1 ? SINGLE_OPERANDS : OPERANDS).get(type);
                List<long[]> longer = new ArrayList<>();
                for (long[] call : calls) {
                    for (long value : values) {
                        long[] next = Arrays.copyOf(call, call.length + 1);
                        next[call.length] = value;
                        longer.add(next);
                    }
                }
                calls = longer;
            }
            return calls;
        }

        boolean floats() {
            return name.contains("f32") || name.contains("f64");
        }
    }

    @BeforeAll
    static void readAnswers() throws IOException {
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(
                                TestModule.class.getResourceAsStream("/wasm/system/numbers.txt"),
                                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                if (!words[0].contains(".")) {
                    int bar = line.indexOf('|');
                    OPERANDS.put(words[0], values(line.substring(0, bar)));
                    SINGLE_OPERANDS.put(words[0], values(line.replace("| ", "")));
                } else {
                    INSTRUCTIONS.add(
                            new Instruction(
                                    words[0].replace('_', ' '),
                                    words[1].equals("-") ? List.of() : List.of(words[1].split(",")),
                                    words[2],
                                    Arrays.copyOfRange(words, 3, words.length)));
                }
            }
        }
    }

    private static long[] values(String line) {
        return Arrays.stream(line.split(" "))
                .skip(1)
                .mapToLong(word -> Long.parseUnsignedLong(word, 16))
                .toArray();
    }

    private Instance instance(Function<Instance, Machine> machines) {
        memory = new LinearMemory(new MemoryLimits(1, 1), Memory.RUNTIME_MAX_PAGES);
        return Instance.builder(MODULE)
                .withMemoryFactory(limits -> memory)
                .withMachineFactory(machines)
                .withStart(false)
                .build();
    }

    @AfterEach
    void giveBack() {
        if (memory != null) {
            memory.free();
        }
    }

    @Test
    void compiled_every_numeric_instruction_gives_the_right_bits() {
        Instance instance = instance(ExecutionWays.compile(WASM, Set.of()).define(true));
        assertThat(differences(instance, 0)).isEmpty();
        assertThat(differences(instance, HOT)).as("compiled by HotSpot too").isEmpty();
    }

    @Test
    void interpreted_every_numeric_instruction_gives_the_right_bits() {
        assertThat(differences(instance(InterpreterCode::machine), 0)).isEmpty();
    }

    @Test
    void the_answers_are_for_every_export() {
        List<String> exports = new ArrayList<>();
        for (int i = 0; i < MODULE.exportSection().exportCount(); i++) {
            exports.add(MODULE.exportSection().getExport(i).name().replace('_', ' '));
        }
        exports.removeAll(List.of("memory", " start"));
        assertThat(INSTRUCTIONS).extracting(Instruction::name).containsExactlyElementsOf(exports);
        assertThat(INSTRUCTIONS)
                .allSatisfy(each -> assertThat(each.answers()).hasSize(each.calls().size()));
    }

    private static List<String> differences(Instance instance, int calls) {
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < MODULE.exportSection().exportCount(); i++) {
            String name = MODULE.exportSection().getExport(i).name();
            names.put(name.replace('_', ' '), name);
        }
        List<String> differences = new ArrayList<>();
        for (Instruction instruction : INSTRUCTIONS) {
            if (calls > 0 && !instruction.floats()) {
                continue;
            }
            ExportFunction export = instance.export(names.get(instruction.name()));
            List<long[]> operands = instruction.calls();
            for (int i = operands.size(); i < calls; i++) {
                answer(export, operands.get(i % operands.size()));
            }
            for (int i = 0; i < operands.size(); i++) {
                Long answer = answer(export, operands.get(i));
                String wanted = instruction.answers()[i];
                if (!matches(answer, wanted, instruction.to())) {
                    differences.add(
                            instruction.name()
                                    + Arrays.toString(hex(operands.get(i)))
                                    + " gives "
                                    + (answer == null ? "!" : Long.toHexString(answer))
                                    + " and not "
                                    + wanted);
                }
            }
        }
        return differences;
    }

    private static String[] hex(long[] values) {
        return Arrays.stream(values).mapToObj(Long::toHexString).toArray(String[]::new);
    }

    /** What it answers, or null when it traps. */
    private static Long answer(ExportFunction export, long[] operands) {
        try {
            return export.apply(operands)[0];
        } catch (WasmRuntimeException e) {
            return null;
        }
    }

    private static boolean matches(Long answer, String wanted, String type) {
        if (answer == null || wanted.equals("!")) {
            return answer == null && wanted.equals("!");
        }
        if (wanted.equals("nan")) {
            return type.equals("f32")
                    ? (answer & 0x7fc00000L) == 0x7fc00000L
                    : (answer & 0x7ff8000000000000L) == 0x7ff8000000000000L;
        }
        long bits = Long.parseUnsignedLong(wanted, 16);
        return type.endsWith("64") ? answer == bits : (int) (long) answer == (int) bits;
    }
}
