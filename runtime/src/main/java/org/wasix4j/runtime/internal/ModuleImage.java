package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.types.Nullable;

/**
 * A compiled module as an entry of the cache: eight bytes that say what it is, a checksum of all
 * that follows, a head, the stripped module, its shape, the names of functions, the module itself,
 * and the class files. The head has the versions, how long each of these is, and of the code how
 * many functions share a class when there are not all, the name of its main class, which functions
 * are interpreted, and name and length of each class file. Numbers are of four bytes, the highest
 * first; in the head whatever has a length or a count has it in front, the head too.
 *
 * <p>An entry is that of a module when it holds the same bytes ({@link EntryComparison}). So its
 * name can be what is quick to make: a collision-resistant digest would take longer than the
 * comparison.
 *
 * @param module the stripped module
 * @param shape what it exports and the types of its functions, as {@link
 *     org.wasix4j.runtime.internal.link.ModuleShape} has them
 * @param names the names of functions, to be parsed
 * @param code its functions
 * @param perClass how many functions share a class when the classes of some functions are missing;
 *     0 when all are there
 */
record ModuleImage(byte[] module, byte[] shape, byte[] names, CompiledCode code, int perClass) {

    private static final byte[] MAGIC = {'w', 'a', 's', 'i', 'x', '4', 'j', 0};

    /** What is in front of that of which the checksum is taken. */
    static final int HEADER = MAGIC.length + Integer.BYTES;

    /** To be raised when this layout, or how modules are compiled or stripped, changes. */
    private static final int FORMAT = 20;

    /** What {@link #versions} has found out. */
    private static volatile @Nullable String known;

    /**
     * What makes compiled code that of this version and of no other, or null when the engine's
     * version is not to be found out (in a jar that others were packed into).
     */
    static @Nullable String versions() {
        if (known == null) {
            known = found();
        }
        return known;
    }

    private static @Nullable String found() {
        String own = ModuleImage.class.getPackage().getImplementationVersion();
        String engine = EngineVersion.find();
        return engine == null
                ? null
                : "format "
                        + FORMAT
                        + ", rewriter "
                        + ModuleRewriter.VERSION
                        + ", wasix4j "
                        + (own == null ? "development" : own)
                        + ", chicory "
                        + engine;
    }

    /** The name of a module's entry: its length, and a checksum of its bytes and the versions. */
    static String key(byte[] wasm, String versions) {
        CRC32 crc = new CRC32();
        crc.update(utf8(versions));
        crc.update(wasm);
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits((int) crc.getValue()) + "-" + hex.toHexDigits(wasm.length);
    }

    /** It with other code, and all of that. */
    ModuleImage with(CompiledCode other) {
        return new ModuleImage(module, shape, names, other, 0);
    }

    /** It, when classes are missing. */
    ModuleImage partial(int functionsPerClass) {
        return new ModuleImage(module, shape, names, code, functionsPerClass);
    }

    /** The entry of a module. */
    byte[] encode(byte[] wasm, String versions) {
        Map<String, ByteBuffer> classes = new LinkedHashMap<>(code.classes());
        byte[] head = head(wasm.length, versions, classes);
        int size = HEADER + Integer.BYTES + head.length + wasm.length;
        for (byte[] part : List.of(module, shape, names)) {
            size = Math.addExact(size, part.length);
        }
        for (ByteBuffer bytes : classes.values()) {
            size = Math.addExact(size, bytes.remaining());
        }
        ByteBuffer out = ByteBuffer.allocate(size).position(HEADER);
        put(out, head);
        out.put(module).put(shape).put(names).put(wasm);
        classes.values().forEach(bytes -> out.put(bytes.duplicate()));
        CRC32 crc = new CRC32();
        crc.update(out.array(), HEADER, size - HEADER);
        out.put(0, MAGIC).putInt(MAGIC.length, (int) crc.getValue());
        return out.array();
    }

