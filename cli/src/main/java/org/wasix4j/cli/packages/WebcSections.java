package org.wasix4j.cli.packages;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.wasix4j.cli.packages.PackageTree.Folder;
import org.wasix4j.types.Nullable;

/**
 * Containers of version 2 and 3: sections of a tag (u8), in version 3 a SHA-256 of the content for
 * all but the index, a length (u64) and the content. The index comes first and is not needed to
 * read all; in version 2 the SHA-256 is there, if it was wanted ({@link WebcIndex}).
 *
 * <ul>
 *   <li>1, the manifest: CBOR.
 *   <li>3, the atoms: a header and data, each behind its length (u64). The header is a directory.
 *   <li>4, a volume: its name behind its length, then as the atoms.
 * </ul>
 *
 * <p>A directory of a header is a tag (30), a length, and entries of an offset from the start of
 * the header (u64) and a name behind its length; in version 3 times and a hash of the directory
 * come first, and a hash in each entry. A file is a tag (31), its start and end in the data and a
 * SHA-256; a symbolic link (32, version 3) its target behind its length.
 */
final class WebcSections {

    private static final int MANIFEST = 1;
    private static final int INDEX = 2;
    private static final int ATOMS = 3;
    private static final int VOLUME = 4;
    private static final int DIRECTORY = 30;
    private static final int FILE = 31;
    private static final int SYMLINK = 32;
    private static final int HASH_SIZE = 32;
    private static final int TIMES_SIZE = 24;

    private final int version;
    private final FileBudget budget;
    private WebcIndex index = WebcIndex.EMPTY;
    private @Nullable JsonNode manifest;
    private @Nullable Map<String, ByteBuffer> atoms;
    private final Map<String, Folder> volumes = new LinkedHashMap<>();

    private WebcSections(int version, long size) {
        this.version = version;
        this.budget = new FileBudget(size);
    }

    static Container read(ByteScanner scanner, int version) throws PackageException {
        WebcSections sections = new WebcSections(version, scanner.remaining());
        while (!scanner.isEmpty()) {
            sections.section(scanner);
        }
        if (sections.manifest == null) {
            throw new PackageException("damaged: it has no manifest");
        }
        return new Container(
                version,
                sections.manifest,
                sections.atoms == null ? Map.of() : sections.atoms,
                sections.volumes);
    }

    private void section(ByteScanner scanner) throws PackageException {
        int start = scanner.position();
        int tag = scanner.u8();
        byte[] sha256 =
                version >= 3 && tag != INDEX ? scanner.array(HASH_SIZE) : index.checksum(start);
        String what = name(tag);
        if (what == null) {
            throw scanner.damaged("a section of the unknown kind " + tag);
        }
        ByteScanner section = scanner.part(scanner.u64(), what);
        if (sha256 != null) {
            Checksums.verify(what, sha256, section.rest());
        }
        switch (tag) {
            case INDEX -> {
                if (version == 2) {
                    index = WebcIndex.read(section.array(section.remaining()));
                }
            }
            case MANIFEST -> {
                if (manifest != null) {
                    throw section.damaged("a second manifest");
                }
                manifest = WebcReader.manifest(section.array(section.remaining()));
            }
            case ATOMS -> {
                if (atoms != null) {
                    throw section.damaged("a second section of modules");
                }
                atoms = atoms(tree(section, sha256 != null));
            }
            default -> {
                String name = section.text(section.u64());
                if (volumes.put(name, tree(section, sha256 != null)) != null) {
                    throw section.damaged("the volume " + Names.shown(name) + " is there twice");
                }
            }
        }
    }

    private static @Nullable String name(int tag) {
        return switch (tag) {
            case INDEX -> "the index";
            case MANIFEST -> "the manifest";
            case ATOMS -> "the modules";
            case VOLUME -> "a volume";
            default -> null;
        };
    }

    private static Map<String, ByteBuffer> atoms(Folder folder) throws PackageException {
        Map<String, ByteBuffer> modules = new LinkedHashMap<>();
        for (Map.Entry<String, PackageTree> each : folder.entries().entrySet()) {
            if (!(each.getValue() instanceof PackageTree.File file)) {
                throw new PackageException(
                        "damaged: the module " + Names.shown(each.getKey()) + " is no file");
            }
            Checksums.verify(each.getKey(), file);
            modules.put(each.getKey(), file.content());
        }
        return modules;
    }

    private Folder tree(ByteScanner section, boolean verified) throws PackageException {
        ByteScanner header = section.part(section.u64(), "a header");
        ByteScanner data = section.part(section.u64(), "data");
        PackageTree root = new Header(header, data, verified).entry(0, 0);
        if (root instanceof Folder folder) {
            return folder;
        }
        throw header.damaged("the root is not a folder");
    }

    /** The header of one volume. */
    private final class Header {
        private final ByteScanner header;
        private final ByteScanner data;
        private final boolean verified;
        private final Set<Long> folders = new HashSet<>();

        Header(ByteScanner header, ByteScanner data, boolean verified) {
            this.header = header;
            this.data = data;
            this.verified = verified;
        }

        private PackageTree entry(long offset, int depth) throws PackageException {
            budget.entry();
            ByteScanner at = header.at(offset);
            return switch (at.u8()) {
                case DIRECTORY -> {
                    if (depth > PackageTree.MAX_DEPTH) {
                        throw at.damaged(
                                "folders are more than " + PackageTree.MAX_DEPTH + " deep");
                    }
                    if (!folders.add(offset)) {
                        throw at.damaged("a folder stands in two places");
                    }
                    yield folder(at, depth);
                }
                case FILE -> {
                    ByteBuffer content = data.range(at.u64(), at.u64());
                    budget.file(content.remaining());
                    byte[] sha256 = at.array(HASH_SIZE);
                    yield new PackageTree.File(content, verified ? null : sha256);
                }
                case SYMLINK -> new PackageTree.Link(at.text(at.u64()));
                default -> throw at.damaged("neither a folder nor a file");
            };
        }

        private Folder folder(ByteScanner at, int depth) throws PackageException {
            ByteScanner entries = at.part(at.u64(), "a folder");
            if (version >= 3) {
                entries.skip(TIMES_SIZE + HASH_SIZE);
            }
            Folder folder = new Folder();
            while (!entries.isEmpty()) {
                long offset = entries.u64();
                if (version >= 3) {
                    entries.skip(HASH_SIZE);
                }
                folder.put(entries.text(entries.u64()), entry(offset, depth + 1));
            }
            return folder;
        }
    }
}
