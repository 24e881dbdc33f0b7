package org.wasix4j.cli.packages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * The index of a container of version 2, of which the checksums of the sections are read: {@code
 * manifest}, {@code atoms} and each of {@code volumes} have a {@code span} with their {@code start}
 * in the file, and a {@code checksum} of a {@code tag} and a {@code value}. Zeros may follow.
 */
final class WebcIndex {

    /** An index without checksums. */
    static final WebcIndex EMPTY = new WebcIndex();

    private static final String SHA256 = "checksum-sha256";
    private static final String NONE = "checksum-none";

    private final Map<Integer, byte[]> checksums = new HashMap<>();

    private WebcIndex() {}

    static WebcIndex read(byte[] cbor) throws PackageException {
        WebcIndex index = new WebcIndex();
        try {
            JsonNode root = new CBORMapper().readTree(cbor);
            index.add(root.path("manifest"));
            index.add(root.path("atoms"));
            for (JsonNode volume : root.path("volumes")) {
                index.add(volume);
            }
        } catch (PackageException e) {
            throw e;
        } catch (IOException e) {
            throw new PackageException("damaged: the index cannot be read", e);
        }
        return index;
    }

    private void add(JsonNode section) throws IOException {
        JsonNode checksum = section.path("checksum");
        String kind = checksum.path("tag").asText(NONE);
        if (kind.equals(SHA256)) {
            byte[] value = checksum.path("value").binaryValue();
            if (value == null) {
                throw new PackageException("damaged: a checksum in the index has no value");
            }
            checksums.put(section.path("span").path("start").asInt(), value);
        } else if (!kind.equals(NONE)) {
            throw new PackageException(
                    "damaged: the index has a checksum of the unknown kind " + Names.shown(kind));
        }
    }

    /** The SHA-256 of the content of the section that starts at a byte of the file, or null. */
    @Nullable
    byte[] checksum(int start) {
        return checksums.get(start);
    }
}
