package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Global;
import com.dylibso.chicory.wasm.types.GlobalImport;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.OpCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * A module as a part of a process: the program itself or a shared library. It is the same for all
 * threads; {@link ThreadLibraries} has the instances.
 */
final class Library {

    /** Its place among the libraries of the process; the program is 0. */
    final int number;

    /** The guest path by which it was found, or what the program is called. */
    final String path;

    /** How many bytes its file has. */
    final int size;

    final LinkableModule code;
    final DylinkSection section;

    /** Which libraries those of its section are, in the same order. */
    final List<Library> needed = new ArrayList<>();

    private final ModuleShape shape;
    private int importedFunctions;
    private int importedGlobals;

    /** Where its data begin. */
    int memoryBase;

    /** Where its functions begin in the table. */
    int tableBase;

    /** Whether an instance was made that has written its data into memory. */
    volatile boolean born;

    /** What its instances have in common; null while there are none. */
    private volatile @Nullable InstanceForm form;

    /** What its imports are, in their order; set before the first instance is made. */
    List<Binding> bindings = List.of();

    /** Functions that were called often, by number. */
    private final Map<Integer, Target> targets = new ConcurrentHashMap<>();

    /** What the imported functions are, by number; null while it is not known. */
    private volatile @Nullable Target[] importTargets;

    Library(int number, String path, int size, LinkableModule code, DylinkSection section) {
        this.number = number;
        this.path = path;
        this.size = size;
        this.code = code;
        this.section = section;
        shape = code.shape();
        for (Import entry : imports()) {
            if (entry instanceof FunctionImport) {
                importedFunctions++;
            } else if (entry instanceof GlobalImport) {
                importedGlobals++;
            }
        }
    }

    /** What it imports, in order. */
    List<Import> imports() {
        List<Import> imports = new ArrayList<>();
        WasmModule module = code.module();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            imports.add(module.importSection().getImport(i));
        }
        return imports;
    }

    /** Whether it imports the stack pointer: that of a program is one that a linker makes. */
    boolean importsStackPointer() {
        for (Import entry : imports()) {
            if (entry instanceof GlobalImport && entry.name().equals("__stack_pointer")) {
                return true;
            }
        }
        return false;
    }

    /**
     * What its instances have in common.
     *
     * @param module what is instantiated
     * @return null when the engine has to find it out for each
     */
    @Nullable
    InstanceForm form(WasmModule module) {
        InstanceForm known = form;
        if (known == null || !known.isOf(module)) {
            known = InstanceForm.of(module, code);
            form = known;
        }
        return known;
    }

    /** The target of a function, or null when there is none yet. */
    @Nullable
    Target target(int function) {
        return targets.get(function);
    }

    /** Keeps a target of a function; the one that is there already comes first. */
    Target keep(Target made) {
        Target earlier = targets.putIfAbsent(made.function, made);
        return earlier == null ? made : earlier;
    }

    /** Where the machines of all instances note what the imported functions are. */
    @Nullable
    Target[] importTargets() {
        Target[] known = importTargets;
        if (known == null) {
            synchronized (targets) {
                known = importTargets;
                if (known == null) {
                    known = new Target[importedFunctions];
                    importTargets = known;
                }
            }
        }
        return known;
    }

    /** Itself and all that it needs, what is nearer first. */
    List<Library> withNeeded() {
        Set<Library> seen = new LinkedHashSet<>();
        seen.add(this);
        List<Library> queue = new ArrayList<>(seen);
        for (int i = 0; i < queue.size(); i++) {
            for (Library each : queue.get(i).needed) {
                if (seen.add(each)) {
                    queue.add(each);
                }
            }
        }
        return queue;
    }

    /** The handle by which the guest knows it; the program's is 1. */
    int handle() {
        return number + 1;
    }

    /** What it exports under a name, or null. */
    @Nullable
    Export export(String symbol) {
        return shape.export(symbol);
    }

    /** The number of the function that it exports under a name, or -1. */
    int function(String symbol) {
        return shape.function(symbol);
    }

    /** The type of a function by number. */
    FunctionType functionType(int function) {
        return code.module().typeSection().getType(shape.functionType(function));
    }

    /** How many functions it has, those that it imports among them. */
    int functionCount() {
        return shape.functionCount();
    }

    /** The number of the mutable global that it exports under a name, or -1. */
    int mutableGlobal(String symbol) {
        Export export = shape.export(symbol);
        if (export == null || export.exportType() != ExternalType.GLOBAL) {
            return -1;
        }
        Global global = ownGlobal(export.index());
        return global != null && global.mutabilityType() == MutabilityType.Var
                ? export.index()
                : -1;
    }

    private @Nullable Global ownGlobal(int index) {
        int own = index - importedGlobals;
        return own < 0 || own >= code.module().globalSection().globalCount()
                ? null
                : code.module().globalSection().getGlobal(own);
    }

    /** Whether it exports data under a name. */
    boolean hasData(String symbol) {
        return offset(symbol) != null;
    }

    /** The value of an exported constant, or null: where a datum is, from where its kind begins. */
    @Nullable
    Integer offset(String symbol) {
        Export export = shape.export(symbol);
        if (export == null || export.exportType() != ExternalType.GLOBAL) {
            return null;
        }
        Global global = ownGlobal(export.index());
        if (global == null || global.mutabilityType() == MutabilityType.Var) {
            return null;
        }
        List<Instruction> value = global.initInstructions();
        return !value.isEmpty() && value.get(0).opcode() == OpCode.I32_CONST
                ? (Integer) (int) value.get(0).operand(0)
                : null;
    }

    /**
     * Whether a name is that of a thread-local, which has its place among those of each thread. A
     * program with fixed places has no section that tells. But wasm-ld puts the first values of
     * thread-locals in front of all data, so what is exported with a value below their size is no
     * address of data.
     */
    boolean isThreadLocal(String symbol) {
        if (section != DylinkSection.NONE) {
            return section.isThreadLocal(symbol);
        }
        if (mutableGlobal("__tls_base") < 0) {
            return false;
        }
        Integer size = offset("__tls_size");
        Integer offset = offset(symbol);
        return size != null && offset != null && Integer.compareUnsigned(offset, size) < 0;
    }

    @Override
    public String toString() {
        return Printable.foreign(path);
    }
}
