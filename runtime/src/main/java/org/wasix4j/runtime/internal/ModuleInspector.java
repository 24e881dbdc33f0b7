package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.RawSection;
import com.dylibso.chicory.wasm.types.SectionId;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.ModuleReport;
import org.wasix4j.runtime.ModuleReport.ImportedFunction;
import org.wasix4j.runtime.internal.link.ModuleNeeds;
import org.wasix4j.runtime.internal.lowering.MalformedException;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.runtime.internal.lowering.UnsupportedException;
import org.wasix4j.types.Nullable;

/**
 * Looks at a binary without compiling it. What the engine can parse is parsed whole; of the rest
 * only the sections that tell what the module wants, so that there are answers for it too.
 */
public final class ModuleInspector {

    /** What a module exports that binaryen's asyncify pass has gone over. */
    private static final String ASYNCIFY = "asyncify_start_unwind";

    /** Functions that can be served only in such a module. */
    private static final Set<String> LEAVING = Set.of("proc_fork", "stack_restore");

    /**
     * The functions of {@code wasix_32v1} that have the policy asked, with what they have asked.
     */
    static final Map<String, NetworkOperation> QUESTIONS =
            Map.ofEntries(
                    Map.entry("sock_bind", NetworkOperation.BIND),
                    Map.entry("sock_listen", NetworkOperation.LISTEN),
                    Map.entry("sock_accept", NetworkOperation.ACCEPT),
                    Map.entry("sock_accept_v2", NetworkOperation.ACCEPT),
                    Map.entry("sock_connect", NetworkOperation.CONNECT),
                    Map.entry("sock_send_to", NetworkOperation.SEND_TO),
                    Map.entry("sock_recv_from", NetworkOperation.RECEIVE_FROM),
                    Map.entry("sock_join_multicast_v4", NetworkOperation.JOIN),
                    Map.entry("sock_join_multicast_v6", NetworkOperation.JOIN),
                    Map.entry("resolve", NetworkOperation.RESOLVE),
                    Map.entry("port_addr_list", NetworkOperation.BIND),
                    Map.entry("port_mac", NetworkOperation.BIND));

    private final List<String> obstacles = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final String name;
    private final byte[] wasm;

    private ModuleInspector(String name, byte[] wasm) {
        this.name = name;
        this.wasm = wasm;
    }

    /** What there is to say about a binary. */
    public static ModuleReport inspect(String name, byte[] wasm) {
        return new ModuleInspector(name, wasm).report();
    }

