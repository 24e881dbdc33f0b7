package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.runtime.StackFrame;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Instruction;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

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
 * as its neighbours; nobody else is to use it.
 */
public class GuestInterpreter extends InterpreterMachine {

    private final Instance instance;

    /** The functions that are interpreted, or null when all are. */
    private final Set<Integer> interpreted;

    private MStack stack;
    private Deque<StackFrame> calls;

    /** An interpreter for all functions. */
    public GuestInterpreter(Instance instance) {
        super(instance);
        this.instance = instance;
        this.interpreted = null;
    }

    /** An interpreter for some functions, beside the machine that runs the compiled ones. */
    public GuestInterpreter(Instance instance, int[] interpreted) {
        super(instance);
        this.instance = instance;
        this.interpreted = new HashSet<>();
        Arrays.stream(interpreted).forEach(this.interpreted::add);
    }

    @Override
    public long[] call(int function, long[] arguments) {
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
    protected long[] call(
            MStack stack,
            Instance instance,
            Deque<StackFrame> calls,
            int function,
            long[] arguments,
            FunctionType type,
            boolean wantsResults) {
        if (!isInterpreted(function) && instance.function(function) != null) {
            return callCompiled(stack, instance, function, arguments, wantsResults);
        }
        int depth = calls.size();
        try {
            return super.call(stack, instance, calls, function, arguments, type, wantsResults);
        } finally {
            // a tail call has put another frame in the place of the one that the engine removes
            shrink(calls, depth);
        }
    }

    private static long[] callCompiled(
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
            } catch (WasmException e) {
                shrink(calls, depth);
                // with no other frames to look at it throws what this one does not handle
                THROW_REF(
                        instance,
                        GuestExceptions.registerException(instance, e),
                        stack,
                        calls.peek(),
                        new ArrayDeque<>());
            }
        }
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
    public static void onExecution(Instance instance, Instruction instruction, MStack stack) {
        if (Thread.currentThread().isInterrupted()) {
            throw new ChicoryInterruptedException("Thread interrupted");
        }
    }

    /** The body that a tail call goes on with, or null when the function is not interpreted. */
    public static FunctionBody bodyOf(Instance instance, long function) {
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
}
