package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/**
 * The table of functions that all modules and all threads of a process share. An entry does not
 * hold the instance that runs the function, because each thread has its own; it holds the library,
 * and {@link TableView} finds the instance. Thus what one thread puts here is there for all others.
 *
 * <p>Reading takes no lock. A reader that finds nothing looks again under the lock, because another
 * thread may have passed it an entry that this one does not see yet.
 */
final class FunctionTable {

    /** The most entries; a program of 100 MB has about 200,000. */
    static final int MOST = 1 << 20;

    /** Bytes of the host's memory that an entry takes, about. */
    static final int BYTES_AN_ENTRY = 20;

    private static final int NULL = Value.REF_NULL_VALUE;

    /** Entries of a process; arrays are replaced when there are more. */
    static final class Entries {
        final int[] functions;

        /** A {@link Library}, or an {@link Instance} that runs in every thread, or null. */
        final Object[] owners;

        private Entries(int size) {
            functions = new int[size];
            owners = new Object[size];
            Arrays.fill(functions, NULL);
        }
    }

    private volatile Entries entries;

    /**
     * What indirect calls reach: by index, null where it is not known. An entry that changes is
     * emptied here, under the lock; {@link #keep} compares under the lock, too.
     */
    private volatile Target[] targets = new Target[0];

    /**
     * Where the functions of each library are that have an entry: its index and 1, by function.
     * Guarded by this.
     */
    private final Map<Library, int[]> places = new HashMap<>();

    FunctionTable() {
        entries = new Entries(0);
    }

    private FunctionTable(FunctionTable from) {
        Entries old = from.entries;
        Entries copy = new Entries(old.functions.length);
        System.arraycopy(old.functions, 0, copy.functions, 0, old.functions.length);
        System.arraycopy(old.owners, 0, copy.owners, 0, old.owners.length);
        entries = copy;
        targets = new Target[old.functions.length];
        from.places.forEach((library, its) -> places.put(library, its.clone()));
    }

    /** The same entries, for a process that was forked. */
    synchronized FunctionTable copy() {
        return new FunctionTable(this);
    }

    Entries entries() {
        return entries;
    }

    /** The entries as the thread sees them that changed them last. */
    synchronized Entries latest() {
        return entries;
    }

    /**
     * Makes it larger.
     *
     * @return the number of the first new entry, or -1 when there would be too many
     */
    synchronized int grow(long count) {
        Entries old = entries;
        int size = old.functions.length;
        if (count < 0 || count > MOST - size) {
            return -1;
        }
        if (count > 0) {
            Entries grown = new Entries(size + (int) count);
            System.arraycopy(old.functions, 0, grown.functions, 0, size);
            System.arraycopy(old.owners, 0, grown.owners, 0, size);
            targets = Arrays.copyOf(targets, grown.functions.length);
            entries = grown;
        }
        return size;
    }

    /** What an indirect call of an entry reaches, or null when that has to be found out. */
    @Nullable
    Target target(int index) {
        Target[] known = targets;
        return index >= 0 && index < known.length ? known[index] : null;
    }

    /** Notes what an entry reaches, unless it has changed. */
    synchronized void keep(int index, Target target) {
        Entries now = entries;
        if (now.owners[index] == target.library && now.functions[index] == target.function) {
            targets[index] = target;
        }
    }

    /** Makes it at least so large; false when that is too large. */
    synchronized boolean reserve(long size) {
        return size <= entries.functions.length || grow(size - entries.functions.length) >= 0;
    }

    /** Sets an entry; a null owner empties it. */
    synchronized void set(int index, int function, @Nullable Object owner) {
        Entries now = entries;
        now.owners[index] = owner;
        now.functions[index] = function;
        targets[index] = null;
        if (owner instanceof Library library && function != NULL) {
            note(places(library), function, index);
        }
    }

    /**
     * Sets consecutive entries to functions of a library.
     *
     * @throws IndexOutOfBoundsException when there are not that many
     */
    synchronized void set(int from, int[] functions, Library library) {
        Entries now = entries;
        Objects.checkFromIndexSize(from, functions.length, now.functions.length);
        System.arraycopy(functions, 0, now.functions, from, functions.length);
        Arrays.fill(now.owners, from, from + functions.length, library);
        Arrays.fill(targets, from, from + functions.length, null);
        int[] its = places(library);
        for (int i = 0; i < functions.length; i++) {
            note(its, functions[i], from + i);
        }
    }

    private int[] places(Library library) {
        int[] known = places.get(library);
        if (known == null) {
            known = new int[library.functionCount()];
            places.put(library, known);
        }
        return known;
    }

    /** The first entry of a function stays its address. */
    private static void note(int[] places, int function, int index) {
        if (places[function] == 0) {
            places[function] = index + 1;
        }
    }

    /** Empties entries. */
    synchronized void clear(int from, int count) {
        Entries now = entries;
        for (int i = from; i < from + count; i++) {
            if (now.owners[i] instanceof Library library && now.functions[i] != NULL) {
                int[] its = places(library);
                if (its[now.functions[i]] == i + 1) {
                    its[now.functions[i]] = 0;
                }
            }
            now.functions[i] = NULL;
            now.owners[i] = null;
            targets[i] = null;
        }
    }

    /**
     * The entry of a function, which is its address for the guest; it gets one when it has none.
     *
     * @return -1 when there is no room
     */
    synchronized int address(Library library, int function) {
        int[] its = places(library);
        int known = its[function] - 1;
        if (known >= 0
                && entries.functions[known] == function
                && entries.owners[known] == library) {
            return known;
        }
        int index = grow(1);
        if (index >= 0) {
            its[function] = 0;
            set(index, function, library);
        }
        return index;
    }

    /** Whether an index is one of the table. */
    boolean contains(int index) {
        return index >= 0 && index < latest().functions.length;
    }
}
