package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Import;
import java.util.List;
import java.util.Set;
import org.wasix4j.runtime.ModuleException;

/** What a module asks of a linker, before there is one. */
public final class ModuleNeeds {

    /** Functions of the ABI that only a linker can serve. */
    private static final Set<String> ASKING =
            Set.of(
                    "dlopen",
                    "dlsym",
                    "dl_invalid_handle",
                    "call_dynamic",
                    "reflect_signature",
                    "closure_allocate",
                    "closure_prepare",
                    "closure_free");

    private ModuleNeeds() {}

    /** Whether a module needs a linker: it is position-independent, or asks for one. */
    public static boolean linker(WasmModule module) {
        if (isIndependent(module)) {
            return true;
        }
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import entry = module.importSection().getImport(i);
            if (ASKING.contains(entry.name())) {
                return true;
            }
        }
        return false;
    }

    /** Whether a module is position-independent. */
    public static boolean isIndependent(WasmModule module) {
        return module.customSection(DylinkSection.NAME) != null;
    }

    /**
     * The libraries of a module.
     *
     * @param needed the names that it has for them
     * @param runtimePath where they are looked for before the usual folders
     */
    public record Libraries(List<String> needed, List<String> runtimePath) {

        /** Those of a module that needs none. */
        public static Libraries none() {
            return new Libraries(List.of(), List.of());
        }
    }

    /**
     * The libraries that a module needs.
     *
     * @throws ModuleException when it is damaged
     */
    public static Libraries libraries(WasmModule module) {
        DylinkSection section = DylinkSection.of(module);
        return section == null
                ? Libraries.none()
                : new Libraries(section.needed(), section.runtimePath());
    }
}
