package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.wasix4j.types.Nullable;

/**
 * What the numbers in a module's code mean: its types, and of which type each function, global,
 * table and tag is, the imported ones first.
 */
public final class ModuleIndex {

    private static final int FUNCTION_TYPE = 0x60;
    private static final int STRUCT = 0x5f;
    private static final int ARRAY = 0x5e;
    private static final int SUBTYPE = 0x50;
    private static final int FINAL_SUBTYPE = 0x4f;
    private static final int RECURSIVE = 0x4e;

    private static final int SHARED_OR_BOUNDED_MEMORY = 1;
    private static final int MEMORY64 = 4;
    private static final int PAGE_SIZE = 8;

    /** The groups of imports that share the name of their module. */
    static final int COMPACT_SAME_TYPE = 0x7e;

    static final int COMPACT = 0x7f;

    private final byte[] wasm;
    private final List<Section> sections;
    private final List<FunctionType> types = new ArrayList<>();
    private final Numbers functions = new Numbers();
    private final Numbers globals = new Numbers();
    private final Numbers tables = new Numbers();
    private final Numbers tags = new Numbers();

    /** The functions whose code was written anew. */
    private final BitSet rewritten = new BitSet();

    /** The module before that. */
    private byte[] given;

    /** The globals that hold a number and never change. */
    private final BitSet constants = new BitSet();

    private int importedFunctions;
    private int importedGlobals;
    private int memories;
    private boolean importsTable;
    private boolean onlyFunctionTypes = true;
    private boolean compactImports;
    private boolean memory64;
    private boolean vectors;
    private boolean vectorTypes;
    private int mostValues;

    /** A list of ints. */
    private static final class Numbers {

        private int[] values = new int[64];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        /** Notes which numbers there are. */
        void mark(boolean[] seen) {
            for (int i = 0; i < size; i++) {
                int value = values[i];
                if (value >= 0 && value < seen.length) {
                    seen[value] = true;
                }
            }
        }

        int get(int index, String what) {
            if (index < 0 || index >= size) {
                throw new MalformedException(
                        "it is damaged: there is no "
                                + what
                                + " "
                                + Integer.toUnsignedString(index));
            }
            return values[index];
        }
    }

    /**
     * Reads all of a binary but code, data and custom sections.
     *
     * @throws MalformedException when it is damaged
     */
    public ModuleIndex(byte[] wasm) {
        this(wasm, Section.all(wasm));
    }

    private ModuleIndex(byte[] wasm, List<Section> sections) {
        this.wasm = wasm;
        this.given = wasm;
        this.sections = sections;
        for (Section section : sections) {
            BinaryReader in = section.reader(wasm);
            switch (section.id()) {
                case Section.TYPE -> readTypes(in);
                case Section.IMPORT -> readImports(in);
                case Section.FUNCTION -> {
                    for (int left = in.count("functions", 1); left > 0; left--) {
                        functions.add(in.u32());
                    }
                }
                case Section.TABLE -> {
                    for (int left = in.count("tables", 2); left > 0; left--) {
                        readTable(in);
                    }
                }
                case Section.MEMORY -> {
                    for (int left = in.count("memories", 2); left > 0; left--) {
                        readMemory(in);
                    }
                }
                case Section.GLOBAL -> {
                    for (int left = in.count("globals", 3); left > 0; left--) {
                        readGlobal(in);
                        ConstantExpression.skip(in);
                    }
                }
                case Section.TAG -> {
                    for (int left = in.count("tags", 2); left > 0; left--) {
                        in.skip(1);
                        tags.add(in.u32());
                    }
                }
                default -> {
                    // names nothing that code refers to by number
                }
            }
        }
    }

    private void readTypes(BinaryReader in) {
        for (int left = in.count("types", 2); left > 0; left--) {
            if (in.peek() == RECURSIVE) {
                onlyFunctionTypes = false;
                in.u8();
                for (int inner = in.count("types", 2); inner > 0; inner--) {
                    readType(in);
                }
            } else {
                readType(in);
            }
        }
    }

