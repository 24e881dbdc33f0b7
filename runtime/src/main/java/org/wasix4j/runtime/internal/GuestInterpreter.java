package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.StackFrame;
import com.dylibso.chicory.runtime.TagInstance;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.wasix4j.runtime.internal.link.HostMachine;
import org.wasix4j.types.Nullable;

/**
 * The interpreter for one instance: of a whole module, or of the functions that were not compiled.
 *
 * <p>The engine's interpreter searches the frames of all calls that are under way for a handler of
 * an exception, and goes on there, but leaves the Java frames between as they are. So a handler in
 * compiled code between two interpreted functions is passed by, and each exception that is caught
 * further out makes the Java stack deeper. Here an exception that a function does not handle leaves
 * its Java frame, as in compiled code. {@link InterpreterCode} makes the engine's interpreter call
 * {@link #raise} for that.
 *
 * <p>Public because {@link InterpreterCode} loads it once more, with the engine's changed classes
 * as its neighbours; no other code may use it.
 */
public class GuestInterpreter extends InterpreterMachine {

    /** The start is told when so many instructions were executed. */
    private static final int PORTION = 2048;

    private final Instance instance;

    /** The functions that are interpreted, or null when all are. */
    private final @Nullable Set<Integer> interpreted;

    /** What begins interpreted, or null when what is interpreted now stays so. */
    private final @Nullable InterpretedStart start;

    private MStack stack = new MStack();
    private Deque<StackFrame> calls = new ArrayDeque<>();

    /** The function that is running. */
    private int running;

    /** Its body, or null when that is not needed. */
    private @Nullable FunctionBody body;

    /** What has come out of the innermost function, on its way out of the others. */
    private @Nullable ChicoryException failure;

    /** How many instructions were executed of which the start was not told yet. */
    private int unreported;

    /** How many instructions were executed. */
    private long executed;

    /** An interpreter for all functions. */
    public GuestInterpreter(Instance instance) {
        super(instance);
        this.instance = instance;
        this.interpreted = null;
        this.start = null;
    }

    /** An interpreter for all functions until they are compiled. */
    public GuestInterpreter(Instance instance, InterpretedStart start) {
        super(instance);
        this.instance = instance;
        this.interpreted = null;
        this.start = start;
    }

    /** An interpreter for some functions, beside the machine that runs the compiled ones. */
    public GuestInterpreter(Instance instance, int[] interpreted) {
        super(instance);
        this.instance = instance;
        this.start = null;
        this.interpreted = new HashSet<>();
        Arrays.stream(interpreted).forEach(this.interpreted::add);
    }

    @Override
    public @Nullable long[] call(int function, long[] arguments) {
        // what is under way further out is none of this call's business
        MStack outerStack = stack;
        Deque<StackFrame> outerCalls = calls;
        stack = new MStack();
        calls = new ArrayDeque<>();
        try {
            return call(stack, instance, calls, function, arguments, null, true);
        } finally {
            stack = outerStack;
            calls = outerCalls;
        }
    }

    @Override
    protected @Nullable long[] call(
            MStack stack,
            Instance instance,
            Deque<StackFrame> calls,
            int function,
            long[] arguments,
            @Nullable FunctionType type,
            boolean wantsResults) {
        if (!isInterpreted(function) && instance.function(function) != null) {
            return callCompiled(stack, instance, function, arguments, wantsResults);
        }
        int depth = calls.size();
        int caller = running;
        FunctionBody outer = body;
        running = function;
        try {
            body = start == null ? null : start.body(function);
            if (start != null && body == null && instance.function(function) != null) {
                // the last of it was compiled meanwhile
                return callCompiled(stack, instance, function, arguments, wantsResults);
            }
            return super.call(stack, instance, calls, function, arguments, type, wantsResults);
        } catch (ChicoryException e) {
            if (e != failure) {
                failure = e;
                Traps.name(e, function);
            }
            throw e;
        } finally {
            running = caller;
            body = outer;
            // a tail call has put another frame in the place of the one that the engine removes
            shrink(calls, depth);
        }
    }

