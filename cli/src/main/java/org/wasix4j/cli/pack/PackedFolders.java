package org.wasix4j.cli.pack;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.wasix4j.cli.packages.Unpacked;
import org.wasix4j.runtime.Volume;
import org.wasix4j.types.Nullable;

/**
 * The folders that were packed with a program. In an application folder they are beside the jar; a
 * jar alone is unpacked into a temporary folder, which goes with the program.
 */
public final class PackedFolders implements AutoCloseable {

    /** The system property by which the start script names the application folder. */
    private static final String HOME = "wasix4j.home";

    private final List<Volume> volumes;
    private final @Nullable Path unpacked;

    private PackedFolders(List<Volume> volumes, @Nullable Path unpacked) {
        this.volumes = volumes;
        this.unpacked = unpacked;
    }

    private static List<Volume> in(Path place, List<String> guests) {
        List<Volume> volumes = new ArrayList<>();
        for (int i = 0; i < guests.size(); i++) {
            volumes.add(new Volume(place.resolve(Integer.toString(i)), guests.get(i), true));
        }
        return volumes;
    }

    /**
     * The files of a folder that is to be packed.
     *
     * @throws IOException when one is a link that leads out of the folder: otherwise a foreign
     *     package could have files of this machine packed
     */
    static List<Path> filesOf(Path folder) throws IOException {
        Path real = folder.toRealPath();
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = all.filter(Files::isRegularFile).sorted().toList();
            for (Path file : files) {
                if (Files.isSymbolicLink(file) && !file.toRealPath().startsWith(real)) {
                    throw new IOException(file + " is a link that leads out of its folder");
                }
            }
            return files;
        }
    }

    /**
     * Opens those of a program.
     *
     * @throws IOException when the temporary folder cannot be written
     */
    public static PackedFolders of(PackedProgram program) throws IOException {
        if (program.folders().isEmpty()) {
            return new PackedFolders(List.of(), null);
        }
        String home = System.getProperty(HOME);
        Path beside = home == null ? null : Path.of(home, "files");
        if (beside != null && Files.isDirectory(beside)) {
            return new PackedFolders(in(beside, program.folders()), null);
        }
        Path folder = Files.createTempDirectory("wasix4j-");
        PackedFolders opened = new PackedFolders(in(folder, program.folders()), folder);
        try {
            unpack(folder, program.folders().size());
        } catch (IOException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    private static void unpack(Path folder, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Files.createDirectory(folder.resolve(Integer.toString(i)));
        }
        try (JarFile jar = new JarFile(jar())) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                if (!entry.getName().startsWith(PackedProgram.FOLDERS)) {
                    continue;
                }
                String name = entry.getName().substring(PackedProgram.FOLDERS.length());
                Path file = folder.resolve(name).normalize();
                if (!file.startsWith(folder)) {
                    throw new IOException("the jar has a file outside of its folders: " + name);
                }
                Files.createDirectories(file.getParent());
                Files.copy(jar.getInputStream(entry), file);
            }
        }
    }

    private static File jar() throws IOException {
        try {
            return new File(
                    PackedFolders.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /** What the guest is granted of them, for reading. */
    public List<Volume> volumes() {
        return volumes;
    }

    @Override
    public void close() {
        if (unpacked == null) {
            return;
        }
        try {
            Unpacked.delete(unpacked);
        } catch (IOException e) {
            // they are in the temporary folder, which the system cleans
        }
    }
}
