package org.wasix4j.cli.packages;

import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Writes containers of each version, as the tests need them. */
public final class WebcFiles {

    private final int version;
    private final Map<String, Object> manifest;
    private final Map<String, byte[]> atoms = new TreeMap<>();
    private final Map<String, Map<String, Object>> volumes = new LinkedHashMap<>();
    private Consumer<byte[]> damage = content -> {};

    public WebcFiles(int version, Map<String, Object> manifest) {
        this.version = version;
        this.manifest = manifest;
    }

    public WebcFiles atom(String name, byte[] bytes) {
        atoms.put(name, bytes);
        return this;
    }

    /** A volume: maps are folders, byte arrays files, texts symbolic links. */
    public WebcFiles volume(String name, Map<String, Object> tree) {
        volumes.put(name, tree);
        return this;
    }

    public byte[] bytes() {
        try {
            Out out = new Out();
            out.raw(0, 'w', 'e', 'b', 'c', '0', '0', '0' + version);
            return (version == 1 ? first(out) : sections(out)).toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Changes the content of every section before its checksum is taken. */
    WebcFiles damaged(Consumer<byte[]> change) {
        damage = change;
        return this;
    }

    private byte[] sealed(byte[] content) {
        damage.accept(content);
        return content;
    }

    private Out first(Out out) throws IOException {
        Out content = new Out();
        firstContent(content);
        byte[] bytes = sealed(content.toByteArray());
        byte[] kind = "sha256----------".getBytes(StandardCharsets.US_ASCII);
        Out hashed = new Out();
        hashed.write(out.toByteArray());
        hashed.write(kind);
        hashed.write(new byte[256 + 4 + 1024]);
        hashed.write(bytes);
        out.write(kind);
        out.write(Arrays.copyOf(sha256(hashed.toByteArray()), 256 + 4 + 1024));
        out.write(bytes);
        return out;
    }

    private void firstContent(Out out) throws IOException {
        byte[] cbor = new CBORMapper().writeValueAsBytes(manifest);
        out.leb(cbor.length).write(cbor);
        byte[] modules = firstVolume(new TreeMap<>(atoms));
        out.leb(modules.length).write(modules);
        for (Map.Entry<String, Map<String, Object>> each : volumes.entrySet()) {
            byte[] name = each.getKey().getBytes(StandardCharsets.UTF_8);
            byte[] volume = firstVolume(each.getValue());
            out.leb(name.length).write(name);
            out.leb(volume.length).write(volume);
        }
    }

    private static byte[] firstVolume(Map<String, Object> tree) throws IOException {
        Out data = new Out();
        List<byte[]> levels = new ArrayList<>();
        firstFolder(tree, data, levels, 0);
        Out header = new Out();
        for (byte[] level : levels) {
            header.write(level);
        }
        Out volume = new Out();
        volume.leb(header.size()).write(header.toByteArray());
        volume.write(data.toByteArray());
        return volume.toByteArray();
    }

    /** Adds the levels of a folder, its own first; answers how many bytes they have. */
    private static int firstFolder(
            Map<String, Object> tree, Out data, List<byte[]> levels, int offset)
            throws IOException {
        int own = 8;
        for (String name : tree.keySet()) {
            own += 24 + name.getBytes(StandardCharsets.UTF_8).length;
        }
        int place = levels.size();
        levels.add(null);
        int next = offset + own;
        Out level = new Out();
        level.u64(own - 8);
        for (Map.Entry<String, Object> each : tree.entrySet()) {
            byte[] name = each.getKey().getBytes(StandardCharsets.UTF_8);
            level.write(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(name.length)
                            .array(),
                    0,
                    7);
            if (each.getValue() instanceof byte[] file) {
                level.raw(1);
                level.u64(data.size()).u64(data.size() + file.length);
                data.write(file);
            } else {
                int size = firstFolder(folder(each.getValue()), data, levels, next);
                level.raw(0);
                level.u64(next).u64(next + size);
                next += size;
            }
            level.write(name);
        }
        levels.set(place, level.toByteArray());
        return next - offset;
    }

    private Out sections(Out out) throws IOException {
        if (version >= 3) {
            section(out, 2, new CBORMapper().writeValueAsBytes(Map.of()));
        }
        section(out, 1, new CBORMapper().writeValueAsBytes(manifest));
        section(out, 3, tree(new TreeMap<>(atoms)));
        for (Map.Entry<String, Map<String, Object>> each : volumes.entrySet()) {
            byte[] name = each.getKey().getBytes(StandardCharsets.UTF_8);
            Out volume = new Out();
            volume.u64(name.length).write(name);
            volume.write(tree(each.getValue()));
            section(out, 4, volume.toByteArray());
        }
        return out;
    }

    private void section(Out out, int tag, byte[] contentOfSection) throws IOException {
        byte[] content = sealed(contentOfSection);
        out.raw(tag);
        if (version >= 3 && tag != 2) {
            out.write(sha256(content));
        }
        out.u64(content.length).write(content);
    }

    private byte[] tree(Map<String, Object> root) throws IOException {
        Out data = new Out();
        Out header = new Out();
        header.write(entry(root, data, 0));
        Out tree = new Out();
        tree.u64(header.size()).write(header.toByteArray());
        tree.u64(data.size()).write(data.toByteArray());
        return tree.toByteArray();
    }

    /** An entry with everything below it, which begins at an offset of the header. */
    private byte[] entry(Object entry, Out data, int offset) throws IOException {
        Out out = new Out();
        if (entry instanceof byte[] file) {
            out.raw(31);
            out.u64(data.size()).u64(data.size() + file.length).write(sha256(file));
            data.write(file);
            return times(out);
        }
        if (entry instanceof String target) {
            out.raw(32);
            out.u64(target.length()).write(target.getBytes(StandardCharsets.UTF_8));
            out.write(sha256(target.getBytes(StandardCharsets.UTF_8)));
            return times(out);
        }
        int fixed = version >= 3 ? 24 + 32 : 0;
        int perEntry = version >= 3 ? 48 : 16;
        int length = fixed;
        for (String name : folder(entry).keySet()) {
            length += perEntry + name.getBytes(StandardCharsets.UTF_8).length;
        }
        out.raw(30);
        out.u64(length).write(new byte[fixed]);
        Out below = new Out();
        for (Map.Entry<String, Object> each : folder(entry).entrySet()) {
            byte[] name = each.getKey().getBytes(StandardCharsets.UTF_8);
            int at = offset + 9 + length + below.size();
            out.u64(at).write(new byte[version >= 3 ? 32 : 0]);
            out.u64(name.length).write(name);
            below.write(entry(each.getValue(), data, at));
        }
        out.write(below.toByteArray());
        return out.toByteArray();
    }

    private byte[] times(Out out) throws IOException {
        out.write(new byte[version >= 3 ? 24 : 0]);
        return out.toByteArray();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> folder(Object entry) {
        return (Map<String, Object>) entry;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Out extends ByteArrayOutputStream {

        Out raw(int... values) {
            for (int value : values) {
                write(value);
            }
            return this;
        }

        Out u64(long value) throws IOException {
            write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
            return this;
        }

        Out leb(int value) {
            int rest = value;
            while (rest >= 0x80) {
                write(rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            write(rest);
            return this;
        }
    }
}
