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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.lowering.MalformedException;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.runtime.internal.lowering.UnsupportedException;

/** A parsed module with its code, compiled or to be interpreted. Immutable, for any threads. */
public final class LoadedModule {

    private static final String START = "_start";

    private final WasmModule module;

    /** The names of functions, as a section to be parsed, or null when the module has them. */
    private final byte[] names;

    private final Function<Instance, Machine> machines;

    private final CodeFolder cache;

    private LoadedModule(
            WasmModule module, Function<Instance, Machine> machines, CodeFolder cache) {
        this(module, null, machines, cache);
    }

    private LoadedModule(
            WasmModule module,
            byte[] names,
            Function<Instance, Machine> machines,
            CodeFolder cache) {
        this.module = module;
        this.names = names;
        this.machines = machines;
        this.cache = cache;
    }

    /**
     * Parses a binary and makes it runnable.
     *
     * @param cache where compiled code is looked for and kept, or null; no fault of it is one of
     *     the module's
     * @throws ModuleException when it is none, is damaged, or uses what the engine lacks
     */
    public static LoadedModule load(byte[] wasm, Engine engine, CodeFolder cache) {
        return translate(
                wasm,
                () -> {
                    if (engine == Engine.COMPILER) {
                        return cache == null ? compile(wasm) : fromCache(wasm, cache);
                    }
                    WasmModule module = Parser.parse(rewrite(wasm).wasm());
                    return new LoadedModule(module, InterpreterCode::machine, null);
                });
    }

    /** A module that was compiled ahead of time. */
    static LoadedModule packed(
            WasmModule module, byte[] names, Function<Instance, Machine> machines) {
        return new LoadedModule(module, names, machines, null);
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
        } catch (OutOfMemoryError e) {
            throw new ModuleException("the host has no memory left: " + e.getMessage(), e);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            String clause = ModuleDiagnosis.of(wasm);
            throw new ModuleException(
                    clause != null ? clause : "the engine refuses it: " + e.getMessage(), e);
        }
    }

    /** The module in terms that the engine knows; as it is when it is too damaged for that. */
    static RewrittenModule rewrite(byte[] wasm) {
        try {
            return ModuleRewriter.rewrite(wasm);
        } catch (MalformedException e) {
            // the engine is the judge
            return new RewrittenModule(wasm, Map.of());
        } catch (UnsupportedException e) {
            throw new ModuleException(ModuleDiagnosis.clause(wasm, e), e);
        }
    }

    private static LoadedModule compile(byte[] wasm) {
        RewrittenModule rewritten = rewrite(wasm);
        WasmModule module = Parser.parse(rewritten.wasm());
        return new LoadedModule(
                module, CompiledCode.of(module, rewritten.helpers()).define(true), null);
    }

    private static LoadedModule fromCache(byte[] wasm, CodeFolder cache) {
        String versions = ModuleImage.versions();
        if (versions == null) {
            return compile(wasm);
        }
        String key = ModuleImage.key(wasm, versions);
        byte[] entry = cache.read(key);
        if (entry != null) {
            LoadedModule kept = restore(wasm, entry, versions, cache);
            if (kept != null) {
                return kept;
            }
            cache.discard(key);
        }
        RewrittenModule rewritten = rewrite(wasm);
        WasmModule module = Parser.parse(rewritten.wasm());
        CompiledCode code = CompiledCode.of(module, rewritten.helpers());
        LoadedModule compiled = new LoadedModule(module, code.define(true), cache);
        try {
            byte[] stripped = StrippedModule.of(rewritten.wasm(), module, code.interpreted());
            byte[] names = StrippedModule.functionNames(wasm);
            cache.write(key, new ModuleImage(stripped, names, code).encode(wasm, versions));
        } catch (RuntimeException | OutOfMemoryError e) {
            // then it is compiled again the next time
        }
        return compiled;
    }

    /** The module of an entry, or null when that is of no use. */
    private static LoadedModule restore(
            byte[] wasm, byte[] entry, String versions, CodeFolder cache) {
        try {
            ModuleImage image = ModuleImage.decode(entry, wasm, versions);
            if (image == null) {
                return null;
            }
            CompiledCode code = image.code();
            WasmModule module =
                    StrippedModule.parse(
                            new ByteArrayInputStream(image.module()), code.interpreted());
            return new LoadedModule(module, image.names(), code.define(false), cache);
        } catch (RuntimeException | LinkageError e) {
            return null;
        }
    }

    /** The folder in which its compiled code is kept, or null. */
    Path cacheFolder() {
        return cache == null ? null : cache.path();
    }

    WasmModule module() {
        return module;
    }

    Function<Instance, Machine> machines() {
        return machines;
    }

    /** Checks that it is a command, which is what can be run. */
    void requireStart() {
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

    /** Whether it exports a function of that name, with nothing but i32 parameters. */
    boolean exports(String name, ValType... parameters) {
        int function = exportedFunction(name);
        if (function < 0) {
            return false;
        }
        FunctionType type = functionType(function);
        return type.params().equals(List.of(parameters)) && type.returns().isEmpty();
    }

    /** The number of the function that it exports under a name, or -1. */
    int exportedFunction(String name) {
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
                return export.index();
            }
        }
        return -1;
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

    /** The memory that it imports, or null when it has its own or none. */
    MemoryImport importedMemory() {
        for (Import entry : imports()) {
            if (entry instanceof MemoryImport memory) {
                return memory;
            }
        }
        return null;
    }

    /** The limits of its own memory, or null when it imports one or has none. */
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
