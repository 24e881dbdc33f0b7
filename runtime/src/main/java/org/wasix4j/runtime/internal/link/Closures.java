package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.wasix4j.system.DynamicLinker.Signature;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.ValueType;

/** Functions that the guest makes at run time, at places of the table that are kept for them. */
final class Closures {

    private static final int STACK_ALIGNMENT = 16;

    /** So many places are taken from the table at a time. */
    private static final int PLACES = 16;

    /** What a closure takes of the guest's memory: it is a module of its own. */
    private static final int COST = 3072;

    private final Linker linker;
    private final FunctionTable table;

    /** Places that are in use. Guarded by this, as all here. */
    private final Set<Integer> used = new HashSet<>();

    private final Deque<Integer> free = new ArrayDeque<>();

    /** For how many this process has taken memory; those that a fork brought are its parent's. */
    private int paid;

    Closures(Linker linker, FunctionTable table) {
        this.linker = linker;
        this.table = table;
    }

    /** The same places, for a process that was forked. */
    synchronized Closures copy(Linker its, FunctionTable theirs) {
        Closures copy = new Closures(its, theirs);
        copy.used.addAll(used);
        copy.free.addAll(free);
        return copy;
    }

    /** Reserves a place; -1 when there is none left, or too little memory. */
    synchronized int allocate() {
        if (!linker.host().take(COST)) {
            return -1;
        }
        if (free.isEmpty()) {
            int first = linker.growTable(PLACES);
            if (first < 0) {
                linker.host().giveBack(COST);
                return -1;
            }
            for (int i = 0; i < PLACES; i++) {
                free.add(first + i);
            }
        }
        int place = free.remove();
        used.add(place);
        paid++;
        return place;
    }

    synchronized boolean has(int place) {
        return used.contains(place);
    }

    /** Gives a place back; does nothing when it was not reserved. */
    synchronized void free(int place) {
        if (!used.remove(place)) {
            return;
        }
        table.clear(place, 1);
        free.add(place);
        if (paid > 0) {
            paid--;
            linker.host().giveBack(COST);
        }
    }

    synchronized boolean prepare(int place, Signature signature, int backing, int userData) {
        if (!used.contains(place) || !table.contains(backing)) {
            return false;
        }
        List<ValType> arguments = lowered(signature.arguments());
        List<ValType> results = lowered(signature.results());
        Instance closure =
                HostMachine.instance(
                        FunctionType.of(arguments, results),
                        values -> call(arguments, results, values, backing, userData));
        table.set(place, 0, closure);
        return true;
    }

    /** The types as the engine has them: a vector is two integers. */
    private static List<ValType> lowered(List<ValueType> types) {
        List<ValType> lowered = new ArrayList<>();
        for (ValueType type : types) {
            switch (type) {
                case I32 -> lowered.add(ValType.I32);
                case I64 -> lowered.add(ValType.I64);
                case F32 -> lowered.add(ValType.F32);
                case F64 -> lowered.add(ValType.F64);
                case V128 -> {
                    lowered.add(ValType.I64);
                    lowered.add(ValType.I64);
                }
            }
        }
        return lowered;
    }

    /** What a type means to the guest; null when there is a value that has no number there. */
    static @Nullable Signature signature(FunctionType type) {
        List<ValueType> arguments = types(type.params());
        List<ValueType> results = types(type.returns());
        return arguments == null || results == null ? null : new Signature(arguments, results);
    }

    private static @Nullable List<ValueType> types(List<ValType> types) {
        List<ValueType> known = new ArrayList<>();
        for (ValType type : types) {
            if (type.equals(ValType.I32)) {
                known.add(ValueType.I32);
            } else if (type.equals(ValType.I64)) {
                known.add(ValueType.I64);
            } else if (type.equals(ValType.F32)) {
                known.add(ValueType.F32);
            } else if (type.equals(ValType.F64)) {
                known.add(ValueType.F64);
            } else {
                return null;
            }
        }
        return known;
    }

    private static int size(ValType type) {
        return type.equals(ValType.I32) || type.equals(ValType.F32) ? 4 : 8;
    }

    /** A call of a closure: of the backing function, with what is on the guest's stack. */
    private static long[] call(
            List<ValType> arguments,
            List<ValType> results,
            long[] values,
            int backing,
            int userData) {
        ThreadLibraries here = ThreadLibraries.current();
        GlobalInstance stackPointer = here.stackPointer();
        Memory memory = here.memory();
        if (memory == null) {
            throw new TrapException("a closure is called, and the program has no memory");
        }
        int top = (int) stackPointer.getValue();
        int into = below(top, results);
        int from = below(into, arguments);
        int at = from;
        for (int i = 0; i < arguments.size(); i++) {
            at = write(memory, at, arguments.get(i), values[i]);
        }
        // what the backing function does not write is zero
        for (int i = into; i < top; i++) {
            memory.writeByte(i, (byte) 0);
        }
        stackPointer.setValue(Integer.toUnsignedLong(from));
        try {
            here.call(
                    backing,
                    new long[] {
                        Integer.toUnsignedLong(from),
                        Integer.toUnsignedLong(into),
                        Integer.toUnsignedLong(userData)
                    });
        } finally {
            stackPointer.setValue(Integer.toUnsignedLong(top));
        }
        long[] returned = new long[results.size()];
        at = into;
        for (int i = 0; i < returned.length; i++) {
            returned[i] =
                    size(results.get(i)) == 4
                            ? Integer.toUnsignedLong(memory.readInt(at))
                            : memory.readLong(at);
            at += size(results.get(i));
        }
        return returned;
    }

    private static int write(Memory memory, int at, ValType type, long value) {
        if (size(type) == 4) {
            memory.writeI32(at, (int) value);
        } else {
            memory.writeLong(at, value);
        }
        return at + size(type);
    }

    private static int below(int top, List<ValType> types) {
        int size = types.stream().mapToInt(Closures::size).sum();
        return top - size & -STACK_ALIGNMENT;
    }
}
