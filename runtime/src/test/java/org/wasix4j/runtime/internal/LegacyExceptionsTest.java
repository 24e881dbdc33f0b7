package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/**
 * Functions with {@code try}, {@code catch}, {@code delegate} and {@code rethrow} in random
 * combinations, against the answers of V8; see {@code generate.mjs} beside the module.
 */
class LegacyExceptionsTest {

    private static final RewrittenModule REWRITTEN =
            ModuleRewriter.rewrite(resource("legacy.wasm"));
    private static final WasmModule MODULE = Parser.parse(REWRITTEN.wasm());

    private static byte[] resource(String name) {
        try (InputStream stream =
                LegacyExceptionsTest.class.getResourceAsStream("/exceptions/" + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void compiled_they_answer_as_in_v8() {
        assertThat(wrong(ModuleCompiler.compile(REWRITTEN).define(true))).isEmpty();
    }

    @Test
    void interpreted_they_answer_as_in_v8() {
        assertThat(wrong(InterpreterCode::machine)).isEmpty();
    }

    private static List<String> wrong(Function<Instance, Machine> machines) {
        Instance instance = Instance.builder(MODULE).withMachineFactory(machines).build();
        List<String> wrong = new ArrayList<>();
        String[] lines = new String(resource("legacy.txt"), StandardCharsets.US_ASCII).split("\n");
        assertThat(lines).hasSize(300);
        for (int i = 0; i < lines.length; i++) {
            String[] answers = lines[i].split(" ");
            for (int x = 0; x < answers.length; x++) {
                int answer = (int) instance.export("f" + i).apply(x)[0];
                if (answer != Integer.parseInt(answers[x])) {
                    wrong.add("f" + i + "(" + x + "): " + answer + " for " + answers[x]);
                }
            }
        }
        return wrong;
    }
}
