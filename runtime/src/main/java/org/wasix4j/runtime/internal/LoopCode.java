package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import java.lang.ref.SoftReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.wasix4j.runtime.internal.link.Reflected;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.LoopContinuation;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.Nullable;

/**
 * The code of loops that were being interpreted when there was no other code yet: of each the rest
 * of its function from the loop on. Each has a class of its own, beside those of the module's
 * functions, and belongs to no entry of the cache.
 *
 * <p>Public because the interpreter has a loader of its own; no other code may use it.
 */
public final class LoopCode {

    private final byte[] binary;

    /** Null when all of it is compiled; then it is hardly needed any more. */
    private volatile @Nullable CompilableModule held;

    private volatile SoftReference<CompilableModule> known;
    private final LazyLoader loader;
    private final int perClass;

    // these are guarded by this

    private final Map<Long, Loop> loops = new HashMap<>();
    private final Queue<Loop> wanted = new ArrayDeque<>();
    private boolean compiling;

    LoopCode(CompilableModule module, LazyLoader loader, int perClass) {
        this.binary = module.wasm();
        this.held = module;
        this.known = new SoftReference<>(module);
        this.loader = loader;
        this.perClass = perClass;
    }

    /** All of the module is compiled: what loops are still interpreted, few will begin anew. */
    void complete() {
        held = null;
    }

    private CompilableModule module() {
        CompilableModule all = held;
        if (all != null) {
            return all;
        }
        CompilableModule module = known.get();
        if (module == null) {
            module = CompilableModule.onDemand(binary, new Loading(0, null));
            known = new SoftReference<>(module);
        }
        return module;
    }

    /**
     * Where compiled code goes on with a function.
     *
     * @param function its number
     * @param locals how many locals the function has
     * @param method takes them
     */
    public record Entry(int function, int locals, Method method) {

        /**
         * Goes on.
         *
         * @param locals of the function, the parameters first
         * @return the results of the function
         */
        public @Nullable long[] call(Instance instance, long[] locals) {
            StackRoom.require(1);
            TieredMachine.exchange(instance);
            try {
                return (long[]) method.invoke(null, instance, instance.memory(), locals);
            } catch (InvocationTargetException e) {
                Traps.rename(e.getCause(), method.getDeclaringClass().getName(), function);
                throw Reflected.thrown(e);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("the code of a loop cannot be called", e);
            }
        }
    }

    /** The interpreter leaves a frame, which goes on in compiled code. */
    public static final class LeftException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Entry entry;

        /** For a frame that goes on there. */
        public LeftException(Entry entry) {
            super(null, null, false, false);
            this.entry = entry;
        }

        /** Where it goes on. */
        public Entry entry() {
            return entry;
        }
    }

    private static final class Loop {
        private final int function;
        private final int loop;

        /** Its place among the loops with code. */
        private final int number;

        // guarded by the outer object

        private @Nullable Entry entry;

        /** Whether there will be no other entry. */
        private boolean over;

        Loop(int function, int loop, int number) {
            this.function = function;
            this.loop = loop;
            this.number = number;
        }
    }

    /** The code of a loop; null when there is none yet, which is made then. */
    synchronized @Nullable Entry entry(int function, int loop) {
        return loop(function, loop).entry;
    }

    /**
     * The same, for who cannot go on without.
     *
     * @return null when the loop cannot be compiled
     * @throws ChicoryInterruptedException when this thread is interrupted, and it stays so
     */
    synchronized @Nullable Entry await(int function, int loop) {
        Loop its = loop(function, loop);
        while (!its.over) {
            LazyCode.awaitChange(this);
        }
        return its.entry;
    }

    private Loop loop(int function, int loop) {
        Loop known = loops.get(key(function, loop));
        if (known == null) {
            if (!compiling) {
                // it begins when this thread has left; when there is no thread for it, nothing is
                // wanted yet and the next call tries again
                Workers.start("wasix4j-compiler-loops", this::compile);
                compiling = true;
            }
            known = new Loop(function, loop, loops.size());
            loops.put(key(function, loop), known);
            wanted.add(known);
        }
        return known;
    }

    private static long key(int function, int loop) {
        return (long) function << 32 | loop;
    }

    private synchronized void done(Loop loop, @Nullable Entry entry) {
        loop.entry = entry;
        loop.over = true;
        notifyAll();
    }

    private synchronized @Nullable Loop next() {
        Loop next = wanted.poll();
        compiling = next != null;
        return next;
    }

    private void compile() {
        for (Loop loop = next(); loop != null; loop = next()) {
            Entry entry = null;
            try {
                entry = compiled(loop);
            } catch (ReflectiveOperationException | RuntimeException | Error e) {
                // the interpreter goes on with it
            }
            done(loop, entry);
        }
    }

    /** Null when the loop cannot be compiled. */
    private @Nullable Entry compiled(Loop loop) throws ReflectiveOperationException {
        CompilableModule module = module();
        FunctionSurvey survey = module.survey();
        // behind all classes of the module
        int group = (survey.functions() + perClass - 1) / perClass + loop.number;
        int place = group * perClass;
        byte[] wasm = LoopContinuation.append(survey, loop.function, loop.loop, place);
        FunctionSurvey grown = FunctionSurvey.of(wasm);
        RewrittenModule rewritten = module.rewritten();
        DivisionOnDemand division = module.division();
        CompilableModule whole =
                new CompilableModule(
                        wasm,
                        new RewrittenModule(
                                wasm, rewritten.helpers(), rewritten.tails(), rewritten.parts()),
                        grown,
                        new ModuleParts(wasm, grown),
                        division == null ? null : division.of(grown));
        GroupCompiler compiler = whole.compiler(new Loading(0, null)).groups(perClass);
        byte[] code = compiler.compile(group);
        if (!compiler.isFlawless(group)) {
            return null;
        }
        String name = compiler.name(group);
        loader.define(name, ByteBuffer.wrap(code));
        loader.link(name);
        Method method =
                Class.forName(name, true, loader)
                        .getMethod("call_" + place, Instance.class, Memory.class, long[].class);
        method.setAccessible(true);
        int type =
                whole.parts()
                        .skeleton()
                        .functionSection()
                        .getFunctionType(place - survey.imported());
        return new Entry(
                loop.function, whole.parts().types().getType(type).params().size(), method);
    }
}
