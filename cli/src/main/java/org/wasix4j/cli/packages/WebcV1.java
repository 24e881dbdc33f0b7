package org.wasix4j.cli.packages;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.wasix4j.cli.packages.PackageTree.Folder;

/**
 * Containers of version 1: a checksum and a signature of fixed size, the manifest in CBOR behind
 * its length (LEB128), the modules as a volume behind its length, then volumes with their names.
 *
 * <p>The checksum is its kind (16 bytes) and a SHA-256 (32 of 256 bytes) of the whole file, in
 * which the checksum and the signature count as zeros. The signature is not verified: nothing here
 * knows a key.
 *
 * <p>A volume is the length of its header (LEB128), the header and the data. The header is one
 * directory after another: a length (u64), and entries of the length of the name (7 bytes), a kind
 * (u8, 0 folder, 1 file), a start and an end (u64 each) and the name. A folder's start and end are
 * in the header, a file's in the data.
 */
final class WebcV1 {

    private static final int KIND_SIZE = 16;
    private static final String NO_CHECKSUM = "----------------";
    private static final Set<String> SHA256 = Set.of("sha256----------", "sha256-signed---");
    private static final int HASH_SIZE = 32;
    private static final int CHECKSUM_SIZE = 256;
    private static final int SIGNATURE_SIZE = 4 + 1024;
    private static final int NAME_LENGTH_SIZE = 7;
    private static final int FOLDER = 0;
    private static final int FILE = 1;

    private final FileBudget budget;

    private WebcV1(long size) {
        budget = new FileBudget(size);
    }

    static Container read(ByteScanner scanner) throws PackageException {
        WebcV1 reader = new WebcV1(scanner.remaining());
        verify(scanner);
        ByteBuffer cbor = scanner.take(scanner.leb128());
        byte[] bytes = new byte[cbor.remaining()];
        cbor.get(bytes);
        JsonNode manifest = WebcReader.manifest(bytes);
        Map<String, ByteBuffer> atoms = new LinkedHashMap<>();
        Folder modules = reader.volume(scanner.part(scanner.leb128(), "the modules"));
        modules.entries()
                .forEach(
                        (name, entry) -> {
                            if (entry instanceof PackageTree.File file) {
                                // those of a dependency are named PACKAGE:MODULE
                                atoms.put(name, file.content());
                            }
                        });
        Map<String, Folder> volumes = new LinkedHashMap<>();
        while (!scanner.isEmpty()) {
            String name = scanner.text(scanner.leb128());
            ByteScanner content = scanner.part(scanner.leb128(), "the volume " + Names.shown(name));
            if (volumes.put(name, reader.volume(content)) != null) {
                throw content.damaged("the volume is there twice");
            }
        }
        return new Container(1, manifest, atoms, volumes);
    }

    /** Reads the checksum and the signature. */
    private static void verify(ByteScanner scanner) throws PackageException {
        byte[] kindBytes = scanner.array(KIND_SIZE);
        String kind = new String(kindBytes, ISO_8859_1);
        byte[] checksum = scanner.array(CHECKSUM_SIZE);
        scanner.skip(SIGNATURE_SIZE);
        if (SHA256.contains(kind)) {
            Checksums.verify(
                    "the package",
                    Arrays.copyOf(checksum, HASH_SIZE),
                    ByteBuffer.wrap("\0webc001".getBytes(ISO_8859_1)),
                    ByteBuffer.wrap(kindBytes),
                    ByteBuffer.allocate(CHECKSUM_SIZE + SIGNATURE_SIZE),
                    scanner.rest());
        } else if (!kind.equals(NO_CHECKSUM)) {
            throw scanner.damaged("a checksum of the unknown kind " + Names.shown(kind));
        }
    }

    private Folder volume(ByteScanner scanner) throws PackageException {
        ByteScanner header = scanner.part(scanner.leb128(), "a header");
        ByteScanner data = scanner.part(scanner.remaining(), "data");
        return header.isEmpty() ? new Folder() : new Header(header, data).folder(0, 0);
    }

    private final class Header {
        private final ByteScanner header;
        private final ByteScanner data;
        private final Set<Long> folders = new HashSet<>();

        Header(ByteScanner header, ByteScanner data) {
            this.header = header;
            this.data = data;
        }

        Folder folder(long offset, int depth) throws PackageException {
            ByteScanner at = header.at(offset);
            if (depth > PackageTree.MAX_DEPTH) {
                throw at.damaged("folders are more than " + PackageTree.MAX_DEPTH + " deep");
            }
            if (!folders.add(offset)) {
                throw at.damaged("a folder stands in two places");
            }
            ByteScanner entries = at.part(at.u64(), "a folder");
            Folder folder = new Folder();
            while (!entries.isEmpty()) {
                budget.entry();
                long nameLength = 0;
                for (int i = 0; i < NAME_LENGTH_SIZE; i++) {
                    nameLength |= (long) entries.u8() << 8 * i;
                }
                int kind = entries.u8();
                long start = entries.u64();
                long end = entries.u64();
                String name = entries.text(nameLength);
                folder.put(name, entry(entries, kind, start, end, depth));
            }
            return folder;
        }

        private PackageTree entry(ByteScanner entries, int kind, long start, long end, int depth)
                throws PackageException {
            return switch (kind) {
                case FOLDER -> start == end ? new Folder() : folder(start, depth + 1);
                case FILE -> {
                    ByteBuffer content =
                            start == end ? ByteBuffer.allocate(0) : data.range(start, end);
                    budget.file(content.remaining());
                    yield new PackageTree.File(content, null);
                }
                default -> throw entries.damaged("neither a folder nor a file");
            };
        }
    }
}
