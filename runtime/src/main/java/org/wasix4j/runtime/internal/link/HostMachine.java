package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import org.wasix4j.types.Nullable;

/**
 * A module with one function, which is Java: something of any type that can stand in the table. Its
 * instance runs in every thread.
 */
public final class HostMachine implements Machine {

    /** What the function does. */
    interface Body {
        long[] call(long[] arguments);
    }

    private final Body body;

    /** Why it cannot be called, or null. */
    private final @Nullable String problem;

    private HostMachine(Body body, @Nullable String problem) {
        this.body = body;
        this.problem = problem;
    }

    /** An instance whose function 0 does something. */
    static Instance instance(FunctionType type, Body body) {
        return instance(type, new HostMachine(body, null));
    }

    /** An instance whose function 0 traps, whatever type it is called with. */
    static Instance missing(String problem) {
        return instance(FunctionType.empty(), new HostMachine(arguments -> arguments, problem));
    }

    private static Instance instance(FunctionType type, HostMachine machine) {
        WasmModule module =
                WasmModule.builder()
                        .withValidation(false)
                        .setTypeSection(TypeSection.builder().addFunctionType(type).build())
                        .setImportSection(
                                ImportSection.builder()
                                        .addImport(new FunctionImport("host", "function", 0))
                                        .build())
                        .build();
        return Instance.builder(module)
                .withImportValues(
                        ImportValues.builder()
                                .addFunction(
                                        new HostFunction(
                                                "host",
                                                "function",
                                                type,
                                                (instance, arguments) ->
                                                        machine.call(0, arguments)))
                                .build())
                .withMachineFactory(instance -> machine)
                .withStart(false)
                .build();
    }

    @Override
    public long[] call(int function, long[] arguments) {
        requirePresent();
        return body.call(arguments);
    }

    /**
     * To be called before the types are compared.
     *
     * @throws ChicoryException when the function is missing
     */
    public void requirePresent() {
        if (problem != null) {
            throw new ChicoryException(problem);
        }
    }
}
