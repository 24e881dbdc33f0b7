package org.wasix4j.cli.packages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads {@code .webc} files. A file begins with a NUL, {@code webc} and the version in three
 * digits. What follows depends on the version: {@link WebcV1}, {@link WebcSections}.
 *
 * <p>Source: the crate {@code webc} 12.0.
 */
final class WebcReader {

    /** Bytes before what depends on the version. */
    static final int HEADER_SIZE = 8;

    private static final byte[] MAGIC = {0, 'w', 'e', 'b', 'c'};

    private WebcReader() {}

    /** Whether bytes begin as a package does. */
    static boolean isWebc(byte[] start) {
        return start.length >= MAGIC.length
                && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /**
     * Reads a file, of which a view is kept.
     *
     * @throws PackageException when it is damaged, larger than 2 GiB or of an unknown version
     */
    static Container read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE) {
                throw new PackageException("it has " + size + " bytes, and 2 GiB is the most");
            }
            return read(channel.map(FileChannel.MapMode.READ_ONLY, 0, size));
        }
    }

    static Container read(ByteBuffer bytes) throws PackageException {
        ByteScanner scanner = new ByteScanner(bytes, 0, "the package");
        if (!isWebc(scanner.array(MAGIC.length))) {
            throw new PackageException("it does not begin as a webc file does");
        }
        String version = new String(scanner.array(3), StandardCharsets.ISO_8859_1);
        return switch (version) {
            case "001" -> WebcV1.read(scanner);
            case "002" -> WebcSections.read(scanner, 2);
            case "003" -> WebcSections.read(scanner, 3);
            default ->
                    throw new PackageException(
                            "it is of version " + Names.shown(version) + "; 001 to 003 are known");
        };
    }

    /** A manifest in CBOR. */
    static JsonNode manifest(byte[] cbor) throws PackageException {
        try {
            JsonNode manifest = new CBORMapper().readTree(cbor);
            if (manifest == null || !manifest.isObject()) {
                throw new PackageException("damaged: the manifest is no object");
            }
            return manifest;
        } catch (PackageException e) {
            throw e;
        } catch (IOException e) {
            throw new PackageException("damaged: the manifest cannot be read", e);
        }
    }
}
