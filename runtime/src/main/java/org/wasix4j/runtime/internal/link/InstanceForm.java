package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.ExecutionListener;
import com.dylibso.chicory.runtime.GlobalFactory;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableFactory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Global;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TagSection;
import com.dylibso.chicory.wasm.types.TagType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.wasix4j.types.Nullable;

/**
 * What all instances of a module have in common. The engine's builder finds it out anew for each
 * instance: it compares every import with all others by name, and collects the exports. In a
 * program with many libraries, each thread of which needs an instance of most, that was a quarter
 * of the time of a thread that lives for one request. So instances after the first one, which the
 * builder has checked, are made by the constructor that the builder ends with. It is not public:
 * where it cannot be reached (the engine is on the module path), or is another one, the builder
 * makes them all.
 */
final class InstanceForm {

    /**
     * The engine's constructor, or null when it cannot be reached. It is no method handle: to make
     * one takes 2 of the 95 ms of a start.
     */
    private static final @Nullable Constructor<Instance> CONSTRUCTOR = constructor();

    private final WasmModule module;
    private final Global[] globals;
    private final FunctionBody[] functions;
    private final FunctionType[] types;
    private final int[] functionTypes;
    private final Table[] tables;
    private final Element[] elements;
    private final @Nullable TagType[] tags;
    private final Map<String, Export> exports = new HashMap<>();

    private InstanceForm(WasmModule module) {
        this.module = module;
        globals = module.globalSection().globals();
        functions = module.codeSection().functionBodies();
        types = module.typeSection().types();
        functionTypes = functionTypes(module);
        tables = new Table[module.tableSection().tableCount()];
        for (int i = 0; i < tables.length; i++) {
            tables[i] = module.tableSection().getTable(i);
        }
        elements = module.elementSection().elements();
        tags = module.tagSection().map(TagSection::types).orElse(null);
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            exports.put(export.name(), export);
        }
    }

    /** That of a module, or null when instances have to be built by the engine's builder. */
    static @Nullable InstanceForm of(WasmModule module) {
        boolean ownMemory =
                module.memorySection().filter(section -> section.memoryCount() > 0).isPresent();
        return ownMemory || CONSTRUCTOR == null ? null : new InstanceForm(module);
    }

    private static int[] functionTypes(WasmModule module) {
        int own = module.functionSection().functionCount();
        int[] imported = new int[module.importSection().importCount()];
        int count = 0;
        for (int i = 0; i < imported.length; i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport function) {
                imported[count++] = function.typeIndex();
            }
        }
        int[] all = new int[count + own];
        System.arraycopy(imported, 0, all, 0, count);
        for (int i = 0; i < own; i++) {
            all[count + i] = module.functionSection().getFunctionType(i);
        }
        return all;
    }

    boolean isOf(WasmModule other) {
        return module == other;
    }

    /**
     * Makes an instance that is to be initialised.
     *
     * @param imports in the order of the module's
     */
    Instance make(
            ImportValues imports, Function<Instance, Machine> machines, TableFactory factory) {
        try {
            return Objects.requireNonNull(CONSTRUCTOR)
                    .newInstance(
                            module,
                            globals,
                            new Memory[0],
                            module.dataSection().dataSegments(),
                            functions,
                            types,
                            functionTypes,
                            imports,
                            tables,
                            elements,
                            tags,
                            exports,
                            machines,
                            factory,
                            (GlobalFactory) null,
                            false,
                            false,
                            (ExecutionListener) null);
        } catch (InvocationTargetException e) {
            throw Reflected.thrown(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Constructor<Instance> constructor() {
        try {
            Constructor<Instance> constructor =
                    Instance.class.getDeclaredConstructor(
                            WasmModule.class,
                            Global[].class,
                            Memory[].class,
                            DataSegment[].class,
                            FunctionBody[].class,
                            FunctionType[].class,
                            int[].class,
                            ImportValues.class,
                            Table[].class,
                            Element[].class,
                            TagType[].class,
                            Map.class,
                            Function.class,
                            TableFactory.class,
                            GlobalFactory.class,
                            boolean.class,
                            boolean.class,
                            ExecutionListener.class);
            constructor.setAccessible(true);
            return constructor;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }
}