    private static @Nullable long[] callCompiled(
            MStack stack, Instance instance, int function, long[] arguments, boolean wantsResults) {
        long[] results = instance.getMachine().call(function, arguments);
        if (wantsResults || results == null) {
            return results;
        }
        for (long result : results) {
            stack.push(result);
        }
        return null;
    }

    @Override
    protected void eval(MStack stack, Instance instance, Deque<StackFrame> calls) {
        int depth = calls.size();
        while (true) {
            try {
                super.eval(stack, instance, calls);
                return;
            } catch (LoopCode.LeftException e) {
                finishCompiled(e.entry(), stack, calls.peek());
                return;
            } catch (WasmException e) {
                shrink(calls, depth);
                // with no other frames to look at it throws what this one does not handle
                THROW_REF(
                        instance,
                        GuestExceptions.registerException(instance, own(e)),
                        stack,
                        calls.peek(),
                        new ArrayDeque<>());
            }
        }
    }

    /** Leaves the frame when it is at the beginning of a loop that has code. */
    private void leaveLoop(InterpretedStart its) {
        StackFrame frame = calls.peek();
        int at = frame == null ? 0 : currentPc(frame);
        if (at == 0) {
            return;
        }
        // the engine goes back to the instruction behind that of the loop
        int function = funcId(frame);
        FunctionBody own = body;
        if (own == null) {
            return;
        }
        List<AnnotatedInstruction> code = own.instructions();
        if (code.get(at - 1).opcode() != OpCode.LOOP) {
            return;
        }
        int loop = 0;
        for (int i = 0; i < at - 1; i++) {
            loop += code.get(i).opcode() == OpCode.LOOP ? 1 : 0;
        }
        LoopCode.Entry entry = its.entry(function, loop, instance);
        if (entry != null) {
            throw new LoopCode.LeftException(entry);
        }
    }

    private void finishCompiled(LoopCode.Entry entry, MStack stack, StackFrame frame) {
        long[] locals = new long[entry.locals()];
        for (int i = 0; i < locals.length; i++) {
            locals[i] = local(frame, i);
        }
        long[] results = entry.call(instance, locals);
        if (results != null) {
            for (long result : results) {
                stack.push(result);
            }
        }
    }

    // ---- what frames know and tell nobody else: InterpreterCode puts their own methods there

    private static int currentPc(StackFrame frame) {
        throw new IllegalStateException(frame.toString());
    }

    private static int funcId(StackFrame frame) {
        throw new IllegalStateException(frame.toString());
    }

    private static long local(StackFrame frame, int number) {
        throw new IllegalStateException(frame.toString().repeat(number));
    }

    /**
     * An exception of another module, by the number that its tag has in this one. The engine's
     * search for a handler compares numbers.
     */
    private WasmException own(WasmException exception) {
        Instance thrower = exception.instance();
        if (thrower == instance) {
            return exception;
        }
        TagInstance tag = thrower.tag(exception.tagIdx());
        int tags = instance.imports().tagCount() + instance.tagCount();
        for (int i = 0; i < tags; i++) {
            if (instance.tag(i) == tag) {
                return new GuestExceptions.Thrown(instance, i, exception.args());
            }
        }
        return exception;
    }

    private static void shrink(Deque<StackFrame> calls, int depth) {
        while (calls.size() > depth) {
            calls.pop();
        }
    }

    @Override
    protected void CALL(Operands operands) {
        int function = (int) operands.get(0);
        FunctionType type = instance.type(instance.functionType(function));
        long[] arguments = extractArgsForParams(stack, type.params());
        call(stack, instance, calls, function, arguments, null, false);
    }

    private boolean isInterpreted(int function) {
        if (start != null) {
            return !start.isCompiled(function, calls.size());
        }
        return interpreted == null || interpreted.contains(function);
    }

    @Override
    protected boolean useCurrentInstanceInterpreter(
            Instance caller, Instance callee, int function) {
        return callee.equals(caller) && isInterpreted(function);
    }

    @Override
    protected MStack stack() {
        return stack;
    }

    // ---- what the engine's interpreter calls in its changed form

    /** Its operand stack, which the engine has in a field. */
    public static MStack stackOf(InterpreterMachine machine) {
        return ((GuestInterpreter) machine).stack;
    }

