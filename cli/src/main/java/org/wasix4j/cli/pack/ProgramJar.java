package org.wasix4j.cli.pack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A jar that runs alone: all classes of a class path, and some files of its own. The same content
 * gives the same bytes: entries are in the order of their names and have the oldest time a zip
 * knows.
 */
final class ProgramJar {

    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0, 0);
    private static final String SERVICES = "META-INF/services/";

    /** What is of no use in a jar of others: signatures, and modules that are modules no more. */
    private static final List<String> LEFT_OUT =
            List.of("META-INF/MANIFEST.MF", "module-info.class", "META-INF/INDEX.LIST");

    private static final List<String> LEFT_OUT_ENDS = List.of(".SF", ".RSA", ".DSA", ".EC");

    /** Used by {@code --explain --json} of a module, which was asked when this was packed. */
    private static final String JSON = "com/fasterxml/";

    private final Map<String, byte[]> entries = new TreeMap<>();

    /** Takes all of a jar or a folder of classes; what is there already stays. */
    void addClasses(Path place) throws IOException {
        if (Files.isDirectory(place)) {
            addFolder("", place);
            return;
        }
        try (JarFile jar = new JarFile(place.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                if (!entry.isDirectory()) {
                    take(entry.getName(), jar.getInputStream(entry).readAllBytes());
                }
            }
        }
    }

    /** Takes the files of a folder, below a path. */
    void addFolder(String path, Path folder) throws IOException {
        for (Path file : PackedFolders.filesOf(folder)) {
            String name = folder.relativize(file).toString();
            take(path + name.replace(java.io.File.separatorChar, '/'), Files.readAllBytes(file));
        }
    }

    private void take(String name, byte[] content) {
        if (LEFT_OUT.contains(name)
                || name.endsWith("/module-info.class")
                || name.contains(JSON)
                || name.startsWith("META-INF/")
                        && LEFT_OUT_ENDS.stream().anyMatch(name::endsWith)) {
            return;
        }
        if (name.startsWith(SERVICES)) {
            entries.merge(name, content, ProgramJar::joined);
        } else {
            entries.putIfAbsent(name, content);
        }
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.write('\n');
        both.writeBytes(second);
        return both.toByteArray();
    }

    /** Puts a file in, whatever was there. */
    void put(String path, byte[] content) {
        entries.put(path, content);
    }

    /** Writes the jar and moves it into place; a program that runs keeps the old one. */
    void write(Path file, String mainClass, String version) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.put(Attributes.Name.MAIN_CLASS, mainClass);
        main.put(Attributes.Name.MULTI_RELEASE, "true");
        main.put(Attributes.Name.IMPLEMENTATION_TITLE, "wasix4j");
        if (version != null) {
            main.put(Attributes.Name.IMPLEMENTATION_VERSION, version);
        }
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        manifest.write(first);
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        try (OutputStream out = Files.newOutputStream(unfinished);
                JarOutputStream jar = new JarOutputStream(out)) {
            writeEntry(jar, JarFile.MANIFEST_NAME, first.toByteArray());
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                writeEntry(jar, entry.getKey(), entry.getValue());
            }
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
        Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void writeEntry(JarOutputStream jar, String name, byte[] content)
            throws IOException {
        JarEntry entry = new JarEntry(name);
        entry.setTimeLocal(TIME);
        jar.putNextEntry(entry);
        jar.write(content);
        jar.closeEntry();
    }
}
