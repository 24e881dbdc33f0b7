package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.GlobalImport;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.TableImport;
import com.dylibso.chicory.wasm.types.TagImport;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.host.Imports;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/** Finds out what the imports of a library stand for. Changes nothing. */
final class Resolver {

    private static final String ENV = "env";
    private static final String DATA_ADDRESS = "GOT.mem";
    private static final String FUNCTION_ADDRESS = "GOT.func";

    private final Library library;
    private final List<Library> scope;
    private final Map<String, Integer> wellKnown;
    private final Set<String> host;
    private final List<Binding> bindings = new ArrayList<>();
    private final List<String> missingFunctions = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * Looks everything up.
     *
     * @param library whose imports
     * @param scope where symbols are looked for, in this order
     * @param wellKnown addresses that the linker decides
     * @param host what the host serves of its imports
     */
    Resolver(
            Library library,
            List<Library> scope,
            Map<String, Integer> wellKnown,
            Set<String> host) {
        this.library = library;
        this.scope = scope;
        this.wellKnown = wellKnown;
        this.host = host;
        for (Import entry : library.imports()) {
            Binding binding = bind(entry);
            if (binding == null) {
                problems.add(
                        "it imports "
                                + Printable.foreign(entry.module() + "." + entry.name())
                                + ", which is nothing that can be linked");
            }
            bindings.add(binding);
        }
    }

    /** What the imports stand for, in their order. */
    List<Binding> bindings() {
        return bindings;
    }

    /** Missing functions; a program can do without those that it does not call. */
    List<String> missingFunctions() {
        return missingFunctions;
    }

    /** What makes it impossible to link the library, as clauses. */
    List<String> problems() {
        return problems;
    }

    private @Nullable Binding bind(Import entry) {
        if (entry instanceof FunctionImport function) {
            FunctionType type = library.code.module().typeSection().getType(function.typeIndex());
            return Imports.MODULES.contains(entry.module())
                    ? hostFunction(entry, type)
                    : function(entry, type);
        }
        if (entry instanceof MemoryImport) {
            return new Binding.Memory();
        }
        if (entry instanceof TableImport table) {
            return table.entryType().equals(ValType.FuncRef) ? new Binding.Table() : null;
        }
        if (entry instanceof TagImport) {
            return tag(entry.name());
        }
        return entry instanceof GlobalImport global ? global(global) : null;
    }

    private @Nullable Binding hostFunction(Import entry, FunctionType type) {
        String key = HostFunctions.key(entry.module(), entry.name(), type);
        return host.contains(key) ? new Binding.HostFunction(key) : null;
    }

    private Binding function(Import entry, FunctionType type) {
        String name = entry.name();
        String problem = null;
        for (Library each : scope) {
            int function = each.function(name);
            if (function >= 0) {
                FunctionType its = each.functionType(function);
                if (its.equals(type)) {
                    return new Binding.Function(each, function);
                }
                problem =
                        "function %s has the type %s in %s, not %s"
                                .formatted(foreign(name), its, each, type);
                break;
            }
        }
        if (problem == null) {
            problem = "undefined function " + foreign(name);
        }
        if (!library.section.isWeakImport(entry.module(), name)) {
            missingFunctions.add(problem);
        }
        return new Binding.Missing(problem + ", which " + library + " needs");
    }

    private Binding tag(String name) {
        for (Library each : scope) {
            Export export = each.export(name);
            if (export != null && export.exportType() == ExternalType.TAG) {
                return new Binding.Tag(each, export.index());
            }
        }
        return new Binding.SharedTag(name);
    }

    private @Nullable Binding global(GlobalImport entry) {
        if (!entry.type().equals(ValType.I32)) {
            return null;
        }
        boolean mutable = entry.mutabilityType() == MutabilityType.Var;
        String name = entry.name();
        return switch (entry.module()) {
            case DATA_ADDRESS -> mutable ? dataAddress(name) : null;
            case FUNCTION_ADDRESS -> mutable ? functionAddress(name) : null;
            case ENV ->
                    switch (name) {
                        case "__stack_pointer" -> mutable ? new Binding.StackPointer() : null;
                        case "__memory_base" -> mutable ? null : new Binding.MemoryBase();
                        case "__table_base" -> mutable ? null : new Binding.TableBase();
                        default -> null;
                    };
            default -> null;
        };
    }

    private Binding dataAddress(String name) {
        Integer known = wellKnown.get(name);
        if (known != null) {
            return new Binding.Address(known);
        }
        for (Library each : scope) {
            Integer offset = each.offset(name);
            if (offset != null) {
                return each.isThreadLocal(name)
                        ? new Binding.ThreadLocalAddress(each, offset)
                        : new Binding.DataAddress(each, offset);
            }
        }
        if (!library.section.isWeakImport(DATA_ADDRESS, name)) {
            problems.add("undefined symbol " + foreign(name));
        }
        return new Binding.Address(0);
    }

    private Binding functionAddress(String name) {
        for (Library each : scope) {
            int function = each.function(name);
            if (function >= 0) {
                return new Binding.FunctionAddress(each, function);
            }
        }
        if (library.section.isWeakImport(FUNCTION_ADDRESS, name)) {
            return new Binding.Address(0);
        }
        String problem = "undefined function " + foreign(name);
        missingFunctions.add(problem);
        return new Binding.MissingAddress(problem + ", which " + library + " needs");
    }

    private static String foreign(String name) {
        return Printable.foreign(name);
    }
}
