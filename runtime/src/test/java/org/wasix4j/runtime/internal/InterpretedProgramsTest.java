package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.Arrays;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.internal.link.InstanceForm;

/** Programs of loops at random that begin interpreted, against the same that are compiled. */
@Timeout(120)
class InterpretedProgramsTest {

    private static final int PROGRAMS = 12;
    private static final int ARGUMENTS = 3;

    /** The results or how it ended, and what it did on the way. */
    private static String outcome(byte[] wasm, boolean lazy, int argument) {
        LoadedModule module =
                ModuleLoading.load(wasm, Engine.COMPILER, null, null, lazy, new Loading(0, null));
        LinearMemory memory =
                new LinearMemory(new MemoryLimits(1, 1), Memory.RUNTIME_MAX_PAGES, true);
        try {
            InstanceForm form = InstanceForm.of(module.module(), module);
            Instance instance = form.make(ImportValues.empty(), module.machines(), null, memory);
            form.initialise(instance);
            String answer;
            try {
                answer = Arrays.toString(instance.export("f").apply(argument));
            } catch (RuntimeException e) {
                answer = e.getClass().getName();
            }
            return answer + " " + instance.exports().global("trace").getValue();
        } finally {
            memory.free();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 5_000, 200_000})
    void programs_at_random(int rounds) {
        for (int seed = 0; seed < PROGRAMS; seed++) {
            String code = LoopPrograms.code(1000L * rounds + seed, rounds);
            byte[] wasm = LoopGuest.module("i32 : i32", LoopPrograms.LOCALS, code);
            for (int argument = 0; argument < ARGUMENTS; argument++) {
                assertThat(outcome(wasm, true, argument))
                        .as("program %s of %s rounds, argument %s", seed, rounds, argument)
                        .isEqualTo(outcome(wasm, false, argument));
            }
        }
    }
}
