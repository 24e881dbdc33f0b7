package org.wasix4j.runtime.internal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.types.Nullable;

/**
 * A compiled module as an entry of the cache: eight bytes that say what it is, a checksum of all
 * that follows, the versions, the module itself, the stripped module, the names of functions, and
 * the code: how many functions share a class when there are not all, the name of its main class,
 * which functions are interpreted, and the classes. Numbers are of four bytes, the highest first;
 * whatever has a length or a count has it in front.
 *
 * <p>An entry is that of a module when it holds the same bytes. So its name can be what is quick to
 * make: a collision-resistant digest would take longer than the comparison.
 *
 * @param module the stripped module
 * @param names the names of functions, to be parsed
 * @param code its functions
 * @param perClass how many functions share a class when the classes of some functions are missing;
 *     0 when all are there
 */
record ModuleImage(byte[] module, byte[] names, CompiledCode code, int perClass) {

    private static final byte[] MAGIC = {'w', 'a', 's', 'i', 'x', '4', 'j', 0};
    private static final int HEADER = MAGIC.length + Integer.BYTES;

    private static final int PIECE = 256;

    /** To be raised when this layout, or how modules are compiled or stripped, changes. */
    private static final int FORMAT = 13;

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
        return new ModuleImage(module, names, other, 0);
    }

    /** It, when classes are missing. */
    ModuleImage partial(int functionsPerClass) {
        return new ModuleImage(module, names, code, functionsPerClass);
    }

    /** The entry of a module. */
    byte[] encode(byte[] wasm, String versions) {
        int size = HEADER + (8 + code.interpreted().size()) * Integer.BYTES;
        size += utf8(versions).length + wasm.length + module.length + names.length;
        size += utf8(code.mainClass()).length;
        for (Map.Entry<String, ByteBuffer> entry : code.classes().entrySet()) {
            size += 2 * Integer.BYTES + utf8(entry.getKey()).length + entry.getValue().remaining();
        }
        ByteBuffer out = ByteBuffer.allocate(size).position(HEADER);
        put(out, utf8(versions));
        put(out, wasm);
        put(out, module);
        put(out, names);
        out.putInt(perClass);
        put(out, utf8(code.mainClass()));
        out.putInt(code.interpreted().size());
        code.interpreted().forEach(out::putInt);
        out.putInt(code.classes().size());
        code.classes()
                .forEach(
                        (name, bytes) -> {
                            put(out, utf8(name));
                            out.putInt(bytes.remaining()).put(bytes.duplicate());
                        });
        out.put(0, MAGIC).putInt(MAGIC.length, checksum(out.array()));
        return out.array();
    }

    /**
     * Reads an entry.
     *
     * @param wasm the module that it is to be of
     * @return null when it is damaged, or not of that module and these versions; else the image,
     *     whose classes are parts of the entry
     */
    static @Nullable ModuleImage decode(byte[] entry, byte[] wasm, String versions) {
        Entry read = read(entry, versions);
        return read != null && read.isOf(wasm) ? read.image() : null;
    }

    /**
     * An entry that was read.
     *
     * @param binary the module that it is of
     */
    record Entry(ModuleImage image, ByteBuffer binary) {

        /** Whether it is that of a module. */
        boolean isOf(byte[] wasm) {
            return equal(binary, wasm);
        }
    }

    /** Reads an entry of any module; null when it is damaged, or not of these versions. */
    static @Nullable Entry read(byte[] entry, String versions) {
        if (entry.length < HEADER) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(entry);
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        if (!Arrays.equals(magic, MAGIC) || in.getInt() != checksum(entry)) {
            return null;
        }
        try {
            if (!text(in).equals(versions)) {
                return null;
            }
            ByteBuffer binary = part(in);
            byte[] module = get(in);
            byte[] names = get(in);
            int perClass = in.getInt();
            String mainClass = text(in);
            Set<Integer> interpreted = new HashSet<>();
            for (int left = in.getInt(); left > 0; left--) {
                interpreted.add(in.getInt());
            }
            Map<String, ByteBuffer> classes = new LinkedHashMap<>();
            for (int left = in.getInt(); left > 0; left--) {
                classes.put(text(in), part(in));
            }
            return new Entry(
                    new ModuleImage(
                            module,
                            names,
                            new CompiledCode(mainClass, classes, interpreted),
                            perClass),
                    binary);
        } catch (BufferUnderflowException e) {
            return null;
        }
    }

    /**
     * Whether the bytes are the same. They are compared in small pieces because at a start there is
     * no machine code for it yet: a method that is called often gets some sooner than one loop.
     */
    private static boolean equal(ByteBuffer part, byte[] wasm) {
        if (part.remaining() != wasm.length) {
            return false;
        }
        int at = part.arrayOffset() + part.position();
        for (int i = 0; i < wasm.length; i += PIECE) {
            int end = Math.min(i + PIECE, wasm.length);
            if (!Arrays.equals(wasm, i, end, part.array(), at + i, at + end)) {
                return false;
            }
        }
        return true;
    }

    /** Against damage; CRC-32 because the JVM has it in machine code from its first moment. */
    private static int checksum(byte[] entry) {
        CRC32 crc = new CRC32();
        crc.update(entry, HEADER, entry.length - HEADER);
        return (int) crc.getValue();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        out.putInt(bytes.length).put(bytes);
    }

    private static ByteBuffer part(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        return part;
    }

    private static byte[] get(ByteBuffer in) {
        ByteBuffer part = part(in);
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer in) {
        return new String(get(in), StandardCharsets.UTF_8);
    }
}
