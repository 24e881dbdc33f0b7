package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import com.dylibso.chicory.wasm.types.ValType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.link.InstanceForm;
import org.wasix4j.runtime.internal.link.InstanceStart;
import org.wasix4j.runtime.internal.link.LinkableModule;
import org.wasix4j.runtime.internal.link.ModuleNeeds;
import org.wasix4j.runtime.internal.link.ModuleShape;
import org.wasix4j.types.Nullable;

/** A parsed module with its code, compiled or to be interpreted. Immutable, for any threads. */
public final class LoadedModule implements LinkableModule {

    private static final String START = "_start";

    private final WasmModule module;
    private final ModuleShape shape;
    private final @Nullable InstanceStart start;

    /** The functions that are interpreted because they could not be compiled. */
    private final Set<Integer> interpreted;

    /** The names of functions, as a section to be parsed, or null when the module has them. */
    private final @Nullable Supplier<byte[]> names;

    private final Function<Instance, Machine> machines;

    private final Engine engine;

    private final @Nullable CodeFolder cache;

    /** Whether programs and libraries for it may run before all of them is compiled, as it may. */
    private final boolean lazy;

    /** Made when the first process forks. */
    private volatile @Nullable WasmModule forked;

    /** A module to be interpreted, or not run at all. */
    LoadedModule(
            WasmModule module, Function<Instance, Machine> machines, @Nullable CodeFolder cache) {
        this(
                module,
                ModuleShape.of(module),
                null,
                Set.of(),
                null,
                machines,
                Engine.INTERPRETER,
                cache,
                false);
    }

    /** A module that was parsed as a whole, and is compiled or will be. */
    LoadedModule(
            WasmModule module,
            Set<Integer> interpreted,
            Supplier<byte[]> names,
            Function<Instance, Machine> machines,
            @Nullable CodeFolder cache) {
        this(
                module,
                ModuleShape.of(module),
                null,
                interpreted,
                names,
                machines,
                Engine.COMPILER,
                cache,
                false);
    }

    private LoadedModule(
            WasmModule module,
            ModuleShape shape,
            @Nullable InstanceStart start,
            Set<Integer> interpreted,
            @Nullable Supplier<byte[]> names,
            Function<Instance, Machine> machines,
            Engine engine,
            @Nullable CodeFolder cache,
            boolean lazy) {
        this.engine = engine;
        this.lazy = lazy;
        if (module.tagSection().isPresent()) {
            GuestExceptions.initialise();
        }
        this.module = module;
        this.shape = shape;
        this.start = start;
        this.interpreted = interpreted;
        this.names = names;
        this.machines = machines;
        this.cache = cache;
    }

    /** A module all of which was compiled before. */
    static LoadedModule of(
            ModuleImage image, Function<Instance, Machine> machines, @Nullable CodeFolder cache) {
        Set<Integer> interpreted = image.code().interpreted();
        StrippedModule.Lean lean =
                interpreted.isEmpty() && InstanceForm.isPossible()
                        ? StrippedModule.lean(image.module())
                        : null;
        return new LoadedModule(
                lean == null ? StrippedModule.parse(image.module(), interpreted) : lean.module(),
                ModuleShape.read(image.shape()),
                lean == null ? null : lean.start(),
                interpreted,
                image::names,
                machines,
                Engine.COMPILER,
                cache,
                false);
    }

    /** The same module, whose programs and libraries may run before all of them is compiled. */
    LoadedModule lazy() {
        return new LoadedModule(
                module, shape, start, interpreted, names, machines, engine, cache, true);
    }

    /** The folder in which its compiled code is kept, or null. */
    @Nullable
    Path cacheFolder() {
        return cache == null ? null : cache.path();
    }

    /** What {@link #interpreted} are called in messages. */
    public List<String> interpretedNames() {
        return interpreted.stream().sorted().map(this::describe).toList();
    }

    /** The functions that are interpreted because they could not be compiled. */
    Set<Integer> interpreted() {
        return interpreted;
    }

    @Override
    public WasmModule module() {
        return module;
    }

    @Override
    public ModuleShape shape() {
        return shape;
    }

    @Override
    public @Nullable InstanceStart start() {
        return start;
    }

    /**
     * Another program, by the same engine and with the same cache.
     *
     * @throws ModuleException as {@link ModuleLoading#load}
     */
    LoadedModule sibling(byte[] wasm) {
        return ModuleLoading.load(wasm, engine, cache, START, lazy, new Loading(0, null));
    }

    /**
     * A library for this program, by the same engine and with the same cache.
     *
     * @throws ModuleException as {@link ModuleLoading#load}
     */
    LoadedModule library(byte[] wasm) {
        return ModuleLoading.load(wasm, engine, cache, null, lazy, new Loading(0, null));
    }

