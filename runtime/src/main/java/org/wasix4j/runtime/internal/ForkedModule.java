package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSection;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;

/** A module whose instances find their memory as another process left it. */
final class ForkedModule {

    private ForkedModule() {}

    /** The same module without a start section; active data segments are empty, as if dropped. */
    static WasmModule of(WasmModule module) {
        WasmModule.Builder builder =
                WasmModule.builder()
                        .withValidation(false)
                        .setTypeSection(module.typeSection())
                        .setImportSection(module.importSection())
                        .setFunctionSection(module.functionSection())
                        .setTableSection(module.tableSection())
                        .setGlobalSection(module.globalSection())
                        .setExportSection(module.exportSection())
                        .setElementSection(module.elementSection())
                        .setCodeSection(module.codeSection())
                        .setDataSection(withoutActive(module.dataSection()));
        module.memorySection().ifPresent(builder::setMemorySection);
        module.dataCountSection().ifPresent(builder::setDataCountSection);
        module.tagSection().ifPresent(builder::setTagSection);
        return builder.build();
    }

    private static DataSection withoutActive(DataSection data) {
        DataSection.Builder builder = DataSection.builder();
        for (DataSegment segment : data.dataSegments()) {
            builder.addDataSegment(
                    segment instanceof ActiveDataSegment ? PassiveDataSegment.EMPTY : segment);
        }
        return builder.build();
    }
}
