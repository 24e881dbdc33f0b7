package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import org.wasix4j.types.Nullable;

/** The function table of a process as one thread sees it: with the instances of this thread. */
final class TableView extends TableInstance {

    private final FunctionTable table;
    private final ThreadLibraries libraries;

    TableView(FunctionTable table, ThreadLibraries libraries) {
        super(new Table(ValType.FuncRef, new TableLimits(0)), Value.REF_NULL_VALUE);
        this.table = table;
        this.libraries = libraries;
    }

    @Override
    public int size() {
        return table.latest().functions.length;
    }

    /** As large as it is now: to grow it is a matter of {@link #grow}. */
    @Override
    public TableLimits limits() {
        int size = size();
        return new TableLimits(size, size);
    }

    @Override
    public int grow(int size, int value, Instance instance) {
        return libraries.growTable(size, value, instance);
    }

    @Override
    public int ref(int index) {
        int function = find(index);
        return function;
    }

    @Override
    public int requiredRef(int index) {
        int function = find(index);
        if (function == Value.REF_NULL_VALUE) {
            throw new ChicoryException("uninitialized element " + index);
        }
        return function;
    }

    /**
     * Finds out what an indirect call of an entry reaches, or null when it has to be called by the
     * engine's way, or cannot be.
     *
     * @param type the name of the type that it has to have
     */
    @Nullable
    Target target(int index, String type) {
        FunctionTable.Entries entries = table.entries();
        if (index < 0 || index >= entries.functions.length) {
            return null;
        }
        Object owner = entries.owners[index];
        int function = entries.functions[index];
        if (function == Value.REF_NULL_VALUE
                || !(owner instanceof Library library)
                || !(libraries.instance(library).getMachine() instanceof TypedMachine machine)
                || machine.typeOf(function) != type) {
            return null;
        }
        Target target = machine.warm(function);
        if (target != null) {
            table.keep(index, target);
        }
        return target;
    }

    /** The table as all threads see it. */
    FunctionTable shared() {
        return table;
    }

    ThreadLibraries libraries() {
        return libraries;
    }

    private int find(int index) {
        FunctionTable.Entries entries = table.entries();
        if (index >= 0 && index < entries.functions.length) {
            int function = entries.functions[index];
            if (function != Value.REF_NULL_VALUE) {
                return function;
            }
        }
        FunctionTable.Entries latest = table.latest();
        if (index < 0 || index >= latest.functions.length) {
            throw new ChicoryException("undefined element");
        }
        return latest.functions[index];
    }

    @Override
    public Instance instance(int index) {
        FunctionTable.Entries entries = table.entries();
        if (index < 0 || index >= entries.owners.length) {
            entries = table.latest();
        }
        Object owner = entries.owners[index];
        if (owner instanceof Library library) {
            return libraries.instance(library);
        }
        return (Instance) owner;
    }

    @Override
    public void setRef(int index, int value, Instance instance) {
        if (index < 0 || index >= size()) {
            throw new UninstantiableException("out of bounds table access");
        }
        libraries.setEntry(index, value, instance);
    }

    /** Sets consecutive entries, which there are, to functions of the module that is being made. */
    void set(int from, int[] functions) {
        libraries.setEntries(from, functions);
    }

    @Override
    public void reset() {
        // only the engine's own store calls this
        throw new UnsupportedOperationException();
    }
}
