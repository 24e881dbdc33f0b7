package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.wasix4j.host.JdkWarmUp;
import org.wasix4j.runtime.ModuleException;

/**
 * A module that was compiled ahead of time, as files of a class path: its classes, which are
 * ordinary ones, and an image of what is needed beside them. Nothing is compiled when it is loaded,
 * and no class is defined that is not in a file.
 */
public final class PackedModule {

    private static final String FOLDER = "META-INF/wasix4j/";
    private static final String IMAGE = ".module";
    private static final String PACKAGE = "wasix4j.packed.";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    /** The image is of no binary: its classes are not beside it but on the class path. */
    private static final byte[] NO_BINARY = {};

    private PackedModule() {}

    /**
     * Compiles a module to files.
     *
     * @return the content of each file, by its path, in the order of the paths
     * @throws ModuleException when the module cannot be run here
     */
    public static Map<String, byte[]> pack(String name, byte[] wasm) {
        requireName(name);
        return ModuleLoading.translate(wasm, () -> files(name, wasm));
    }

    private static Map<String, byte[]> files(String name, byte[] wasm) {
        Loading loading = new Loading(0, null);
        CompilableModule module = CompilableModule.of(wasm, loading);
        CompiledCode code = module.compiler(className(name), loading).accepted().code();
        Map<String, byte[]> files = new TreeMap<>();
        code.classes()
                .forEach(
                        (className, bytes) ->
                                files.put(className.replace('.', '/') + ".class", array(bytes)));
        if (!code.interpreted().isEmpty()) {
            files.putAll(interpreter());
        }
        CompiledCode elsewhere = new CompiledCode(code.mainClass(), Map.of(), code.interpreted());
        files.put(FOLDER + name + IMAGE, module.image(elsewhere).encode(NO_BINARY, versions()));
        return files;
    }

    /**
     * The interpreter as files, by their paths. Where the class path has them they need not be made
     * when the first program is interpreted, and an archive of the JVM can have them.
     */
    static Map<String, byte[]> interpreter() {
        Map<String, byte[]> files = new TreeMap<>();
        InterpreterCode.files().forEach((name, code) -> files.put(name + ".class", code));
        return files;
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static String versions() {
        String versions = ModuleImage.versions();
        if (versions == null) {
            throw new ModuleException("the version of the engine is not known here");
        }
        return versions;
    }

    /** A name can be part of that of a file and of a package. */
    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of letters, digits, '.', '_' and '-'");
        }
    }

    private static String className(String name) {
        return PACKAGE + "m_" + name.replaceAll("[^A-Za-z0-9]", "_") + ".Machine";
    }

    /**
     * Loads what was packed under a name.
     *
     * @throws ModuleException when there is none, or one of another version
     */
    public static LoadedModule load(ClassLoader loader, String name) {
        requireName(name);
        JdkWarmUp.begin();
        byte[] entry;
        try (InputStream in = loader.getResourceAsStream(FOLDER + name + IMAGE)) {
            if (in == null) {
                throw new ModuleException("the class path has no packed module of that name");
            }
            entry = in.readAllBytes();
        } catch (IOException e) {
            throw new ModuleException("it cannot be read: " + e.getMessage(), e);
        }
        ModuleImage image = ModuleImage.decode(entry, NO_BINARY, versions());
        if (image == null) {
            throw new ModuleException(
                    "it is damaged, or was packed by another version than this: " + versions());
        }
        CompiledCode code = image.code();
        try {
            Class<? extends Machine> machine =
                    Class.forName(code.mainClass(), false, loader).asSubclass(Machine.class);
            Function<Instance, Machine> machines = CompiledCode.machines(machine);
            return LoadedModule.of(image, machines, null);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new ModuleException("its classes are not beside it: " + e, e);
        }
    }
}
