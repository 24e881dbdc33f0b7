package org.wasix4j.cli.packages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.wasix4j.cli.packages.PackageTree.Folder;
import org.wasix4j.types.Nullable;

/** A package that was opened: its manifest, its modules and its folders. */
abstract sealed class WasmerPackage {

    private static final String MANIFEST = "wasmer.toml";

    private final Path place;

    private WasmerPackage(Path place) {
        this.place = place;
    }

    /**
     * Whether a file is a package: a folder with a {@code wasmer.toml}, or a file that begins as a
     * container does.
     *
     * @throws IOException when it cannot be read
     */
    static boolean isPackage(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            return Files.isRegularFile(file.resolve(MANIFEST));
        }
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return WebcReader.isWebc(in.readNBytes(WebcReader.HEADER_SIZE));
        }
    }

    /**
     * Opens a package.
     *
     * @throws PackageException when it is damaged
     */
    static WasmerPackage open(Path file) throws IOException {
        return Files.isDirectory(file) ? new InFolder(file) : new InContainer(file);
    }

    /** Where it is, for messages. */
    Path place() {
        return place;
    }

    abstract Manifest manifest();

    /** The names of its modules. */
    abstract Iterable<String> modules();

    /**
     * The bytes of a module.
     *
     * @return null when there is no module of that name
     */
    @Nullable
    abstract byte[] module(String name) throws IOException;

    /**
     * A folder of it for the guest.
     *
     * @throws PackageException when there is no such folder
     */
    abstract PackageCommand.Source folder(Manifest.Mount mount) throws IOException;

    /** A folder with a {@code wasmer.toml}. */
    private static final class InFolder extends WasmerPackage {
        private final Manifest manifest;
        private final Map<String, String> modules;

        InFolder(Path folder) throws IOException {
            super(folder);
            JsonNode root;
            try (InputStream in = Files.newInputStream(folder.resolve(MANIFEST))) {
                root = new TomlMapper().readTree(in);
            } catch (com.fasterxml.jackson.core.JacksonException e) {
                throw new PackageException(MANIFEST + ": " + e.getOriginalMessage(), e);
            }
            modules = ManifestReader.modules(root);
            manifest = ManifestReader.ofToml(root);
        }

        @Override
        Manifest manifest() {
            return manifest;
        }

        @Override
        Iterable<String> modules() {
            return modules.keySet();
        }

        @Override
        @Nullable
        byte[] module(String name) throws IOException {
            String source = modules.get(name);
            return source == null ? null : Files.readAllBytes(inside(source));
        }

        @Override
        PackageCommand.Source folder(Manifest.Mount mount) throws IOException {
            Path folder = inside(mount.source());
            if (!Files.isDirectory(folder)) {
                throw new PackageException("it has no folder " + Names.shown(mount.source()));
            }
            return new PackageCommand.OnDisk(folder);
        }

        /** A path of the manifest, which must not lead out of the package. */
        private Path inside(String path) throws IOException {
            Path root = place().toRealPath();
            Path found = root.resolve(path).toRealPath();
            if (!found.startsWith(root)) {
                throw new PackageException("the path " + Names.shown(path) + " leads out of it");
            }
            return found;
        }
    }

    /** A {@code .webc} file. */
    private static final class InContainer extends WasmerPackage {
        private final Container container;
        private final Manifest manifest;

        InContainer(Path file) throws IOException {
            super(file);
            container = WebcReader.read(file);
            manifest = ManifestReader.ofContainer(container.manifest(), container.version());
        }

        @Override
        Manifest manifest() {
            return manifest;
        }

        @Override
        Iterable<String> modules() {
            return container.atoms().keySet();
        }

        @Override
        @Nullable
        byte[] module(String name) {
            ByteBuffer atom = container.atoms().get(name);
            if (atom == null) {
                return null;
            }
            byte[] bytes = new byte[atom.remaining()];
            atom.duplicate().get(bytes);
            return bytes;
        }

        @Override
        PackageCommand.Source folder(Manifest.Mount mount) throws PackageException {
            Folder volume = container.volumes().get(mount.source());
            PackageTree found =
                    volume == null || mount.path() == null ? volume : volume.find(mount.path());
            if (found instanceof Folder folder) {
                return new PackageCommand.Packed(folder);
            }
            if (container.version() == 1 && mount.guestPath().equals("/")) {
                return new PackageCommand.Packed(new Folder());
            }
            throw new PackageException(
                    "it has no folder "
                            + Names.shown(
                                    mount.source() + (mount.path() == null ? "" : mount.path())));
        }
    }
}
