package org.wasix4j.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;

/** A module that imports functions of WASIX which came after this host. */
class NewerImportsTest {

    private static final int I32_TO_I32 = 0;
    private static final int I32_TO_NOTHING = 1;

    private final ByteArrayOutputStream imports = new ByteArrayOutputStream();
    private int count;

    private void text(String text) {
        imports.write(text.length());
        imports.writeBytes(text.getBytes(US_ASCII));
    }

    private NewerImportsTest add(String module, String name, int type) {
        text(module);
        text(name);
        imports.write(0);
        imports.write(type);
        count++;
        return this;
    }

    private WasmModule module() {
        ByteArrayOutputStream wasm = new ByteArrayOutputStream();
        wasm.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        wasm.writeBytes(new byte[] {1, 10, 2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 0});
        wasm.write(2);
        wasm.write(1 + imports.size());
        wasm.write(count);
        wasm.writeBytes(imports.toByteArray());
        return Parser.parse(wasm.toByteArray());
    }

    @Test
    void a_new_name_of_wasix_that_answers_a_number_is_bound_reported_and_answers_nosys() {
        add("wasix_32v1", "fd_to_come", I32_TO_I32).add("wasix_32v1", "proc_id", I32_TO_I32);
        try (HostHarness guest = HostHarness.create()) {
            WasmModule module = module();
            Imports.Linked linked =
                    new HostLinker(guest.process(), null).link(module, AbiProfile.CURRENT);
            assertThat(linked.unknown()).isEmpty();
            assertThat(linked.newer()).containsExactly("wasix_32v1.fd_to_come");
            ImportFunction[] functions = linked.functions().toArray(new ImportFunction[0]);
            Instance instance =
                    Instance.builder(module)
                            .withImportValues(ImportValues.builder().addFunction(functions).build())
                            .build();
            assertThat(functions[0].handle().apply(instance, 7))
                    .containsExactly(Errno.NOSYS.code());
        }
    }

    @Test
    void what_can_not_be_one_of_those_is_unknown_as_ever() {
        add("wasix_32v1", "fd_to_come", I32_TO_NOTHING);
        add("wasi_snapshot_preview1", "fd_to_come", I32_TO_I32);
        add("wasix_32v1", "fd_close", I32_TO_NOTHING);
        try (HostHarness guest = HostHarness.create()) {
            Imports.Linked linked =
                    new HostLinker(guest.process(), null).link(module(), AbiProfile.CURRENT);
            assertThat(linked.newer()).isEmpty();
            assertThat(linked.unknown()).hasSize(3);
        }
    }
}
