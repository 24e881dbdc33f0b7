package org.wasix4j.cli.packages;

import java.util.List;
import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * What a package says of itself, the same for {@code wasmer.toml} and the manifest of a container.
 *
 * @param name {@code namespace/name}, or null
 * @param entrypoint the command that is run when none is named, or null
 * @param commands the commands by name, in the order of the manifest
 * @param mounts the folders that the guest finds
 * @param dependencies other packages: the alias, and what is asked for, such as {@code
 *     wasmer/python@3}
 */
record Manifest(
        @Nullable String name,
        @Nullable String entrypoint,
        Map<String, Command> commands,
        List<Mount> mounts,
        Map<String, String> dependencies) {

    static final String WASI_RUNNER = "https://webc.org/runner/wasi";

    /**
     * A command.
     *
     * @param module the name of its module
     * @param dependency the alias of the package that has the module, or null for this one
     * @param runner what it is run by, as an address or its last word
     * @param arguments come before those of the user
     * @param environment {@code NAME=VALUE} each
     * @param workingDirectory or null
     * @param programName the guest's argument 0, or null for the command's name
     */
    record Command(
            String name,
            String module,
            @Nullable String dependency,
            @Nullable String runner,
            List<String> arguments,
            List<String> environment,
            @Nullable String workingDirectory,
            @Nullable String programName) {

        /** Whether it is an ordinary program. */
        boolean isProgram() {
            return runner == null || runner.equals(WASI_RUNNER) || runner.equals("wasi");
        }
    }

    /**
     * A folder for the guest.
     *
     * @param dependency the alias of the package that has it, or null for this one
     * @param source the volume of a container, or the path in the folder of the package
     * @param path the folder inside the volume, or null for all of it
     * @param guestPath where the guest finds it
     */
    record Mount(
            @Nullable String dependency, String source, @Nullable String path, String guestPath) {}
}
