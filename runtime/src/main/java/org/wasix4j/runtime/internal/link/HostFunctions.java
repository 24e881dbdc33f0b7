package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The host's functions for the libraries of one process. */
final class HostFunctions {

    private final LinkHost host;
    private final Map<Library, Map<String, ImportFunction>> functions = new ConcurrentHashMap<>();

    HostFunctions(LinkHost host) {
        this.host = host;
    }

    /** What a function is found by. */
    static String key(String module, String name, FunctionType type) {
        return module + ' ' + name + ' ' + type;
    }

    /** Those that a library imports, by their keys. */
    Map<String, ImportFunction> of(Library library) {
        return functions.computeIfAbsent(library, each -> link(each.code.module()));
    }

    /** What a module imports of the ABI and is not served is missing. */
    private Map<String, ImportFunction> link(WasmModule module) {
        Map<String, ImportFunction> linked = new HashMap<>();
        for (ImportFunction function : host.functions(module).functions()) {
            linked.put(key(function.module(), function.name(), function.functionType()), function);
        }
        return linked;
    }

    /** A library was not linked after all. */
    void forget(Library library) {
        functions.remove(library);
    }
}
