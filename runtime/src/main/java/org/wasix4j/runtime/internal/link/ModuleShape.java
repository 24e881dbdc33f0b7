package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.TagSection;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * What a module exports, and the types of its functions. Nothing is done for each of them when it
 * is read from an entry of the cache: a library has hundreds, of which few are asked for, and at
 * that time nothing is machine code yet. The exports are sorted by the hash codes of their names,
 * and those with the same one by their names.
 */
public final class ModuleShape {

    /** What is in front of the name of an export: type, index, length of the name. */
    private static final int BEFORE_NAME = 1 + 2 * Integer.BYTES;

    private final byte[] bytes;

    /** The number of the type of each function, the imported ones first. */
    private final int[] functionTypes;

    /** The hash codes of the names of exports, ascending. */
    private final int[] hashes;

    /** Where in the bytes each export is, in the same order. */
    private final int[] exports;

    private ModuleShape(byte[] bytes) {
        this.bytes = bytes;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        functionTypes = ints(in);
        hashes = ints(in);
        exports = ints(in);
        if (exports.length != hashes.length) {
            throw new BufferUnderflowException();
        }
    }

    private static int[] ints(ByteBuffer in) {
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / Integer.BYTES) {
            throw new BufferUnderflowException();
        }
        int[] ints = new int[count];
        in.asIntBuffer().get(ints);
        in.position(in.position() + count * Integer.BYTES);
        return ints;
    }

    /**
     * Reads what {@link #bytes} gave.
     *
     * @throws BufferUnderflowException when it is something else
     */
    public static ModuleShape read(byte[] bytes) {
        return new ModuleShape(bytes);
    }

    /**
     * That of a module that is parsed as a whole.
     *
     * @throws ModuleException when it exports what it does not have, or two things by one name
     */
    public static ModuleShape of(WasmModule module) {
        List<Export> sorted = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (!names.add(export.name())) {
                throw new ModuleException(
                        "it exports two things as " + Printable.foreign(export.name()));
            }
            if (Integer.compareUnsigned(export.index(), count(module, export.exportType())) >= 0) {
                throw new ModuleException(
                        "it exports something as "
                                + Printable.foreign(export.name())
                                + " that it does not have");
            }
            sorted.add(export);
        }
        sorted.sort(
                Comparator.comparingInt((Export each) -> each.name().hashCode())
                        .thenComparing(Export::name));
        return new ModuleShape(encode(functionTypes(module), sorted));
    }

    /** How many there are of what can be exported, those that are imported among them. */
    private static int count(WasmModule module, ExternalType type) {
        int own;
        if (type == ExternalType.FUNCTION) {
            own = module.functionSection().functionCount();
        } else if (type == ExternalType.TABLE) {
            own = module.tableSection().tableCount();
        } else if (type == ExternalType.MEMORY) {
            own = module.memorySection().map(MemorySection::memoryCount).orElse(0);
        } else if (type == ExternalType.GLOBAL) {
            own = module.globalSection().globalCount();
        } else {
            own = module.tagSection().map(TagSection::tagCount).orElse(0);
        }
        return module.importSection().count(type) + own;
    }

    private static int[] functionTypes(WasmModule module) {
        int own = module.functionSection().functionCount();
        int[] all = new int[module.importSection().count(ExternalType.FUNCTION) + own];
        int next = 0;
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport function) {
                all[next++] = function.typeIndex();
            }
        }
        for (int i = 0; i < own; i++) {
            all[next++] = module.functionSection().getFunctionType(i);
        }
        return all;
    }

    private static byte[] encode(int[] functionTypes, List<Export> exports) {
        int records = (3 + functionTypes.length + 2 * exports.size()) * Integer.BYTES;
        List<byte[]> names = new ArrayList<>();
        int size = records;
        for (Export export : exports) {
            byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
            names.add(name);
            size = Math.addExact(size, BEFORE_NAME + name.length);
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putInt(functionTypes.length);
        for (int type : functionTypes) {
            out.putInt(type);
        }
        out.putInt(exports.size());
        for (Export export : exports) {
            out.putInt(export.name().hashCode());
        }
        out.putInt(exports.size());
        int at = records;
        for (byte[] name : names) {
            out.putInt(at);
            at += BEFORE_NAME + name.length;
        }
        for (int i = 0; i < names.size(); i++) {
            Export export = exports.get(i);
            byte[] name = names.get(i);
            out.put((byte) export.exportType().id()).putInt(export.index()).putInt(name.length);
            out.put(name);
        }
        return out.array();
    }

    /** It, to be read again. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many functions there are, those that are imported among them. */
    public int functionCount() {
        return functionTypes.length;
    }

    /** The number of the type of a function. */
    public int functionType(int function) {
        return functionTypes[function];
    }

    /** The numbers of the types of all functions; not to be changed. */
    int[] functionTypes() {
        return functionTypes;
    }

    /** How many exports there are. */
    public int exportCount() {
        return exports.length;
    }

    /** What is exported under a name, or null. */
    public @Nullable Export export(@Nullable String name) {
        if (name == null) {
            return null;
        }
        int hash = name.hashCode();
        int low = 0;
        int high = hashes.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Integer.compare(hashes[middle], hash);
            if (order == 0) {
                order = name(middle).compareTo(name);
            }
            if (order == 0) {
                return export(middle);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    /** The number of the function that is exported under a name, or -1. */
    public int function(@Nullable String name) {
        Export export = export(name);
        return export != null && export.exportType() == ExternalType.FUNCTION ? export.index() : -1;
    }

    private Export export(int number) {
        ByteBuffer in = ByteBuffer.wrap(bytes).position(exports[number]);
        ExternalType type = ExternalType.byId(in.get());
        return new Export(name(number), in.getInt(), type);
    }

    private String name(int number) {
        int at = exports[number] + BEFORE_NAME;
        int length = ByteBuffer.wrap(bytes).getInt(at - Integer.BYTES);
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }

    /** All exports by name, as an instance of the engine wants them. */
    Map<String, Export> exports() {
        return new Exports();
    }

    private final class Exports extends AbstractMap<String, Export> {

        @Override
        public int size() {
            return exports.length;
        }

        @Override
        public @Nullable Export get(Object name) {
            return name instanceof String text ? export(text) : null;
        }

        @Override
        public boolean containsKey(Object name) {
            return get(name) != null;
        }

        @Override
        public Set<Entry<String, Export>> entrySet() {
            Set<Entry<String, Export>> all = new LinkedHashSet<>();
            for (int i = 0; i < exports.length; i++) {
                Export each = export(i);
                all.add(Map.entry(each.name(), each));
            }
            return all;
        }
    }
}
