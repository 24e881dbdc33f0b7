package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.internal.link.InstanceForm;

/** Modules that run before they are compiled, and what the cache has of them. */
@Timeout(120)
class LazyModuleTest {

    private static final Loading NO_LIMIT = new Loading(0, null);
    private static final String VERSIONS = ModuleImage.versions();

    private final byte[] wasm = resource();
    private final CompilableModule module = CompilableModule.onDemand(wasm, NO_LIMIT);

    @TempDir Path folder;
    private CodeFolder cache;

    private static byte[] resource() {
        try (InputStream in = LazyModuleTest.class.getResourceAsStream("/large/large.wasm")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void openCache() throws IOException {
        cache = CodeFolder.open(folder.resolve("cache"), Long.MAX_VALUE);
    }

    private LoadedModule load() {
        return LazyModule.load(module, VERSIONS, cache, NO_LIMIT);
    }

    /** As if the program ended before it was quiet. */
    private LoadedModule loadForShort() {
        return LazyModule.load(module, VERSIONS, cache, NO_LIMIT, Duration.ofMinutes(10).toNanos());
    }

    /** What function 0 answers. */
    private static int answer(LoadedModule module) {
        LinearMemory memory =
                new LinearMemory(new MemoryLimits(1, 1), Memory.RUNTIME_MAX_PAGES, true);
        try {
            InstanceForm form = InstanceForm.of(module.module(), module);
            Instance instance = form.make(ImportValues.empty(), module.machines(), null, memory);
            form.initialise(instance);
            return (int) instance.export("f0").apply(8)[0];
        } finally {
            memory.free();
        }
    }

    private ModuleImage entry() {
        EntryBytes entry = cache.open(ModuleImage.key(wasm, VERSIONS));
        ModuleImage.Entry read = entry == null ? null : ModuleImage.read(entry, VERSIONS);
        return read == null || !read.isOf(wasm) ? null : read.image();
    }

    private LoadedModule loadAgain(boolean lazy) {
        return ModuleLoading.load(wasm, Engine.COMPILER, cache, null, lazy, NO_LIMIT);
    }

    @Test
    void when_all_is_compiled_the_cache_has_the_same_as_of_any_other_load() {
        CompilableModule divided = CompilableModule.of(wasm, NO_LIMIT);
        CompiledCode whole = divided.compiler(NO_LIMIT).compile();

        int first = answer(LazyModule.load(divided, VERSIONS, cache, NO_LIMIT));

        await().atMost(Duration.ofSeconds(60)).until(() -> entry() != null);
        assertThat(entry().perClass()).isZero();
        assertThat(entry().code()).isEqualTo(whole);
        assertThat(answer(loadAgain(false))).isEqualTo(first);
    }

    @Test
    void what_was_divided_when_it_was_compiled_is_of_use_for_any_other_load() throws IOException {
        assertThat(module.division()).isNotNull();

        int first = answer(load());

        await().atMost(Duration.ofSeconds(60)).until(() -> entry() != null);
        assertThat(entry().perClass()).isZero();
        byte[] bytes = entry().encode(wasm, VERSIONS);
        CodeFolder next = CodeFolder.open(folder.resolve("next"), Long.MAX_VALUE);
        next.write(ModuleImage.key(wasm, VERSIONS), bytes);
        cache = next;
        assertThat(answer(loadAgain(false))).isEqualTo(first);
        assertThat(answer(loadAgain(true))).isEqualTo(first);
        assertThat(entry().encode(wasm, VERSIONS)).isEqualTo(bytes);
    }

    @Test
    void what_was_compiled_before_the_program_ended_is_where_the_next_start_begins()
            throws IOException {
        int first = answer(loadForShort());
        cache.flush();

        ModuleImage kept = entry();
        assertThat(kept.perClass()).isEqualTo(ClassSizes.functions(module.survey()));
        ModuleCompiler compiler = module.compiler(NO_LIMIT);
        int all = compiler.frameAlone().classes().size() + compiler.groups().groups();
        assertThat(kept.code().classes().size()).isLessThan(all);
        byte[] bytes = kept.encode(wasm, VERSIONS);

        // as after the end of the JVM
        CodeFolder next = CodeFolder.open(folder.resolve("next"), Long.MAX_VALUE);
        next.write(ModuleImage.key(wasm, VERSIONS), bytes);
        cache = next;
        assertThat(answer(loadAgain(true))).isEqualTo(first);
        await().atMost(Duration.ofSeconds(60)).until(() -> entry().perClass() == 0);
        assertThat(entry().code().classes()).hasSize(all);
    }

    @Test
    void a_load_that_wants_all_of_it_compiles_what_is_missing() throws IOException {
        int first = answer(loadForShort());
        cache.flush();
        byte[] bytes = entry().encode(wasm, VERSIONS);
        CodeFolder next = CodeFolder.open(folder.resolve("next"), Long.MAX_VALUE);
        next.write(ModuleImage.key(wasm, VERSIONS), bytes);
        cache = next;

        LoadedModule whole = loadAgain(false);

        assertThat(entry().perClass()).isZero();
        assertThat(answer(whole)).isEqualTo(first);
        assertThat(Files.list(folder.resolve("next"))).hasSize(1);
    }
}