    private void readType(BinaryReader in) {
        int form = in.u8();
        if (form == SUBTYPE || form == FINAL_SUBTYPE) {
            onlyFunctionTypes = false;
            for (int left = in.count("types", 1); left > 0; left--) {
                in.skipLeb();
            }
            form = in.u8();
        }
        switch (form) {
            case FUNCTION_TYPE -> {
                FunctionType type = FunctionType.read(in);
                vectors |= type.hasVector();
                vectorTypes |= type.hasVector();
                mostValues = Math.max(mostValues, type.parameters().length);
                mostValues = Math.max(mostValues, type.results().length);
                types.add(type);
            }
            case STRUCT -> {
                onlyFunctionTypes = false;
                for (int left = in.count("fields", 2); left > 0; left--) {
                    readField(in);
                }
                types.add(null);
            }
            case ARRAY -> {
                onlyFunctionTypes = false;
                readField(in);
                types.add(null);
            }
            default -> throw in.malformed("an unknown type, 0x" + Integer.toHexString(form));
        }
    }

    private void readField(BinaryReader in) {
        boolean vector = ValueTypes.read(in) == ValueTypes.V128;
        vectors |= vector;
        vectorTypes |= vector;
        in.skip(1);
    }

    private void readImports(BinaryReader in) {
        for (int left = in.count("imports", 4); left > 0; left--) {
            in.skipName();
            in.skipName();
            int kind = in.u8();
            if (kind == COMPACT) {
                compactImports = true;
                for (int inner = in.count("imports", 3); inner > 0; inner--) {
                    in.skipName();
                    readImport(in, in.u8());
                }
            } else if (kind == COMPACT_SAME_TYPE) {
                compactImports = true;
                int start = in.position();
                skipExternalType(in);
                int end = in.position();
                for (int inner = in.count("imports", 1); inner > 0; inner--) {
                    in.skipName();
                    BinaryReader type = new BinaryReader(wasm, start, end);
                    readImport(type, type.u8());
                }
            } else {
                readImport(in, kind);
            }
        }
    }

    private void readImport(BinaryReader in, int kind) {
        switch (kind) {
            case 0 -> {
                functions.add(in.u32());
                importedFunctions++;
            }
            case 1 -> {
                readTable(in);
                importsTable = true;
            }
            case 2 -> readMemory(in);
            case 3 -> {
                readGlobal(in);
                importedGlobals++;
            }
            case 4 -> {
                in.skip(1);
                tags.add(in.u32());
            }
            default -> throw in.malformed("an unknown kind of import, " + kind);
        }
    }

    /** Skips the kind and the type of an import. */
    static void skipExternalType(BinaryReader in) {
        int kind = in.u8();
        switch (kind) {
            case 0 -> in.skipLeb();
            case 1 -> {
                ValueTypes.skip(in);
                skipLimits(in);
            }
            case 2 -> skipLimits(in);
            case 3 -> {
                ValueTypes.skip(in);
                in.skip(1);
            }
            case 4 -> {
                in.skip(1);
                in.skipLeb();
            }
            default -> throw in.malformed("an unknown kind of import, " + kind);
        }
    }

    /** Skips a table; answers whether an expression, with what it is filled, follows. */
    static boolean skipTableType(BinaryReader in) {
        boolean initialised = in.peek() == EMPTY_TABLE_MARK;
        if (initialised) {
            in.skip(2);
        }
        ValueTypes.skip(in);
        skipLimits(in);
        return initialised;
    }

    private void readTable(BinaryReader in) {
        boolean initialised = in.peek() == EMPTY_TABLE_MARK;
        if (initialised) {
            in.skip(2);
        }
        tables.add(ValueTypes.read(in));
        memory64 |= skipLimits(in);
        if (initialised) {
            ConstantExpression.skip(in);
        }
    }

    /** In front of a table whose elements have an initial value. */
    private static final int EMPTY_TABLE_MARK = 0x40;

    private void readMemory(BinaryReader in) {
        memories++;
        memory64 |= skipLimits(in);
    }

    private static boolean skipLimits(BinaryReader in) {
        int flags = in.u8();
        in.skipLeb();
        if ((flags & SHARED_OR_BOUNDED_MEMORY) != 0) {
            in.skipLeb();
        }
        if ((flags & PAGE_SIZE) != 0) {
            in.skipLeb();
        }
        return (flags & MEMORY64) != 0;
    }

    private void readGlobal(BinaryReader in) {
        int type = ValueTypes.read(in);
        vectors |= type == ValueTypes.V128;
        globals.add(type);
        boolean constant = in.u8() == 0;
        if (constant && ValueTypes.isNumber(type)) {
            constants.set(globals.size - 1);
        }
    }

    /** The binary. */
    public byte[] wasm() {
        return wasm;
    }

