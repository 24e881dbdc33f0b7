package org.wasix4j.runtime.internal;

import static com.dylibso.chicory.wasm.Encoding.readName;
import static com.dylibso.chicory.wasm.Encoding.readVarUInt32;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.RawSection;
import com.dylibso.chicory.wasm.types.SectionId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * What of a module is still needed when its functions are compiled: everything but their bodies,
 * which take most of the time to parse. Of the custom sections the names of functions stay, for the
 * message of a trap.
 */
final class StrippedModule {

    private static final String NAMES = "name";
    private static final int FUNCTION_NAMES = 1;

    /** No locals, unreachable, end. */
    private static final byte[] TRAP = {0, 0, 0x0b};

    private StrippedModule() {}

    /**
     * Strips a binary.
     *
     * @param wasm the binary
     * @param module the same, parsed
     * @param kept the functions whose bodies stay
     */
    static byte[] of(byte[] wasm, WasmModule module, Set<Integer> kept) {
        int imported = module.importSection().count(ExternalType.FUNCTION);
        WasmWriter writer = new WasmWriter();
        Parser.parseWithoutDecoding(
                wasm,
                section -> {
                    RawSection raw = (RawSection) section;
                    switch (raw.sectionId()) {
                        case SectionId.CODE ->
                                writer.writeSection(
                                        SectionId.CODE, code(raw.contents(), imported, kept));
                        case SectionId.CUSTOM -> {
                            byte[] names = functionNames(raw.contents());
                            if (names != null) {
                                writer.writeSection(SectionId.CUSTOM, names);
                            }
                        }
                        default -> writer.writeSection(raw);
                    }
                });
        return writer.bytes();
    }

    private static byte[] code(byte[] contents, int imported, Set<Integer> kept) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int count = (int) readVarUInt32(in);
        WasmWriter.writeVarUInt32(out, count);
        for (int i = 0; i < count; i++) {
            int length = (int) readVarUInt32(in);
            if (kept.contains(imported + i)) {
                WasmWriter.writeVarUInt32(out, length);
                out.write(contents, in.position(), length);
            } else {
                WasmWriter.writeVarUInt32(out, TRAP.length);
                out.writeBytes(TRAP);
            }
            in.position(in.position() + length);
        }
        return out.toByteArray();
    }

    /** A section with only the names of functions, or null when there are none in this one. */
    private static byte[] functionNames(byte[] contents) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        if (!readName(in, false).equals(NAMES)) {
            return null;
        }
        while (in.hasRemaining()) {
            int start = in.position();
            int id = in.get();
            int length = (int) readVarUInt32(in);
            int end = in.position() + length;
            if (id == FUNCTION_NAMES) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                WasmWriter.writeVarUInt32(out, NAMES.length());
                out.writeBytes(NAMES.getBytes(StandardCharsets.US_ASCII));
                out.write(contents, start, end - start);
                return out.toByteArray();
            }
            in.position(end);
        }
        return null;
    }
}
