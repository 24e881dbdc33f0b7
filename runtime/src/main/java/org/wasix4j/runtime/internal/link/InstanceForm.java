package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.ExecutionListener;
import com.dylibso.chicory.runtime.GlobalFactory;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableFactory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Global;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TagSection;
import com.dylibso.chicory.wasm.types.TagType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.wasix4j.types.Nullable;

/**
 * What all instances of a module have in common. The engine's builder finds it out anew for each
 * instance: it compares every import with all others by name, and collects the exports. In a
 * program with many libraries, each thread of which needs an instance of most, that was a quarter
 * of the time of a thread that lives for one request. So instances are made by the constructor that
 * the builder ends with, and what the builder would check is checked where their imports are put
 * together ({@link ImportChecks}). The constructor is not public: where it cannot be reached (the
 * engine is on the module path), or is another one, the builder makes them all.
 */
public final class InstanceForm {

    /**
     * The engine's constructor, or null when it cannot be reached. It is no method handle: to make
     * one takes 2 of the 95 ms of a start.
     */
    private static final @Nullable Constructor<Instance> CONSTRUCTOR = constructor();

    /** In the place of the body of a function that was compiled. */
    private static final FunctionBody COMPILED = new FunctionBody(List.of(), List.of());

    private final WasmModule module;
    private final Global[] globals;
    private final FunctionBody[] functions;
    private final FunctionType[] types;
    private final int[] functionTypes;
    private final Table[] tables;
    private final Element[] elements;
    private final @Nullable TagType[] tags;
    private final Map<String, Export> exports;
    private final int memories;
    private final @Nullable InstanceStart start;
    private final boolean forked;

    private InstanceForm(WasmModule module, LinkableModule code) {
        this.module = module;
        ModuleShape shape = code.shape();
        globals = module.globalSection().globals();
        types = module.typeSection().types();
        functionTypes = shape.functionTypes();
        int own = shape.functionCount() - module.importSection().count(ExternalType.FUNCTION);
        FunctionBody[] bodies = module.codeSection().functionBodies();
        if (bodies.length == 0) {
            // the interpreter asks whether there is one
            bodies = new FunctionBody[own];
            Arrays.fill(bodies, COMPILED);
        }
        functions = bodies;
        tables = new Table[module.tableSection().tableCount()];
        for (int i = 0; i < tables.length; i++) {
            tables[i] = module.tableSection().getTable(i);
        }
        elements = module.elementSection().elements();
        tags = module.tagSection().map(TagSection::types).orElse(null);
        exports = shape.exports();
        memories = module.memorySection().map(MemorySection::memoryCount).orElse(0);
        start = code.start();
        forked = module != code.module();
    }

    /** Whether instances can be made in this way. */
    public static boolean isPossible() {
        return CONSTRUCTOR != null;
    }

    /**
     * That of a module.
     *
     * @param module the module of the code, or what it is after a fork
     * @return null when instances have to be built by the engine's builder
     */
    public static @Nullable InstanceForm of(WasmModule module, LinkableModule code) {
        return isPossible() ? new InstanceForm(module, code) : null;
    }

    /** Whether it is that of a module. */
    public boolean isOf(WasmModule other) {
        return module == other;
    }

    /**
     * Makes an instance that is to be initialised.
     *
     * @param imports in the order of the module's
     * @param memory the memory that the module has for itself, if it has one
     */
    public Instance make(
            ImportValues imports,
            Function<Instance, Machine> machines,
            TableFactory factory,
            @Nullable Memory memory) {
        Memory[] own = new Memory[memories];
        Arrays.fill(own, memory);
        try {
            return Objects.requireNonNull(CONSTRUCTOR)
                    .newInstance(
                            module,
                            globals,
                            own,
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

    /**
     * Gives a new instance its globals, its part of the table and the memory, and runs its start
     * function.
     *
     * @throws UninstantiableException when it does not fit, or traps
     */
    public void initialise(Instance instance) {
        if (start == null) {
            instance.initialize(false);
            return;
        }
        for (InstanceStart.Entries each : start.entries()) {
            setEntries(instance, each);
        }
        instance.initialize(false);
        if (forked) {
            return;
        }
        for (InstanceStart.Data each : start.data()) {
            write(instance, each);
        }
        if (start.function() >= 0) {
            try {
                instance.getMachine().call(start.function(), new long[0]);
            } catch (TrapException e) {
                throw new UninstantiableException(e.getMessage(), e);
            }
        }
    }

    private static void setEntries(Instance instance, InstanceStart.Entries entries) {
        TableInstance table = instance.table(0);
        int[] its = entries.functions();
        int place =
                entries.relative()
                        ? (int) instance.global(entries.place()).getValue()
                        : entries.place();
        if (place < 0 || place > table.size() - its.length) {
            throw new UninstantiableException("out of bounds table access");
        }
        if (table instanceof TableView view) {
            view.set(place, its);
            return;
        }
        for (int i = 0; i < its.length; i++) {
            table.setRef(place + i, its[i], instance);
        }
    }

    private static void write(Instance instance, InstanceStart.Data data) {
        int address =
                data.relative() ? (int) instance.global(data.place()).getValue() : data.place();
        try {
            instance.memory().write(address, data.bytes(), data.from(), data.length());
        } catch (WasmRuntimeException e) {
            throw new UninstantiableException(e.getMessage(), e);
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
