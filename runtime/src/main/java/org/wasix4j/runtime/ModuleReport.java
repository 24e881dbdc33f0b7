package org.wasix4j.runtime;

import java.util.List;

/**
 * What a module is and what it would need here, found out without running or compiling it. Also
 * there for modules that cannot be run: {@link #obstacles} tells why. {@link WasixModule#inspect}
 * makes one.
 *
 * @param name what the module is called in messages
 * @param size of the binary, in bytes
 * @param abi the generation of the imports: {@code legacy}, {@code current} or {@code preview1};
 *     null when the imports cannot be read
 * @param obstacles why it cannot be run here, each a clause; none when nothing was found
 * @param imports its function imports, in order; none when they cannot be read
 * @param exports the functions that it exports, in order
 * @param memory its memory; null when it has none or the sections cannot be read
 * @param libraries the shared libraries that it needs, by the names it has for them; none when it
 *     is not position-independent
 */
public record ModuleReport(
        String name,
        long size,
        String abi,
        List<String> obstacles,
        List<ImportedFunction> imports,
        List<String> exports,
        Memory memory,
        List<String> libraries) {

    /**
     * A function that it imports.
     *
     * @param module where from
     * @param name the function
     * @param type its type, as {@code (I32,I32) -> (I32)}
     * @param problem why it would not do what it should, as a clause: that it answers {@code
     *     nosys}, or that nobody knows it; null when it is served
     * @param asks what the policy is asked when it is called, in words as {@code bind}; null for
     *     functions of which it is not asked
     * @param known whether there is such a function, as far as is known here; one that is not known
     *     keeps a program from being run with strict imports
     */
    public record ImportedFunction(
            String module, String name, String type, String problem, String asks, boolean known) {

        /** Whether this host does what the function says. */
        public boolean served() {
            return problem == null;
        }
    }

    /**
     * A memory.
     *
     * @param initialPages of 64 KiB, at the start
     * @param maximumPages how many there can be, as the module says
     * @param shared whether threads can share it
     * @param imported whether the host makes it
     */
    public record Memory(long initialPages, long maximumPages, boolean shared, boolean imported) {}

    /** Whether nothing was found that would keep it from being run. */
    public boolean runnable() {
        return obstacles.isEmpty();
    }

    /** Whether it is a command: it has a {@code _start}. Others can be run with an invocation. */
    public boolean command() {
        return exports.contains("_start");
    }
}
