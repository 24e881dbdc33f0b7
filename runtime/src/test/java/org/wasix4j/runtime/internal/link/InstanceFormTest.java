package org.wasix4j.runtime.internal.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.ByteBufferMemory;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.Nullable;

/** Instances that are made without the engine's builder. */
class InstanceFormTest {

    /** Imports m.f of type () -> i32, and exports g, which returns global 0 (40) + m.f(). */
    private static final byte[] MODULE = {
        0, 'a', 's', 'm', 1, 0, 0, 0, //
        1, 5, 1, 0x60, 0, 1, 0x7f, //
        2, 7, 1, 1, 'm', 1, 'f', 0, 0, //
        3, 2, 1, 0, //
        4, 4, 1, 0x70, 0, 3, //
        6, 6, 1, 0x7f, 1, 0x41, 40, 0x0b, //
        7, 5, 1, 1, 'g', 0, 1, //
        9, 7, 1, 0, 0x41, 2, 0x0b, 1, 1, //
        10, 9, 1, 7, 0, 0x23, 0, 0x10, 0, 0x6a, 0x0b
    };

    @Test
    void an_instance_works_as_one_of_the_builder() {
        WasmModule module = Parser.parse(MODULE);
        ImportFunction two =
                new ImportFunction(
                        "m",
                        "f",
                        FunctionType.of(List.of(), List.of(ValType.I32)),
                        (caller, arguments) -> new long[] {2});
        InstanceForm form = InstanceForm.of(module, code(module, ModuleShape.of(module), null));
        // where this fails, the engine's constructor has changed, and threads start slowly
        assertThat(form).isNotNull();
        assertThat(form.isOf(module)).isTrue();
        ImportValues imports = ImportValues.builder().addFunction(two).build();
        for (int i = 0; i < 2; i++) {
            Instance made = form.make(imports, InterpreterMachine::new, TableInstance::new, null);
            form.initialise(made);
            assertThat(made.export("g").apply()).containsExactly(42);
            assertThat(made.table(0).ref(2)).isEqualTo(1);
            assertThat(made.functionType(1)).isZero();
            made.global(0).setValue(50);
            assertThat(made.export("g").apply()).containsExactly(52);
        }
    }

    @Test
    void an_instance_has_the_memory_that_it_is_given_as_its_own() {
        byte[] withMemory = {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 3, 1, 0, 1};
        WasmModule module = Parser.parse(withMemory);
        Memory memory = new ByteBufferMemory(new MemoryLimits(1, 1));
        Instance made =
                InstanceForm.of(module, code(module, ModuleShape.of(module), null))
                        .make(ImportValues.empty(), InterpreterMachine::new, null, memory);
        assertThat(made.memory()).isSameAs(memory);
    }

    @Test
    void entries_that_the_engine_does_not_know_of_are_put_into_the_table() {
        WasmModule module = Parser.parse(MODULE);
        ImportFunction two =
                new ImportFunction(
                        "m",
                        "f",
                        FunctionType.of(List.of(), List.of(ValType.I32)),
                        (caller, arguments) -> new long[] {2});
        ImportValues imports = ImportValues.builder().addFunction(two).build();
        InstanceForm form = form(module, 0, 2);
        Instance made = form.make(imports, InterpreterMachine::new, TableInstance::new, null);
        form.initialise(made);
        assertThat(made.table(0).ref(0)).isEqualTo(1);
        assertThat(made.table(0).ref(1)).isZero();
        for (int place : new int[] {-1, 2, 3, Integer.MAX_VALUE}) {
            InstanceForm other = form(module, place, 2);
            Instance wrong = other.make(imports, InterpreterMachine::new, TableInstance::new, null);
            assertThatThrownBy(() -> other.initialise(wrong))
                    .as("entries at %d", place)
                    .isInstanceOf(UninstantiableException.class)
                    .hasMessage("out of bounds table access");
        }
    }

    @Test
    void data_that_the_engine_does_not_know_of_is_written() {
        byte[] withMemory = {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 3, 1, 0, 1};
        WasmModule module = Parser.parse(withMemory);
        Memory memory = new ByteBufferMemory(new MemoryLimits(1, 1));
        InstanceForm form = writing(module, 65533);
        Instance made = form.make(ImportValues.empty(), InterpreterMachine::new, null, memory);
        form.initialise(made);
        assertThat(memory.readBytes(65532, 4)).containsExactly(0, 3, 4, 5);
        for (int place : new int[] {-1, 65534, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            InstanceForm other = writing(module, place);
            Instance wrong =
                    other.make(ImportValues.empty(), InterpreterMachine::new, null, memory);
            assertThatThrownBy(() -> other.initialise(wrong))
                    .as("data at %d", place)
                    .isInstanceOf(UninstantiableException.class)
                    .hasMessageStartingWith("out of bounds memory access");
        }
    }

    /** Writes three bytes. */
    private static InstanceForm writing(WasmModule module, int place) {
        InstanceStart.Data data =
                new InstanceStart.Data(false, place, new byte[] {1, 2, 3, 4, 5, 6}, 2, 3);
        return InstanceForm.of(
                module,
                code(
                        module,
                        ModuleShape.of(module),
                        new InstanceStart(-1, List.of(), List.of(data))));
    }

    private static InstanceForm form(WasmModule module, int place, int count) {
        int[] functions = new int[count];
        functions[0] = 1;
        return InstanceForm.of(
                module,
                code(
                        module,
                        ModuleShape.of(module),
                        new InstanceStart(
                                -1,
                                List.of(new InstanceStart.Entries(false, place, functions)),
                                List.of())));
    }

    private static LinkableModule code(
            WasmModule module, ModuleShape shape, @Nullable InstanceStart start) {
        return new LinkableModule() {
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

            @Override
            public WasmModule forked() {
                return module;
            }

            @Override
            public Function<Instance, Machine> machines() {
                return InterpreterMachine::new;
            }
        };
    }
}
