package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.stdio.StandardStreams;

/** One C program, built for Linux and for WASI: the guest prints what the Linux program printed. */
class FileScenariosTest {

    private static final String GUEST = "/wasm/files/file-scenarios";

    @TempDir Path folder;

    @Test
    void a_posix_program_gets_what_linux_answers() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GuestProcess process =
                new GuestProcess(
                        ProcessSettings.defaults(),
                        Mounts.builder().withVolume(folder, ".", false).build());
        for (var stream :
                List.of(
                        StandardStreams.nullInput(),
                        StandardStreams.output(out),
                        StandardStreams.output(System.err))) {
            process.descriptors().open(null, stream);
        }
        process.mounts().preopen(process.descriptors());
        WasmModule module = Parser.parse(resource(".wasm"));
        Imports.Linked linked =
                new HostLinker(process, null).link(module, Imports.profileOf(module));
        Instance.builder(module)
                .withMemoryFactory(ByteArrayMemory::new)
                .withImportValues(ImportValues.builder().withFunctions(linked.functions()).build())
                .withStart(false)
                .build()
                .export("_start")
                .apply();
        process.release();
        assertThat(out.toString(StandardCharsets.UTF_8).lines().toList())
                .isEqualTo(
                        new String(resource(".expected"), StandardCharsets.UTF_8).lines().toList());
    }

    private static byte[] resource(String ending) throws IOException {
        try (InputStream in = FileScenariosTest.class.getResourceAsStream(GUEST + ending)) {
            return in.readAllBytes();
        }
    }
}
