package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.host.JdkWarmUp;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.link.LinkableModule;
import org.wasix4j.runtime.internal.link.ModuleNeeds;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.MalformedException;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.runtime.internal.lowering.UnsupportedException;
import org.wasix4j.types.Nullable;

/** A parsed module with its code, compiled or to be interpreted. Immutable, for any threads. */
public final class LoadedModule implements LinkableModule {

    private static final String START = "_start";

    private final WasmModule module;

    /** The functions that are interpreted because they could not be compiled. */
    private final Set<Integer> interpreted;

    /** The names of functions, as a section to be parsed, or null when the module has them. */
    private final @Nullable byte[] names;

    private final Function<Instance, Machine> machines;

    private final Engine engine;

    private final @Nullable CodeFolder cache;

    /** The exported functions by name, for what is asked in each new thread; null at first. */
    private volatile @Nullable Map<String, Integer> exportedFunctions;

    /** Made when the first process forks. */
    private volatile @Nullable WasmModule forked;

    /** A module to be interpreted, or not run at all. */
    private LoadedModule(
            WasmModule module, Function<Instance, Machine> machines, @Nullable CodeFolder cache) {
        this(module, Set.of(), null, machines, Engine.INTERPRETER, cache);
    }

    /** A compiled module. */
    private LoadedModule(
            WasmModule module,
            Set<Integer> interpreted,
            @Nullable byte[] names,
            Function<Instance, Machine> machines,
            @Nullable CodeFolder cache) {
        this(module, interpreted, names, machines, Engine.COMPILER, cache);
    }

    private LoadedModule(
            WasmModule module,
            Set<Integer> interpreted,
            @Nullable byte[] names,
            Function<Instance, Machine> machines,
            Engine engine,
            @Nullable CodeFolder cache) {
        this.engine = engine;
        if (module.tagSection().isPresent()) {
            GuestExceptions.initialise();
        }
        this.module = module;
        this.interpreted = interpreted;
        this.names = names;
        this.machines = machines;
        this.cache = cache;
    }

    /**
     * Parses a binary and makes it runnable.
     *
     * @param cache where compiled code is looked for and kept, or null; no fault of it is one of
     *     the module's
     * @param entry the function that is to be called, or null when that is open
     * @param loading can end it
     * @throws ModuleException when it is none, is damaged, or uses what the engine lacks
     */
    public static LoadedModule load(
            byte[] wasm,
            Engine engine,
            @Nullable CodeFolder cache,
            @Nullable String entry,
            Loading loading) {
        // beside the load, also when the code is in the cache: a guest waits for it
        JdkWarmUp.begin();
        String start = ModuleDiagnosis.ofStart(wasm);
        if (start != null) {
            throw new ModuleException(start);
        }
        String versions = cache == null ? null : ModuleImage.versions();
        if (engine == Engine.COMPILER && cache != null && versions != null) {
            LoadedModule kept = kept(wasm, versions, cache);
            if (kept != null) {
                return kept;
            }
        }
        LoadedModule[] loaded = new LoadedModule[1];
        Workers.run(
                List.of(
                        () ->
                                loaded[0] =
                                        translate(
                                                wasm,
                                                () ->
                                                        make(
                                                                wasm, engine, versions, cache,
                                                                entry, loading))),
                loading);
        return loaded[0];
    }

    private static LoadedModule make(
            byte[] wasm,
            Engine engine,
            @Nullable String versions,
            @Nullable CodeFolder cache,
            @Nullable String entry,
            Loading loading) {
        if (engine == Engine.COMPILER) {
            loading.start();
        }
        RewrittenModule rewritten = rewrite(wasm, loading);
        FunctionSurvey survey = FunctionSurvey.of(rewritten.wasm());
        ModuleParts parts = new ModuleParts(rewritten.wasm(), survey);
        loading.check();
        new LoadedModule(parts.skeleton(), InterpreterCode::machine, null).requireLinkable(entry);
        return engine == Engine.COMPILER
                ? compile(wasm, rewritten, survey, parts, versions, cache, loading)
                : new LoadedModule(Parser.parse(rewritten.wasm()), InterpreterCode::machine, null);
    }

    /** A module that was compiled ahead of time. */
    static LoadedModule packed(
            WasmModule module,
            Set<Integer> interpreted,
            byte[] names,
            Function<Instance, Machine> machines) {
        return new LoadedModule(module, interpreted, names, machines, null);
    }

    /** Does something with a binary, and says what is wrong with it when that fails. */
    static <T> T translate(byte[] wasm, Supplier<T> work) {
        String start = ModuleDiagnosis.ofStart(wasm);
        if (start != null) {
            throw new ModuleException(start);
        }
        try {
            return work.get();
        } catch (ModuleException e) {
            throw e;
        } catch (UnsupportedException e) {
            throw new ModuleException(ModuleDiagnosis.clause(wasm, e), e);
        } catch (OutOfMemoryError e) {
            throw new ModuleException("the host has no memory left: " + e.getMessage(), e);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            String clause = ModuleDiagnosis.of(wasm);
            throw new ModuleException(
                    clause != null ? clause : "the engine refuses it: " + firstLine(e), e);
        }
    }

