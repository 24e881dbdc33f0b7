package org.wasix4j.runtime;

import java.util.List;
import org.wasix4j.types.Nullable;

/**
 * What a module imports, exports and requires, found without running or compiling it. Also
 * available for modules that cannot be run: {@link #obstacles} says why. {@link
 * WasixModule#inspect} makes one.
 *
 * @param name the name of the module in messages
 * @param size of the binary, in bytes
 * @param abi the generation of the imports: {@code legacy}, {@code current} or {@code preview1};
 *     null when the imports cannot be read
 * @param obstacles the reasons why it cannot be run here, each a clause; empty when none was found
 * @param remarks what differs here from other hosts although it runs, each a clause; empty for most
 * @param imports its function imports, in order; empty when they cannot be read
 * @param exports the functions that it exports, in order
 * @param memory its memory; null when it has none or the sections cannot be read
 * @param libraries the shared libraries that it needs, by the names it has for them; none when it
 *     is not position-independent
 * @param runtimePath the guest's folders in which these are looked for before the usual ones;
 *     {@code $ORIGIN} in one is the folder of the module
 */
public record ModuleReport(
        String name,
        long size,
        @Nullable String abi,
        List<String> obstacles,
        List<String> remarks,
        List<ImportedFunction> imports,
        List<String> exports,
        @Nullable Memory memory,
        List<String> libraries,
        List<String> runtimePath) {

    /**
     * A function that it imports.
     *
     * @param module the module it is imported from
     * @param name the function
     * @param type its type, as {@code (I32,I32) -> (I32)}
     * @param problem why it would not work, as a clause: that it answers {@code nosys}, or that it
     *     is unknown; null when it is provided
     * @param asks what the policy is asked when it is called, in words as {@code bind}; null for
     *     functions of which it is not asked
     * @param known whether there is such a function, as far as is known here; one that is not known
     *     keeps a program from being run with strict imports
     */
    public record ImportedFunction(
            String module,
            String name,
            String type,
            @Nullable String problem,
            @Nullable String asks,
            boolean known) {

        /** {@return whether this host provides the function} */
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

    /** {@return whether no obstacle was found} */
    public boolean runnable() {
        return obstacles.isEmpty();
    }

    /**
     * {@return whether it is a command: it has a {@code _start}} Others can be run with an
     * invocation.
     */
    public boolean command() {
        return exports.contains("_start");
    }
}
