package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.OpcodeImpl;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.PassiveElement;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.util.List;
import org.wasix4j.runtime.internal.link.HostMachine;

/**
 * Table instructions of guest code, compiled or interpreted ({@link EngineCalls}). The engine adds
 * an offset and a length as ints, so that a sum beyond 2^31 passes its check, and takes the
 * instance of a copied entry from the wrong place. Public because the code has a class loader of
 * its own; no other code may call it.
 */
public final class GuestTables {

    private GuestTables() {}

    /** {@code table.fill}, as compiled code calls it. */
    public static void tableFill(int offset, int value, int size, int table, Instance instance) {
        TableInstance target = instance.table(table);
        check(offset, size, target.size());
        for (int i = offset; i < offset + size; i++) {
            target.setRef(i, value, instance);
        }
    }

    /** {@code table.copy}, as compiled code calls it. */
    public static void tableCopy(
            int to, int from, int size, int toTable, int fromTable, Instance instance) {
        TableInstance source = instance.table(fromTable);
        TableInstance target = instance.table(toTable);
        check(from, size, source.size());
        check(to, size, target.size());
        for (int i = 0; i < size; i++) {
            // the two may overlap
            int at = to <= from ? i : size - 1 - i;
            target.setRef(to + at, source.ref(from + at), source.instance(from + at));
        }
    }

    /** {@code table.init}, as compiled code calls it. */
    public static void tableInit(
            int to, int from, int size, int segment, int table, Instance instance) {
        TableInstance target = instance.table(table);
        Element element = instance.element(segment);
        // one that is active or was dropped is empty
        boolean passive = element instanceof PassiveElement;
        check(from, size, passive ? element.elementCount() : 0);
        check(to, size, target.size());
        for (int i = 0; i < size; i++) {
            long value =
                    ConstantEvaluators.computeConstantValue(
                            instance, element.initializers().get(from + i))[0];
            target.setRef(to + i, OpcodeImpl.boxForTable(value, instance), instance);
        }
    }

    /** {@code table.get}, as compiled code calls it. */
    public static int tableGet(int index, int table, Instance instance) {
        return TABLE_GET(instance, table, index);
    }

    /**
     * {@code table.get}, as the interpreter calls it. A reference is a number in the module that
     * has it, and means another function in every other module. So one of another module cannot be
     * read.
     */
    public static int TABLE_GET(Instance instance, int table, int index) {
        TableInstance from = instance.table(table);
        if (index < 0 || index >= from.size()) {
            throw new WasmRuntimeException("out of bounds table access");
        }
        int reference = from.ref(index);
        if (reference != Value.REF_NULL_VALUE) {
            Instance owner = from.instance(index);
            if (owner != null && owner != instance) {
                throw new WasmRuntimeException(
                        "table.get reads a function of another module, which is not supported");
            }
        }
        return reference;
    }

    /**
     * An indirect call that reaches another module, as compiled code makes it.
     *
     * @param type the number that the caller has for the function's type
     */
    public static long[] callIndirect(
            long[] arguments, int type, int function, Instance callee, Instance caller) {
        requireType(type, function, callee, caller);
        return callee.getMachine().call(function, arguments);
    }

    /**
     * Compares the type of a function with that which its caller expects. Numbers of types mean
     * nothing outside their module.
     */
    static void requireType(int type, int function, Instance callee, Instance caller) {
        if (callee.getMachine() instanceof HostMachine machine) {
            machine.requirePresent();
        }
        FunctionType expected = caller.type(type);
        FunctionType found = callee.type(callee.functionType(function));
        if (found != expected
                && !(same(found.params(), expected.params())
                        && same(found.returns(), expected.returns()))) {
            throw new ChicoryException("indirect call type mismatch");
        }
    }

    /** Without an iterator: this is done at each call. */
    private static boolean same(List<ValType> one, List<ValType> other) {
        int size = one.size();
        if (other.size() != size) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (one.get(i) != other.get(i) && !one.get(i).equals(other.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** {@code memory.init}, as compiled code calls it. */
    public static void memoryInit(
            int to, int from, int size, int segment, Memory memory, Instance instance) {
        memory.write(to, instance.dataSegmentData(segment), from, size);
    }

    /** As {@link #tableFill}, as the interpreter calls it. */
    public static void TABLE_FILL(Instance instance, int table, int size, int value, int offset) {
        tableFill(offset, value, size, table, instance);
    }

    /** As {@link #tableCopy}, as the interpreter calls it. */
    public static void TABLE_COPY(
            Instance instance, int fromTable, int toTable, int size, int from, int to) {
        tableCopy(to, from, size, toTable, fromTable, instance);
    }

    /** As {@link #tableInit}, as the interpreter calls it. */
    public static void TABLE_INIT(
            Instance instance, int table, int segment, int size, int from, int to) {
        tableInit(to, from, size, segment, table, instance);
    }

    private static void check(int offset, int size, int limit) {
        if (Integer.toUnsignedLong(offset) + Integer.toUnsignedLong(size) > limit) {
            throw new WasmRuntimeException("out of bounds table access");
        }
    }
}
