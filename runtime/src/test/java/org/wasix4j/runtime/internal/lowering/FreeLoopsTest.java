package org.wasix4j.runtime.internal.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.lowering.FreeLoops.Answer;
import org.wasix4j.testmodules.TestModule;

/** The quick look at loops finds what reading the whole function finds. */
class FreeLoopsTest {

    private static final int MUTANTS = 2_000;
    private static final int LARGEST_MUTANT = 3_000;

    private static List<byte[]> modules() throws IOException {
        List<byte[]> modules = new ArrayList<>();
        for (String name : List.of("large/large", "vectors/vectors", "exceptions/legacy")) {
            try (InputStream stream =
                    FreeLoopsTest.class.getResourceAsStream("/" + name + ".wasm")) {
                modules.add(stream.readAllBytes());
            }
        }
        TestModule.all().forEach(module -> modules.add(module.bytes()));
        return modules;
    }

    private static Answer slowly(
            ModuleIndex module, FunctionType type, int locals, BinaryReader code) {
        int start = code.position();
        try {
            BlockTree tree = new BlockTree(module, type, locals, code);
            return LoopContinuation.areFree(tree) ? Answer.YES : Answer.NO;
        } catch (BlockTree.UnsuitableException
                | MalformedException
                | UnsupportedException refused) {
            return Answer.UNKNOWN;
        } finally {
            code.seek(start);
        }
    }

    private static Answer quickly(
            ModuleIndex module, FunctionType type, int locals, BinaryReader code) {
        try {
            return FreeLoops.look(module, type, locals, code);
        } catch (MalformedException | UnsupportedException refused) {
            return Answer.UNKNOWN;
        }
    }

    @Test
    void in_modules_and_in_damaged_functions() throws IOException {
        Random random = new Random(1);
        int functions = 0;
        int unknown = 0;
        int no = 0;
        for (byte[] given : modules()) {
            FunctionSurvey survey =
                    FunctionSurvey.of(ModuleRewriter.rewrite(given, 10_000_000).wasm());
            ModuleIndex module = survey.module();
            byte[] wasm = module.wasm();
            for (int i = survey.imported(); i < survey.functions(); i++) {
                FunctionType type = module.functionType(i);
                BinaryReader code = new BinaryReader(wasm, survey.start(i), survey.end(i));
                int locals = LoweredValues.localTypes(type, code).length;
                Answer slow = slowly(module, type, locals, code);
                Answer quick = quickly(module, type, locals, code);
                functions++;
                unknown += quick == Answer.UNKNOWN ? 1 : 0;
                no += quick == Answer.NO ? 1 : 0;
                if (quick != Answer.UNKNOWN) {
                    assertThat(quick).as("function %s", i).isEqualTo(slow);
                }
                if (random.nextInt(10_000) < MUTANTS
                        && code.end() - code.position() < LARGEST_MUTANT) {
                    damaged(random, module, type, locals, code);
                }
            }
        }
        assertThat(functions).isGreaterThan(5_000);
        assertThat(unknown).isLessThan(functions / 100);
        assertThat(no).isGreaterThan(100);
    }

    private static void damaged(
            Random random, ModuleIndex module, FunctionType type, int locals, BinaryReader code) {
        int length = code.end() - code.position();
        // with and without bytes behind it
        int behind = random.nextBoolean() ? 0 : 40;
        byte[] own = Arrays.copyOfRange(code.bytes(), code.position(), code.end() + behind);
        for (int i = random.nextInt(3); i >= 0; i--) {
            own[random.nextInt(length)] =
                    (byte) random.nextInt(random.nextInt(3) == 0 ? 256 : Instruction.GLOBAL_SET);
        }
        BinaryReader changed = new BinaryReader(own, 0, length);
        Answer slow = slowly(module, type, locals, changed);
        Answer quick = quickly(module, type, locals, changed);
        // whatever it says no to, is at most one that cannot be read
        assertThat(quick)
                .isIn(slow, Answer.UNKNOWN, slow == Answer.UNKNOWN ? Answer.NO : Answer.UNKNOWN);
    }
}