    private byte[] head(int wasmLength, String versions, Map<String, ByteBuffer> classes) {
        int size = (9 + code.interpreted().size() + 2 * classes.size()) * Integer.BYTES;
        size += utf8(versions).length + utf8(code.mainClass()).length;
        for (String name : classes.keySet()) {
            size += utf8(name).length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        put(out, utf8(versions));
        out.putInt(module.length).putInt(shape.length).putInt(names.length).putInt(wasmLength);
        out.putInt(perClass);
        put(out, utf8(code.mainClass()));
        out.putInt(code.interpreted().size());
        code.interpreted().forEach(out::putInt);
        out.putInt(classes.size());
        classes.forEach(
                (name, bytes) -> {
                    put(out, utf8(name));
                    out.putInt(bytes.remaining());
                });
        return Arrays.copyOf(out.array(), out.position());
    }

    /**
     * Reads an entry that is in memory.
     *
     * @param wasm the module that it is to be of
     * @return null when it is damaged, or not of that module and these versions; else the image
     */
    static @Nullable ModuleImage decode(byte[] entry, byte[] wasm, String versions) {
        Entry read = read(EntryBytes.of(entry), versions);
        return read != null && read.isOf(wasm) ? read.image() : null;
    }

    /**
     * An entry whose head was read. Whether it is damaged is not known yet.
     *
     * @param checksum that of everything behind it, as the entry says
     * @param binaryAt where the module is that it is of
     * @param binaryLength the length of that
     */
    record Entry(
            ModuleImage image, EntryBytes bytes, int checksum, int binaryAt, int binaryLength) {

        /** Whether it is that of a module, and not damaged. */
        boolean isOf(byte[] wasm) {
            return EntryComparison.isOf(this, wasm);
        }
    }

    /** Reads the head of an entry of any module; null when it is none, or not of these versions. */
    static @Nullable Entry read(EntryBytes entry, String versions) {
        try {
            int begin = HEADER + Integer.BYTES;
            if (entry.size() < begin) {
                return null;
            }
            ByteBuffer start = ByteBuffer.wrap(entry.read(0, begin));
            byte[] magic = new byte[MAGIC.length];
            start.get(magic);
            int checksum = start.getInt();
            int length = start.getInt();
            if (!Arrays.equals(magic, MAGIC) || length < 0 || length > entry.size() - begin) {
                return null;
            }
            ByteBuffer in = ByteBuffer.wrap(entry.read(begin, length));
            if (!text(in).equals(versions)) {
                return null;
            }
            return read(entry, checksum, begin + length, in);
        } catch (IOException | BufferUnderflowException | ArithmeticException e) {
            return null;
        }
    }

    private static @Nullable Entry read(
            EntryBytes entry, int checksum, int behindHead, ByteBuffer in) throws IOException {
        int moduleLength = length(in);
        int shapeLength = length(in);
        int namesLength = length(in);
        int shapeAt = Math.addExact(behindHead, moduleLength);
        int namesAt = Math.addExact(shapeAt, shapeLength);
        int binaryAt = Math.addExact(namesAt, namesLength);
        int binaryLength = length(in);
        int perClass = in.getInt();
        String mainClass = text(in);
        Set<Integer> interpreted = new HashSet<>();
        for (int left = in.getInt(); left > 0; left--) {
            interpreted.add(in.getInt());
        }
        Map<String, StoredClasses.Place> places = new LinkedHashMap<>();
        int at = Math.addExact(binaryAt, binaryLength);
        for (int left = in.getInt(); left > 0; left--) {
            String name = text(in);
            int length = length(in);
            places.put(name, new StoredClasses.Place(at, length));
            at = Math.addExact(at, length);
        }
        if (at != entry.size()) {
            return null;
        }
        CompiledCode code =
                new CompiledCode(mainClass, new StoredClasses(entry, places), interpreted);
        // each into its own array: the module can have most of the bytes that a start allocates
        return new Entry(
                new ModuleImage(
                        entry.read(behindHead, moduleLength),
                        entry.read(shapeAt, shapeLength),
                        entry.read(namesAt, namesLength),
                        code,
                        perClass),
                entry,
                checksum,
                binaryAt,
                binaryLength);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        out.putInt(bytes.length).put(bytes);
    }

    /** The length of something that follows, now or later. */
    private static int length(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0) {
            throw new BufferUnderflowException();
        }
        return length;
    }

    private static byte[] get(ByteBuffer in) {
        int length = length(in);
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer in) {
        return new String(get(in), StandardCharsets.UTF_8);
    }
}