    private ModuleReport report() {
        String start = ModuleDiagnosis.ofStart(wasm);
        if (start != null) {
            return nothing(start);
        }
        obstacles.addAll(ModuleDiagnosis.all(wasm));
        WasmModule module = parse();
        if (module == null) {
            return nothing("its imports cannot be read");
        }
        List<String> exports = exportedFunctions(module);
        boolean asyncify = exports.contains(ASYNCIFY);
        ModuleNeeds.Libraries libraries = libraries(module);
        boolean linked = ModuleNeeds.isIndependent(module);
        List<ImportedFunction> imports = new ArrayList<>();
        for (Imports.Inspected each : new Imports(HostLinker.modules()).inspect(module)) {
            if (linked && !Imports.MODULES.contains(each.module())) {
                // the linker finds it in a library
                continue;
            }
            if (!each.bound()) {
                obstacles.add(
                        "it imports "
                                + each.module()
                                + "."
                                + each.name()
                                + " "
                                + each.type()
                                + ": "
                                + each.problem());
            }
            boolean leaves = !asyncify && LEAVING.contains(each.name());
            boolean asks = each.module().equals("wasix_32v1") && each.problem() == null;
            NetworkOperation operation = asks ? QUESTIONS.get(each.name()) : null;
            imports.add(
                    new ImportedFunction(
                            each.module(),
                            each.name(),
                            each.type(),
                            leaves ? "needs a module built with asyncify" : each.problem(),
                            operation == null ? null : operation.words(),
                            each.known()));
        }
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import each = module.importSection().getImport(i);
            if (!linked && !(each instanceof FunctionImport) && !(each instanceof MemoryImport)) {
                obstacles.add(
                        "it imports "
                                + each.module()
                                + "."
                                + each.name()
                                + ": no such "
                                + each.importType().name().toLowerCase(Locale.ROOT));
            }
        }
        return new ModuleReport(
                name,
                wasm.length,
                Imports.profileOf(module).name(),
                List.copyOf(obstacles),
                List.copyOf(remarks),
                List.copyOf(imports),
                List.copyOf(exports),
                memory(module),
                libraries.needed(),
                libraries.runtimePath());
    }

    private ModuleNeeds.Libraries libraries(WasmModule module) {
        try {
            return ModuleNeeds.libraries(module);
        } catch (ModuleException e) {
            obstacles.add(e.getMessage());
            return ModuleNeeds.Libraries.none();
        }
    }

    private static List<String> exportedFunctions(WasmModule module) {
        List<String> exports = new ArrayList<>();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (export.exportType() == ExternalType.FUNCTION) {
                exports.add(export.name());
            }
        }
        return exports;
    }

    private ModuleReport nothing(String why) {
        obstacles.add(why);
        return new ModuleReport(
                name,
                wasm.length,
                null,
                List.copyOf(obstacles),
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                List.of());
    }

    /** The module, or what of it can be read; null when nothing can. */
    private @Nullable WasmModule parse() {
        try {
            RewrittenModule rewritten = ModuleRewriter.rewrite(wasm);
            WasmModule module = Parser.parse(rewritten.wasm());
            remark(rewritten);
            return module;
        } catch (MalformedException | UnsupportedException e) {
            // reported already
        } catch (RuntimeException | StackOverflowError e) {
            if (obstacles.isEmpty()) {
                obstacles.add("the engine refuses it: " + e.getMessage());
            }
        }
        try {
            return parse(SectionId.TYPE, SectionId.IMPORT, SectionId.MEMORY, SectionId.EXPORT);
        } catch (RuntimeException e) {
            // perhaps the memory is what the engine does not know
        }
        try {
            return parse(SectionId.TYPE, SectionId.IMPORT, SectionId.EXPORT);
        } catch (RuntimeException e) {
            return null;
        }
    }

    private void remark(RewrittenModule rewritten) {
        int callers = rewritten.tails().deep();
        if (callers > 0) {
            remarks.add(
                    (callers == 1 ? "1 function makes" : callers + " functions make")
                            + " tail calls of other functions, which take room on the stack here as"
                            + " calls do: a chain of more than some ten thousand ends with a trap");
        }
        for (int function : CompilableModule.of(wasm, rewritten).tooLarge()) {
            remarks.add(
                    ModuleDiagnosis.describe(function, ModuleDiagnosis.nameOf(function, wasm))
                            + " is too large for a Java method and cannot be divided: it is"
                            + " interpreted, some hundred times slower");
        }
    }

    private WasmModule parse(int... sections) {
        WasmWriter writer = new WasmWriter();
        Parser.parseWithoutDecoding(
                wasm,
                section -> {
                    RawSection raw = (RawSection) section;
                    for (int wanted : sections) {
                        if (raw.sectionId() == wanted) {
                            writer.writeSection(raw);
                        }
                    }
                });
        return Parser.builder()
                .withValidation(false)
                .build()
                .parse(() -> new ByteArrayInputStream(writer.bytes()));
    }

    private static @Nullable ModuleReport.Memory memory(WasmModule module) {
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof MemoryImport imported) {
                return memory(imported.limits(), true);
            }
        }
        return module.memorySection()
                .filter(section -> section.memoryCount() > 0)
                .map(section -> memory(section.getMemory(0).limits(), false))
                .orElse(null);
    }

    private static ModuleReport.Memory memory(MemoryLimits limits, boolean imported) {
        return new ModuleReport.Memory(
                limits.initialPages(), limits.maximumPages(), limits.shared(), imported);
    }
}
