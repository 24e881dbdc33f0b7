package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.FunctionBody;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.LoopContinuation;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.system.thread.StackRoom;

/** The bodies of the functions of a module, each parsed and validated when it is called. */
final class InterpretedBodies {

    /** Not called yet. */
    private static final byte NEW = 0;

    /** Can be interpreted. */
    private static final byte CAN = 1;

    /** Must not be interpreted, because a loop in it cannot be left. */
    private static final byte MUST_NOT = 2;

    private final CompilableModule module;
    private final GroupModule parser;
    private final AtomicReferenceArray<FunctionBody> bodies;

    /** What is known of each function; races only do the same again. */
    private final byte[] kinds;

    InterpretedBodies(CompilableModule module) {
        FunctionSurvey survey = module.survey();
        int functions = survey.functions();
        this.module = module;
        this.parser =
                new GroupModule(
                        module.parts(),
                        functions,
                        1,
                        null,
                        new InterruptPoints(survey, RewrittenModule.Parts.NONE));
        this.bodies = new AtomicReferenceArray<>(functions);
        this.kinds = new byte[functions];
    }

    /** The module. */
    CompilableModule module() {
        return module;
    }

    /** Whether a function was not asked for yet. */
    boolean isNew(int function) {
        return kinds[function] == NEW;
    }

    /** Whether a function may be interpreted: each of its loops can be left. */
    boolean canLeave(int function) {
        if (kinds[function] == NEW) {
            kinds[function] =
                    LoopContinuation.isPossible(module.survey(), function) ? CAN : MUST_NOT;
        }
        return kinds[function] == CAN;
    }

    /**
     * The body of a function that is not imported.
     *
     * @throws TrapException when it is not valid
     */
    FunctionBody get(int function) {
        FunctionBody known = bodies.get(function);
        if (known == null) {
            StackRoom.require(1);
            try {
                known = parser.body(function);
            } catch (RuntimeException e) {
                throw new TrapException(LateFunctions.notValid(e));
            }
            bodies.set(function, known);
        }
        return known;
    }
}
