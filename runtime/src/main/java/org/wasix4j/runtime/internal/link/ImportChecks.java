package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.UnlinkableException;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.TableImport;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.TagImport;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Printable;

/**
 * Whether what a module imports is what it expects, where its linker has not compared that already:
 * the linker looks functions up by their types, and makes globals as they are imported.
 */
final class ImportChecks {

    private ImportChecks() {}

    /**
     * Compares a memory.
     *
     * @throws UnlinkableException when it is another one than is expected
     */
    static void memory(MemoryImport expected, @Nullable Memory memory) {
        if (memory == null) {
            throw other(expected, "there is no memory");
        }
        MemoryLimits limits = expected.limits();
        int most = limits.maximumPages();
        if (most == MemoryLimits.MAX_PAGES) {
            most = Memory.RUNTIME_MAX_PAGES;
        }
        if (memory.pages() < limits.initialPages()
                || memory.maximumPages() > most
                || memory.shared() != limits.shared()) {
            throw other(
                    expected,
                    "the memory has %d of at most %d pages%s, and %s is expected"
                            .formatted(
                                    memory.pages(),
                                    memory.maximumPages(),
                                    memory.shared() ? ", shared" : "",
                                    limits));
        }
    }

    /**
     * Compares a table of functions.
     *
     * @throws UnlinkableException when it is another one than is expected
     */
    static void table(TableImport expected, TableInstance table) {
        TableLimits limits = expected.limits();
        TableLimits its = table.limits();
        if (its.min() < limits.min()
                || its.max() > limits.max()
                || its.shared() != limits.shared()) {
            throw other(
                    expected,
                    "the table has %d entries, and %s are expected".formatted(its.min(), limits));
        }
    }

    /**
     * Compares a tag.
     *
     * @throws UnlinkableException when it has another type than is expected
     */
    static void tag(TagImport tag, FunctionType expected, FunctionType found) {
        if (!expected.equals(found)) {
            throw other(tag, "it is a tag of the type " + found + ", not " + expected);
        }
    }

    private static UnlinkableException other(Import entry, String why) {
        return new UnlinkableException(
                "incompatible import type of "
                        + Printable.foreign(entry.module() + "." + entry.name())
                        + ": "
                        + why);
    }
}
