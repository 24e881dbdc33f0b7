package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/**
 * Puts the classes of the interpreter into a jar, for the build of the distribution. They are the
 * engine's with corrections, and else are made when the first program is interpreted. Where the
 * class path has them, the JVM's archive of classes can have them, too.
 */
public final class InterpreterFiles {

    private static final String BESIDE = "META-INF/MANIFEST.MF";

    private InterpreterFiles() {}

    /**
     * Adds them to a jar, in place.
     *
     * @param arguments the jar, which has to be on the class path with all that the runtime needs
     */
    public static void main(String[] arguments) throws IOException {
        Map<String, byte[]> files = PackedModule.interpreter();
        try (FileSystem jar = FileSystems.newFileSystem(Path.of(arguments[0]))) {
            // the same jar whenever it is built
            FileTime time = Files.getLastModifiedTime(jar.getPath(BESIDE));
            for (Map.Entry<String, byte[]> each : files.entrySet()) {
                Path file = jar.getPath(each.getKey());
                for (int i = 1; i < file.getNameCount(); i++) {
                    Path folder = file.subpath(0, i);
                    if (!Files.exists(folder)) {
                        Files.createDirectory(folder);
                        Files.setLastModifiedTime(folder, time);
                    }
                }
                Files.write(file, each.getValue());
                Files.setLastModifiedTime(file, time);
            }
        }
    }
}
