package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.TableSection;
import org.wasix4j.runtime.internal.link.InstanceRoom;
import org.wasix4j.runtime.internal.link.LinkableModule;
import org.wasix4j.system.process.HeapAccount;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;

/**
 * The tables of one instance, and what else it has for itself: it lies on the heap and is as large
 * as the module and the guest want, so it is taken from the guest's memory. What an instance begins
 * with is taken before it is made, growth beyond that when it happens. The instances of libraries
 * that the same thread uses count here, too.
 *
 * <p>The tables here also leave the module's own limits alone. The engine writes the new size there
 * when a table grows, and so the next instance of the module, of whatever guest, began with it.
 */
final class TableSpace implements InstanceRoom {

    /** What an entry takes: a number, and an instance by a pointer that is not compressed. */
    private static final int COST = 12;

    /** What a global and an exported name take, as measured. */
    private static final int NAMED_COST = 48;

    /** What a function takes, with its place among those that other modules call. */
    private static final int FUNCTION_COST = 16;

    /** What a function that is imported takes in addition. */
    private static final int IMPORT_COST = 72;

    private final HeapAccount account;

    /** Entries that were taken from the budget. */
    private long taken;

    /** Entries of the tables there are. */
    private long used;

    /**
     * Takes room.
     *
     * @param entries of all tables together
     * @param bytes what the instance takes besides
     * @throws org.wasix4j.types.ErrnoException nomem when there is too little memory left
     */
    TableSpace(MemoryBudget budget, long entries, long bytes) {
        account = new HeapAccount(budget);
        account.take(entries * COST + bytes, Errno.NOMEM);
        taken = entries;
    }

    /** What an instance of a module takes besides tables, in bytes. */
    static long besides(LinkableModule code) {
        WasmModule module = code.module();
        return (long) NAMED_COST
                        * (module.globalSection().globalCount() + code.shape().exportCount())
                + (long) FUNCTION_COST * code.shape().functionCount()
                + (long) IMPORT_COST * module.importSection().importCount();
    }

    @Override
    public synchronized boolean takeInstance(LinkableModule module) {
        TableSection tables = module.module().tableSection();
        long entries = 0;
        for (int i = 0; i < tables.tableCount(); i++) {
            entries += tables.getTable(i).limits().min();
        }
        if (!account.tryTake(entries * COST + besides(module))) {
            return false;
        }
        taken += entries;
        return true;
    }

    /**
     * Takes more, so that there is room for so many entries in all.
     *
     * @throws org.wasix4j.types.ErrnoException nomem when there is too little memory left
     */
    synchronized void require(long entries) {
        if (entries > taken) {
            account.take((entries - taken) * COST, Errno.NOMEM);
            taken = entries;
        }
    }

    @Override
    public synchronized TableInstance create(Table table, int value) {
        TableLimits limits = table.limits();
        TableLimits own = new TableLimits(limits.min(), limits.max(), limits.shared());
        used += limits.min();
        return new Counted(new Table(table.elementType(), own, table.initialize()), value);
    }

    private synchronized boolean take(int entries) {
        long missing = used + entries - taken;
        if (missing > 0) {
            if (!account.tryTake(missing * COST)) {
                return false;
            }
            taken += missing;
        }
        used += entries;
        return true;
    }

    private synchronized void giveBack(int entries) {
        used -= entries;
    }

    /** Gives everything back; the instance is not used any more. */
    void free() {
        account.close();
    }

    /** A table whose growth is counted; {@code table.grow} answers -1 where there is no room. */
    private final class Counted extends TableInstance {

        private Counted(Table table, int value) {
            super(table, value);
        }

        @Override
        public int grow(int more, int value, Instance instance) {
            if (more < 0 || more > limits().max() - size() || !take(more)) {
                return -1;
            }
            int before = -1;
            try {
                before = super.grow(more, value, instance);
            } catch (OutOfMemoryError e) {
                // the heap is full, though the guest has not used what it may
            } finally {
                if (before < 0) {
                    giveBack(more);
                }
            }
            return before;
        }
    }
}