    /**
     * The same module with another section of code.
     *
     * @param functions those whose code is another
     */
    ModuleIndex withCode(BinaryWriter bodies, BitSet functions) {
        BinaryWriter out = new BinaryWriter(wasm.length + 4096);
        out.raw(wasm, 0, Section.HEADER);
        for (Section section : sections) {
            if (section.id() == Section.CODE) {
                out.section(section.id(), bodies);
            } else {
                out.u8(section.id()).u32(section.end() - section.start());
                out.raw(wasm, section.start(), section.end());
            }
        }
        ModuleIndex changed = new ModuleIndex(out.toByteArray());
        changed.rewritten.or(rewritten);
        changed.rewritten.or(functions);
        changed.given = given;
        return changed;
    }

    /** Whether nothing is different from a module but the code of {@link #rewritten} functions. */
    boolean isAsGiven(ModuleIndex other) {
        return given == other.given;
    }

    /** The functions whose code was written anew by {@link #withCode}. */
    BitSet rewritten() {
        return rewritten;
    }

    /** Its sections, in order. */
    public List<Section> sections() {
        return sections;
    }

    /** The section of an id, or null. */
    public @Nullable Section section(int id) {
        for (Section section : sections) {
            if (section.id() == id) {
                return section;
            }
        }
        return null;
    }

    /** How many types there are. */
    public int typeCount() {
        return types.size();
    }

    /** A type by its number. */
    public FunctionType type(int number) {
        if (number < 0 || number >= types.size()) {
            throw new MalformedException(
                    "it is damaged: there is no type " + Integer.toUnsignedString(number));
        }
        FunctionType type = types.get(number);
        if (type == null) {
            throw new MalformedException(
                    "it is damaged: the type " + number + " is that of no function");
        }
        return type;
    }

    /** The type of a function. */
    public FunctionType functionType(int function) {
        return type(functions.get(function, "function"));
    }

    /** The number of a function's type. */
    int functionTypeNumber(int function) {
        return functions.get(function, "function");
    }

    /** Adds the types of functions and tags to others, unless there is no such type. */
    void addTypesTo(BitSet others) {
        boolean[] used = new boolean[types.size()];
        functions.mark(used);
        tags.mark(used);
        for (int i = 0; i < used.length; i++) {
            if (used[i]) {
                others.set(i);
            }
        }
    }

    /** How many functions there are, the imported ones among them. */
    public int functionCount() {
        return functions.size;
    }

    /** How many functions are imported. */
    public int importedFunctions() {
        return importedFunctions;
    }

    /** The type of a global. */
    public int globalType(int global) {
        return globals.get(global, "global");
    }

    /** Whether a global is imported, holds a number and never changes. */
    boolean isImportedConstant(int global) {
        return global >= 0 && global < importedGlobals && constants.get(global);
    }

    /** Whether there is such a global. */
    boolean importsConstants() {
        int first = constants.nextSetBit(0);
        return first >= 0 && first < importedGlobals;
    }

    /** How many globals there are, the imported ones among them. */
    public int globalCount() {
        return globals.size;
    }

    /** How many globals are imported. */
    public int importedGlobals() {
        return importedGlobals;
    }

    /** The type of what is in a table. */
    public int tableType(int table) {
        return tables.get(table, "table");
    }

    /** Whether a table is imported. */
    boolean importsTable() {
        return importsTable;
    }

    /** The type of a tag; its parameters are what an exception of it carries. */
    public FunctionType tagType(int tag) {
        return type(tags.get(tag, "tag"));
    }

    /** How many memories there are, the imported ones among them. */
    public int memories() {
        return memories;
    }

    /** Whether a memory or a table has addresses of 64 bits. */
    public boolean hasMemory64() {
        return memory64;
    }

    /** Whether imports are grouped by their module. */
    public boolean hasCompactImports() {
        return compactImports;
    }

    /** Whether a type, or a global, is or has a {@code v128}. */
    public boolean hasVectors() {
        return vectors;
    }

    /** How many parameters or results the largest type has. */
    int mostValues() {
        return mostValues;
    }

    /** Whether a type has a {@code v128}. */
    boolean hasVectorTypes() {
        return vectorTypes;
    }

    /** Whether all types are those of functions, without recursion or subtypes. */
    public boolean hasOnlyFunctionTypes() {
        return onlyFunctionTypes;
    }

    /** The type of a block, as it stands in code. */
    public FunctionType blockType(BinaryReader in) {
        int first = in.peek();
        if (first == ValueTypes.EMPTY) {
            in.u8();
            return FunctionType.empty();
        }
        if (first > ValueTypes.EMPTY && first < 0x80) {
            return FunctionType.ofResult(ValueTypes.read(in));
        }
        long number = in.s33();
        return type((int) number);
    }
}
