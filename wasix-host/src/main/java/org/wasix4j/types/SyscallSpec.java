package org.wasix4j.types;

import java.util.List;

/**
 * The signature of one function of the ABI.
 *
 * @param module the import module
 * @param name the function's name
 * @param core its type in letters, {@code iiI:i}: i for i32, I for i64
 * @param parameters names and kinds, for the trace
 */
public record SyscallSpec(String module, String name, String core, List<Parameter> parameters) {

    /**
     * One parameter.
     *
     * @param name as the WITX calls it
     * @param kind what it stands for: a type's name, with {@code &} before it for a pointer that is
     *     read and {@code *} for one that is written
     */
    public record Parameter(String name, String kind) {}

    /** {@return whether the function returns an errno; the others return nothing} */
    public boolean returnsErrno() {
        return core.endsWith(":i");
    }

    @Override
    public String toString() {
        return module + "." + name;
    }
}
