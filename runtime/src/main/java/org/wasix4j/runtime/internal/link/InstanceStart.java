package org.wasix4j.runtime.internal.link;

import java.util.List;

/**
 * What is done to a new instance of a module that is from the cache: its module for the engine has
 * neither a start section nor contents of element segments.
 *
 * @param function what is called in the end, or -1
 * @param entries what is put into the first table
 */
public record InstanceStart(int function, List<Entries> entries) {

    /**
     * Consecutive entries of a table.
     *
     * @param relative whether the first one has the value of a global as its index
     * @param place the number of that global, which is imported, or the index
     * @param functions the functions by their numbers
     */
    public record Entries(boolean relative, int place, int[] functions) {}
}
