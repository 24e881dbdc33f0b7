package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.Table;
import java.util.Map;
import org.wasix4j.runtime.ModuleException;

/**
 * Where a program has its data, its stack and its part of the function table, and the addresses
 * that follow from it.
 *
 * @param stackTop where the C stack begins, for a position-independent program; else 0
 * @param addresses symbols that the linker decides
 */
record ProgramLayout(int stackTop, Map<String, Integer> addresses) {

    /** The C stack of a position-independent program, as on Linux; only used pages take memory. */
    private static final int STACK = 8 << 20;

    /** Nothing is below, so that no address of a datum is null. */
    private static final int FIRST_ADDRESS = 1024;

    private static final int STACK_ALIGNMENT = 16;

    /**
     * Places a position-independent program: data, then the stack, then the heap.
     *
     * @throws ModuleException when there is no room
     */
    static ProgramLayout independent(Library program, LinkHost host, FunctionTable table) {
        long data = align(FIRST_ADDRESS, program.section.memoryAlignment());
        long low = align(data + program.section.memorySize(), STACK_ALIGNMENT);
        long top = low + STACK;
        Memory its = host.memory();
        if (its != null && top <= Integer.MAX_VALUE) {
            long missing = (top - 1) / Memory.PAGE_SIZE + 1 - its.pages();
            if (missing > 0 && its.grow((int) missing) < 0) {
                throw new ModuleException(
                        "there is no memory for its data and its stack: " + top + " bytes");
            }
        } else {
            throw new ModuleException("it asks for more memory than there is: " + top + " bytes");
        }
        program.memoryBase = (int) data;
        // entry 0 is the null pointer
        program.tableBase = (int) align(1, program.section.tableAlignment());
        requireTable(host, table, program.tableBase + program.section.tableSize());
        return new ProgramLayout(
                (int) top,
                Map.of(
                        "__stack_low", (int) low,
                        "__stack_high", (int) top,
                        "__heap_base", (int) top,
                        "__heap_end", (int) ((long) its.pages() * Memory.PAGE_SIZE)));
    }

    /** Makes room in the table for a program that was linked to fixed places. */
    static ProgramLayout fixed(Library program, LinkHost host, FunctionTable table) {
        if (program.code.module().tableSection().tableCount() > 0) {
            Table own = program.code.module().tableSection().getTable(0);
            requireTable(host, table, own.limits().min());
        }
        return new ProgramLayout(0, Map.of());
    }

    private static void requireTable(LinkHost host, FunctionTable table, long size) {
        takeTable(host, size);
        if (!table.reserve(size)) {
            throw noRoom(size);
        }
    }

    /** Takes the memory for a table. */
    static void takeTable(LinkHost host, long size) {
        if (!host.take(size * FunctionTable.BYTES_AN_ENTRY)) {
            throw noRoom(size);
        }
    }

    private static ModuleException noRoom(long size) {
        return new ModuleException("there is no room for its table: " + size + " entries");
    }

    /** The first place from an address on that is aligned. */
    static long align(long address, int alignment) {
        return (address + alignment - 1) / alignment * alignment;
    }
}