    /** Its frames, which the engine has in a field. */
    public static Deque<StackFrame> callsOf(InterpreterMachine machine) {
        return ((GuestInterpreter) machine).calls;
    }

    /** Throws an exception to the innermost {@link #eval}. */
    public static StackFrame raise(
            Instance instance,
            int reference,
            MStack stack,
            StackFrame frame,
            Deque<StackFrame> calls) {
        throw GuestExceptions.exn(instance, reference);
    }

    /** Stops at every instruction when the guest is to end. */
    public static void onExecution(
            Instance instance,
            Instruction instruction,
            MStack stack,
            InterpreterMachine interpreter) {
        if (Thread.currentThread().isInterrupted()) {
            throw new ChicoryInterruptedException("Thread interrupted");
        }
        GuestInterpreter own = (GuestInterpreter) interpreter;
        InterpretedStart start = own.start;
        if (start != null) {
            own.watch(start);
        }
        if (++own.executed % HotFunctions.MANY == 0 && (own.interpreted != null || start != null)) {
            HotFunctions.tell(instance, own.running);
        }
    }

    private void watch(InterpretedStart its) {
        if (++unreported == PORTION) {
            unreported = 0;
            its.executed(PORTION);
        }
        if (its.leavesLoops()) {
            leaveLoop(its);
        }
    }

    /** The body of a function. */
    public static @Nullable FunctionBody function(
            Instance instance, long function, InterpreterMachine interpreter) {
        GuestInterpreter own = (GuestInterpreter) interpreter;
        return own.start != null ? own.body : LateFunctions.body(instance, function);
    }

    /** A global. */
    public static GlobalInstance global(Instance instance, int global) {
        return LateFunctions.global(instance, global);
    }

    /** The body that a tail call goes on with, or null when the function is not interpreted. */
    public static @Nullable FunctionBody bodyOf(Instance instance, long function) {
        return instance.getMachine() instanceof GuestInterpreter
                ? instance.function(function)
                : null;
    }

    /** What a tail call calls that does not go on in another body. */
    public static ImportFunction callee(ImportValues imports, int function) {
        if (function < imports.functionCount()) {
            return imports.function(function);
        }
        return new ImportFunction(
                "",
                "",
                FunctionType.empty(),
                (instance, arguments) -> instance.getMachine().call(function, arguments));
    }

    /** The type of a tag, which can be that of another module. */
    public static FunctionType typeOf(Instance instance, TagInstance tag) {
        return tag.type();
    }

    // ---- indirect calls, which can reach another module

    /** The type that a caller expects. */
    public static FunctionType type(Instance callee, int type, Instance caller) {
        return caller.type(type);
    }

    /** The number that a function's type has in its own module. */
    public static int functionType(Instance callee, int function) {
        if (callee.getMachine() instanceof HostMachine machine) {
            machine.requirePresent();
        }
        return callee.functionType(function);
    }

    /** Compares the type of a function with what its caller expects. */
    public static void verifyIndirectCallByTypeIdx(
            int found, int expected, TypeSection types, Instance caller) {
        if (types == caller.module().typeSection()) {
            verifyIndirectCallByTypeIdx(found, expected, types);
        } else if (!types.getType(found).equals(caller.type(expected))) {
            throw new ChicoryException("indirect call type mismatch");
        }
    }

    /** As the other, when the table may have led to another module. */
    public static @Nullable FunctionBody bodyOf(Instance instance, long function, Instance callee) {
        return callee == instance ? bodyOf(instance, function) : null;
    }

    /** As the other, when the table may have led to another module. */
    public static ImportFunction callee(ImportValues imports, int function, Instance callee) {
        if (callee.imports() == imports) {
            return callee(imports, function);
        }
        return new ImportFunction(
                "",
                "",
                FunctionType.empty(),
                (instance, arguments) -> callee.getMachine().call(function, arguments));
    }

    /** {@code memory.init}, with the segments of the instance. */
    public static void initPassiveSegment(
            Memory memory, int segment, int to, int from, int size, Instance instance) {
        GuestTables.memoryInit(to, from, size, segment, memory, instance);
    }
}
