package org.wasix4j.runtime.internal;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A compiled module as an entry of the cache: eight bytes that say what it is, a checksum of all
 * that follows, the versions, the stripped module, and the classes. Numbers are of four bytes, the
 * highest first; whatever has a length has it in front.
 *
 * @param module the stripped module
 * @param code its functions
 */
record ModuleImage(byte[] module, CompiledCode code) {

    private static final byte[] MAGIC = {'w', 'a', 's', 'i', 'x', '4', 'j', 0};
    private static final int HEADER = MAGIC.length + Integer.BYTES;

    /** To be raised when this layout, or how modules are compiled or stripped, changes. */
    private static final int FORMAT = 2;

    private static final String ENGINE =
            "/META-INF/maven/com.dylibso.chicory/compiler/pom.properties";

    /**
     * What makes compiled code that of this version and of no other, or null when the engine's
     * version is not to be found out (in a jar that others were packed into).
     */
    static String versions() {
        String own = ModuleImage.class.getPackage().getImplementationVersion();
        try (InputStream stream = MachineFactoryCompiler.class.getResourceAsStream(ENGINE)) {
            if (stream == null) {
                return null;
            }
            Properties properties = new Properties();
            properties.load(stream);
            return "format "
                    + FORMAT
                    + ", wasix4j "
                    + (own == null ? "development" : own)
                    + ", chicory "
                    + properties.getProperty("version");
        } catch (IOException e) {
            return null;
        }
    }

    /** The name of a module's entry: the digest of its bytes and of the versions. */
    static String key(byte[] wasm, String versions) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(versions.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return HexFormat.of().formatHex(digest.digest(wasm));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    byte[] encode(String versions) {
        int size = HEADER + 4 * Integer.BYTES + module.length;
        size += utf8(versions).length + utf8(code.mainClass()).length;
        for (Map.Entry<String, byte[]> entry : code.classes().entrySet()) {
            size += 2 * Integer.BYTES + utf8(entry.getKey()).length + entry.getValue().length;
        }
        ByteBuffer out = ByteBuffer.allocate(size).position(HEADER);
        put(out, utf8(versions));
        put(out, module);
        put(out, utf8(code.mainClass()));
        out.putInt(code.classes().size());
        code.classes()
                .forEach(
                        (name, bytes) -> {
                            put(out, utf8(name));
                            put(out, bytes);
                        });
        out.put(0, MAGIC).putInt(MAGIC.length, checksum(out.array()));
        return out.array();
    }

    /**
     * Reads an entry.
     *
     * @return null when it is damaged, or not of these versions
     */
    static ModuleImage decode(byte[] entry, String versions) {
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
            byte[] module = get(in);
            String mainClass = text(in);
            Map<String, byte[]> classes = new LinkedHashMap<>();
            for (int left = in.getInt(); left > 0; left--) {
                classes.put(text(in), get(in));
            }
            return new ModuleImage(module, new CompiledCode(mainClass, classes, Set.of()));
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            return null;
        }
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

    private static byte[] get(ByteBuffer in) {
        int length = in.getInt();
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
