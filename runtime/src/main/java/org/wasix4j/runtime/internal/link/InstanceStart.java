package org.wasix4j.runtime.internal.link;

import java.util.List;

/**
 * What is done to a new instance of a module that is from the cache: its module for the engine has
 * neither a start section nor contents of element segments, and none of active data segments.
 *
 * @param function what is called in the end, or -1
 * @param entries what is put into the first table
 * @param data what is written into the memory
 */
public record InstanceStart(int function, List<Entries> entries, List<Data> data) {

    /**
     * Consecutive entries of a table.
     *
     * @param relative whether the first one has the value of a global as its index
     * @param place the number of that global, which is imported, or the index
     * @param functions the functions by their numbers
     */
    public record Entries(boolean relative, int place, int[] functions) {}

    /**
     * Consecutive bytes of the memory. A part of a large array, because all copies of a program's
     * data together can be most of what a start allocates.
     *
     * @param relative whether the first one has the value of a global as its address
     * @param place the number of that global, which is imported, or the address
     * @param bytes has them
     * @param from where the first one is in that
     * @param length how many there are
     */
    public record Data(boolean relative, int place, byte[] bytes, int from, int length) {}
}