    /** What there is to say of a failure of the engine's: a refusal by the JVM has many lines. */
    private static String firstLine(Throwable e) {
        String message = e.getMessage();
        if (message == null) {
            return e instanceof StackOverflowError
                    ? "it is nested too deeply"
                    : e.getClass().getSimpleName();
        }
        return message.lines().findFirst().orElse("").strip();
    }

    /** The module in terms that the engine knows. */
    static RewrittenModule rewrite(byte[] wasm, Loading loading) {
        try {
            return ModuleRewriter.rewrite(wasm, pieces -> Workers.run(pieces, loading));
        } catch (MalformedException e) {
            throw new ModuleException(e.getMessage(), e);
        } catch (UnsupportedException e) {
            throw new ModuleException(ModuleDiagnosis.clause(wasm, e), e);
        }
    }

    private static LoadedModule compile(
            byte[] wasm,
            RewrittenModule rewritten,
            FunctionSurvey survey,
            ModuleParts parts,
            @Nullable String versions,
            @Nullable CodeFolder cache,
            Loading loading) {
        ModuleCompiler.Accepted accepted =
                new ModuleCompiler(survey, parts, rewritten, Set.of(), null, loading).accepted();
        CompiledCode code = accepted.code();
        byte[] stripped = StrippedModule.of(rewritten.wasm(), survey, code.interpreted());
        byte[] names = StrippedModule.functionNames(wasm, rewritten);
        if (cache != null && versions != null) {
            try {
                cache.write(
                        ModuleImage.key(wasm, versions),
                        new ModuleImage(stripped, names, code).encode(wasm, versions));
            } catch (RuntimeException | OutOfMemoryError e) {
                // then it is compiled again the next time
            }
        }
        WasmModule module =
                StrippedModule.parse(new ByteArrayInputStream(stripped), code.interpreted());
        return new LoadedModule(module, code.interpreted(), names, accepted.machines(), cache);
    }

    /** What is in the cache for a module, or null. */
    private static @Nullable LoadedModule kept(byte[] wasm, String versions, CodeFolder cache) {
        String key = ModuleImage.key(wasm, versions);
        byte[] entry = cache.read(key);
        if (entry == null) {
            return null;
        }
        LoadedModule kept = restore(wasm, entry, versions, cache);
        if (kept == null) {
            cache.discard(key);
        }
        return kept;
    }

    /** The module of an entry, or null when that is of no use. */
    private static @Nullable LoadedModule restore(
            byte[] wasm, byte[] entry, String versions, CodeFolder cache) {
        try {
            ModuleImage.Entry read = ModuleImage.read(entry, versions);
            if (read == null) {
                return null;
            }
            EntryComparison comparison = EntryComparison.begin(read, wasm);
            ModuleImage image = read.image();
            CompiledCode code = image.code();
            WasmModule module =
                    StrippedModule.parse(
                            new ByteArrayInputStream(image.module()), code.interpreted());
            LoadedModule restored =
                    new LoadedModule(
                            module, code.interpreted(), image.names(), code.define(false), cache);
            return comparison.result() ? restored : null;
        } catch (RuntimeException | LinkageError e) {
            return null;
        }
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

    /**
     * Another program, by the same engine and with the same cache.
     *
     * @throws ModuleException as {@link #load}
     */
    LoadedModule sibling(byte[] wasm) {
        return load(wasm, engine, cache, START, new Loading(0, null));
    }

    /**
     * A library for this program, by the same engine and with the same cache.
     *
     * @throws ModuleException as {@link #load}
     */
    LoadedModule library(byte[] wasm) {
        return load(wasm, engine, cache, null, new Loading(0, null));
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
    private void requireLinkable(String entry) {
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

    /** Whether it is a matter of other modules what an import is; their linker tells. */
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
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
                return functionType(export.index());
            }
        }
        throw new ModuleException("it exports no function " + name);
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
        Map<String, Integer> known = exportedFunctions;
        if (known == null) {
            known = new HashMap<>();
            for (int i = 0; i < module.exportSection().exportCount(); i++) {
                Export export = module.exportSection().getExport(i);
                if (export.exportType() == ExternalType.FUNCTION) {
                    known.putIfAbsent(export.name(), export.index());
                }
            }
            exportedFunctions = known;
        }
        return known.getOrDefault(name, -1);
    }

    private FunctionType functionType(int index) {
        int imported = 0;
        for (Import entry : imports()) {
            if (entry instanceof FunctionImport function && imported++ == index) {
                return module.typeSection().getType(function.typeIndex());
            }
        }
        return module.functionSection().getFunctionType(index - imported, module.typeSection());
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

    /** How a function is called in messages. */
    String describe(int function) {
        NameCustomSection section =
                names == null ? module.nameSection() : NameCustomSection.parse(names);
        return ModuleDiagnosis.describe(
                function, section == null ? null : section.nameOfFunction(function));
    }
}