    /**
     * The module for instances whose memory is there already, as it is after a fork: without its
     * start section and without what data segments would write.
     */
    @Override
    public WasmModule forked() {
        WasmModule made = forked;
        if (made == null) {
            made = ForkedModule.of(module);
            forked = made;
        }
        return made;
    }

    @Override
    public Function<Instance, Machine> machines() {
        return machines;
    }

    /**
     * Checks what can be known before anything is compiled: that there is what it imports, and that
     * it exports what is to be called.
     *
     * @param entry a function, or null when it is open what is to be called
     */
    void requireLinkable(@Nullable String entry) {
        List<String> unknown = new ArrayList<>();
        for (Imports.Inspected each : new Imports(HostLinker.modules()).inspect(module)) {
            if (!each.bound() && !isLeftToLinker(each.module())) {
                unknown.add(
                        each.module()
                                + "."
                                + each.name()
                                + " "
                                + each.type()
                                + ": "
                                + each.problem());
            }
        }
        for (Import other : imports()) {
            if (!(other instanceof FunctionImport)
                    && !(other instanceof MemoryImport)
                    && !isLeftToLinker(other.module())) {
                unknown.add(
                        other.module()
                                + "."
                                + other.name()
                                + ": no such "
                                + other.importType().name().toLowerCase(Locale.ROOT));
            }
        }
        if (!unknown.isEmpty()) {
            throw new ModuleException(
                    "it imports what this host does not have: " + String.join("; ", unknown));
        }
        if (entry != null) {
            if (entry.equals(START)) {
                requireStart();
            } else {
                requireFunction(entry);
            }
        }
    }

    /** Whether it is a matter of other modules what an import is; their linker decides. */
    boolean isLeftToLinker(String importedFrom) {
        return ModuleNeeds.isIndependent(module) && !Imports.MODULES.contains(importedFrom);
    }

    /** Checks that it is a command, which is what can be run. */
    void requireStart() {
        if (!exports(START) && exportedFunction(START) >= 0) {
            throw new ModuleException(
                    "its function _start takes or returns something, and that of a command does not");
        }
        if (!exports(START)) {
            throw new ModuleException(
                    "it exports no function _start: it is a library and not a command");
        }
    }

    /**
     * The type of a function that it exports.
     *
     * @throws ModuleException when it exports none of that name
     */
    FunctionType requireFunction(String name) {
        int function = exportedFunction(name);
        if (function < 0) {
            throw new ModuleException("it exports no function " + name);
        }
        return functionType(function);
    }

    /** Whether it exports a function of that name and of these parameters, without a result. */
    boolean exports(String name, ValType... parameters) {
        int function = exportedFunction(name);
        if (function < 0) {
            return false;
        }
        FunctionType type = functionType(function);
        return type.params().equals(List.of(parameters)) && type.returns().isEmpty();
    }

    /** The number of the function that it exports under a name, or -1. */
    int exportedFunction(@Nullable String name) {
        return shape.function(name);
    }

    private FunctionType functionType(int index) {
        return module.typeSection().getType(shape.functionType(index));
    }

    /** What it imports. */
    List<Import> imports() {
        List<Import> imports = new ArrayList<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            imports.add(module.importSection().getImport(i));
        }
        return imports;
    }

    /** Whether it imports a function of that name, from anywhere. */
    boolean importsFunction(String name) {
        for (Import entry : imports()) {
            if (entry instanceof FunctionImport && entry.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** The memory that it imports, or null when it has its own or none. */
    @Nullable
    MemoryImport importedMemory() {
        for (Import entry : imports()) {
            if (entry instanceof MemoryImport memory) {
                return memory;
            }
        }
        return null;
    }

    /** The limits of its own memory, or null when it imports one or has none. */
    @Nullable
    MemoryLimits ownMemory() {
        return module.memorySection()
                .filter(section -> section.memoryCount() > 0)
                .map(section -> section.getMemory(0).limits())
                .orElse(null);
    }

    /** Whether every new instance writes its data into memory anew. */
    boolean hasActiveSegments() {
        for (DataSegment segment : module.dataSection().dataSegments()) {
            if (segment instanceof ActiveDataSegment) {
                return true;
            }
        }
        return false;
    }

    /** How many functions there are, the imported ones among them. */
    int functions() {
        return shape.functionCount();
    }

    /** How a function is called in messages. */
    String describe(int function) {
        return names == null
                ? describe(function, module.nameSection())
                : describe(function, names.get());
    }

    /** As the other, with the names of functions as an image has them. */
    static String describe(int function, byte[] names) {
        return describe(function, NameCustomSection.parse(names));
    }

    private static String describe(int function, @Nullable NameCustomSection section) {
        return ModuleDiagnosis.describe(
                function, section == null ? null : section.nameOfFunction(function));
    }
}
