package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import org.wasix4j.runtime.internal.link.ThreadCopy;
import org.wasix4j.runtime.internal.link.ThreadLibraries;
import org.wasix4j.types.Nullable;

/**
 * What the tables of an instance hold, and its neighbours, for the instance of a forked process.
 */
final class Tables {

    private final Instance from;
    private final int[][] refs;
    private final Instance[][] owners;

    /** The other modules of the thread, or null when its program needs no linker. */
    private final @Nullable ThreadCopy libraries;

    private Tables(
            Instance from, int[][] refs, Instance[][] owners, @Nullable ThreadCopy libraries) {
        this.libraries = libraries;
        this.from = from;
        this.refs = refs;
        this.owners = owners;
    }

    /** The tables of an instance as they are now. */
    static Tables of(Instance instance) {
        ThreadLibraries linked = ThreadLibraries.current();
        int count = instance.tableCount();
        int[][] refs = new int[count][];
        Instance[][] owners = new Instance[count][];
        for (int i = 0; i < count; i++) {
            TableInstance table = instance.table(i);
            if (linked != null && linked.isTable(table)) {
                // the linker of the process has it
                refs[i] = new int[0];
                continue;
            }
            refs[i] = new int[table.size()];
            owners[i] = new Instance[table.size()];
            for (int k = 0; k < refs[i].length; k++) {
                refs[i][k] = table.ref(k);
                owners[i][k] = table.instance(k);
            }
        }
        return new Tables(instance, refs, owners, linked == null ? null : linked.copy());
    }

    /** The other modules of the thread, or null when its program needs no linker. */
    @Nullable
    ThreadCopy libraries() {
        return libraries;
    }

    /** How many entries they have together. */
    long entries() {
        long sum = 0;
        for (int[] table : refs) {
            sum += table.length;
        }
        return sum;
    }

    /** Makes the tables of another instance of the same module the same. */
    void putInto(Instance instance) {
        for (int i = 0; i < refs.length; i++) {
            TableInstance table = instance.table(i);
            if (table.size() < refs[i].length) {
                table.grow(refs[i].length - table.size(), -1, instance);
            }
            for (int k = 0; k < refs[i].length; k++) {
                Instance owner = owners[i][k] == from ? instance : owners[i][k];
                if (table.ref(k) != refs[i][k] || table.instance(k) != owner) {
                    table.setRef(k, refs[i][k], owner);
                }
            }
        }
    }
}
