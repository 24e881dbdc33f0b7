package org.wasix4j.maven;

import java.nio.file.Path;

/** What modules are called after their files. */
final class ModuleNames {

    private static final String SUFFIX = ".wasm";

    private ModuleNames() {}

    /** The last part of a path, without {@code .wasm}. */
    static String of(Path module) {
        String last = String.valueOf(module.getFileName());
        return last.endsWith(SUFFIX) ? last.substring(0, last.length() - SUFFIX.length()) : last;
    }
}
