package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportTag;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.TagInstance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.UnlinkableException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.GlobalImport;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.TableImport;
import com.dylibso.chicory.wasm.types.TagImport;
import com.dylibso.chicory.wasm.types.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Makes of {@link Binding}s what the instances of one thread import. */
final class InstanceImports {

    private final Linker linker;
    private final ThreadLibraries libraries;

    /** Tags that no library has, by name. */
    private final Map<String, TagInstance> tags = new HashMap<>();

    /** The address of a thread-local of a library that is still being made. */
    private record Pending(GlobalInstance global, Library library, int offset) {}

    private final List<Pending> pending = new ArrayList<>();

    InstanceImports(Linker linker, ThreadLibraries libraries) {
        this.linker = linker;
        this.libraries = libraries;
    }

    /**
     * What an instance of a library is made with, in the order of its imports.
     *
     * @param fresh whether it is the first one of the library
     * @throws UnlinkableException when memory, table or a tag is another one than it expects
     */
    ImportValues of(Library library, boolean fresh) {
        List<ImportFunction> functions = new ArrayList<>();
        List<ImportGlobal> globals = new ArrayList<>();
        ImportValues.Builder values = ImportValues.builder();
        WasmModule module = library.code.module();
        List<Import> imports = library.imports();
        for (int i = 0; i < imports.size(); i++) {
            Import entry = imports.get(i);
            Binding binding = library.bindings.get(i);
            if (entry instanceof FunctionImport function) {
                FunctionType type = module.typeSection().getType(function.typeIndex());
                functions.add(
                        binding instanceof Binding.HostFunction host
                                ? linker.functions().of(library).get(host.key())
                                : function(entry, type, binding, functions.size()));
            } else if (entry instanceof GlobalImport global) {
                globals.add(
                        new ImportGlobal(
                                entry.module(), entry.name(), global(library, global, binding)));
            } else if (entry instanceof TagImport tag) {
                FunctionType type = module.typeSection().getType(tag.tagType().typeIdx());
                TagInstance its = tag(tag, type, binding);
                if (fresh) {
                    ImportChecks.tag(tag, type, its.type());
                }
                values.addTag(new ImportTag(entry.module(), entry.name(), its));
            } else if (entry instanceof MemoryImport memory) {
                if (fresh) {
                    ImportChecks.memory(memory, linker.host().memory());
                }
                values.addMemory(
                        new ImportMemory(entry.module(), entry.name(), linker.host().memory()));
            } else {
                if (fresh) {
                    ImportChecks.table((TableImport) entry, libraries.table());
                }
                values.addTable(new ImportTable(entry.module(), entry.name(), libraries.table()));
            }
        }
        return values.addFunction(functions.toArray(new ImportFunction[0]))
                .addGlobal(globals.toArray(new ImportGlobal[0]))
                .build();
    }

    private ImportFunction function(
            Import entry, FunctionType type, Binding binding, int imported) {
        if (binding instanceof Binding.Function target) {
            return new ImportFunction(
                    entry.module(),
                    entry.name(),
                    type,
                    new Crossing(libraries, target.library(), target.function(), imported));
        }
        String problem = ((Binding.Missing) binding).problem();
        return new ImportFunction(
                entry.module(),
                entry.name(),
                type,
                (instance, arguments) -> {
                    throw new ChicoryException(problem);
                });
    }

    private GlobalInstance global(Library library, GlobalImport entry, Binding binding) {
        if (binding instanceof Binding.StackPointer) {
            return libraries.stackPointer();
        }
        int value;
        if (binding instanceof Binding.MemoryBase) {
            value = library.memoryBase;
        } else if (binding instanceof Binding.TableBase) {
            value = library.tableBase;
        } else if (binding instanceof Binding.Address address) {
            value = address.value();
        } else if (binding instanceof Binding.FunctionAddress address) {
            value = linker.address(address.library(), address.function());
        } else if (binding instanceof Binding.MissingAddress address) {
            value = linker.missing(address.problem());
        } else if (binding instanceof Binding.DataAddress address) {
            value = address.library().memoryBase + address.offset();
        } else {
            return threadLocal(entry, (Binding.ThreadLocalAddress) binding);
        }
        return new GlobalInstance(Value.i32(value), entry.mutabilityType());
    }

    private GlobalInstance threadLocal(GlobalImport entry, Binding.ThreadLocalAddress address) {
        boolean known = !libraries.isMaking(address.library());
        int value = known ? libraries.threadLocals(address.library()) + address.offset() : 0;
        GlobalInstance made = new GlobalInstance(Value.i32(value), entry.mutabilityType());
        if (!known) {
            pending.add(new Pending(made, address.library(), address.offset()));
        }
        return made;
    }

    /** The thread-locals of a library exist now: completes the instances that were made before. */
    void settle(Library library, int threadLocals) {
        for (Iterator<Pending> each = pending.iterator(); each.hasNext(); ) {
            Pending one = each.next();
            if (one.library == library) {
                one.global.setValue(Integer.toUnsignedLong(threadLocals + one.offset));
                each.remove();
            }
        }
    }

    private TagInstance tag(TagImport entry, FunctionType type, Binding binding) {
        if (binding instanceof Binding.Tag tag) {
            return libraries.instance(tag.library()).tag(tag.index());
        }
        return tags.computeIfAbsent(
                ((Binding.SharedTag) binding).name(),
                name -> new TagInstance(entry.tagType(), type));
    }
}
