package org.wasix4j.runtime.internal.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.ImportSection;
import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.ModuleException;

/** What is kept of a module's exports and of the types of its functions. */
class ModuleShapeTest {

    /** Different names with one hash code. */
    private static final List<String> ALIKE = List.of("AaAa", "BBBB", "AaBB", "BBAa");

    private static WasmModule module(Export... exports) {
        ExportSection.Builder exported = ExportSection.builder();
        for (Export each : exports) {
            exported.addExport(each);
        }
        FunctionBody body = new FunctionBody(List.of(), List.of());
        return WasmModule.builder()
                .withValidation(false)
                .setImportSection(
                        ImportSection.builder()
                                .addImport(new FunctionImport("m", "a", 7))
                                .addImport(new FunctionImport("m", "b", 8))
                                .build())
                .setFunctionSection(
                        FunctionSection.builder()
                                .addFunctionType(9)
                                .addFunctionType(3)
                                .addFunctionType(9)
                                .build())
                .setCodeSection(
                        CodeSection.builder()
                                .addFunctionBody(body)
                                .addFunctionBody(body)
                                .addFunctionBody(body)
                                .build())
                .setExportSection(exported.build())
                .build();
    }

    private static Export function(String name, int index) {
        return new Export(name, index, ExternalType.FUNCTION);
    }

    @Test
    void every_export_is_found_by_its_name_and_no_other_is() {
        Export[] exports = new Export[64];
        for (int i = 0; i < exports.length; i++) {
            String name =
                    i < ALIKE.size() ? ALIKE.get(i) : i == 9 ? "" : "name \u00e4\ud83d\ude00" + i;
            exports[i] = function(name, i % 5);
        }
        ModuleShape shape = ModuleShape.read(ModuleShape.of(module(exports)).bytes());
        assertThat(shape.exportCount()).isEqualTo(exports.length);
        for (Export each : exports) {
            Export found = shape.export(each.name());
            assertThat(found).isNotNull();
            assertThat(found.name()).isEqualTo(each.name());
            assertThat(found.index()).isEqualTo(each.index());
            assertThat(found.exportType()).isEqualTo(ExternalType.FUNCTION);
            assertThat(shape.function(each.name())).isEqualTo(each.index());
        }
        for (String other : List.of("name", "CcAa", "AaAaAa", "BBBC", "\0")) {
            assertThat(shape.export(other)).as(other).isNull();
            assertThat(shape.function(other)).isEqualTo(-1);
        }
        assertThat(shape.exports()).hasSize(exports.length);
        assertThat(shape.exports().get("AaBB").index()).isEqualTo(2);
        assertThat(shape.exports().keySet()).contains("BBAa", "name \u00e4\ud83d\ude0063");
    }

    @Test
    void the_types_of_functions_begin_with_the_imported_ones() {
        ModuleShape shape = ModuleShape.read(ModuleShape.of(module()).bytes());
        assertThat(shape.functionTypes()).containsExactly(7, 8, 9, 3, 9);
        assertThat(shape.functionCount()).isEqualTo(5);
        assertThat(shape.functionType(3)).isEqualTo(3);
        assertThat(shape.export("a")).isNull();
    }

    @Test
    void what_is_exported_twice_or_is_not_there_is_refused() {
        assertThatThrownBy(() -> ModuleShape.of(module(function("a", 1), function("a", 2))))
                .isInstanceOf(ModuleException.class)
                .hasMessage("it exports two things as a");
        for (int index : new int[] {5, -1, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> ModuleShape.of(module(function("b", index))))
                    .isInstanceOf(ModuleException.class)
                    .hasMessage("it exports something as b that it does not have");
        }
        Export memory = new Export("memory", 0, ExternalType.MEMORY);
        assertThatThrownBy(() -> ModuleShape.of(module(memory)))
                .isInstanceOf(ModuleException.class);
    }

    @Test
    void what_is_cut_short_is_no_shape() {
        byte[] whole = ModuleShape.of(module()).bytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> ModuleShape.read(part))
                    .isInstanceOf(BufferUnderflowException.class);
        }
    }
}
