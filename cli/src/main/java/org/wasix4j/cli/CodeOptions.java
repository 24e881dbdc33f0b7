package org.wasix4j.cli;

import java.nio.file.Path;
import java.util.Map;
import org.wasix4j.runtime.Engine;
import org.wasix4j.types.AbiProfile;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the code of a module is read, compiled and kept. */
final class CodeOptions {

    @Option(
            names = "--engine",
            paramLabel = "compiler|interpreter",
            converter = Values.EngineName.class,
            completionCandidates = Values.Engines.class,
            description = "How the code is executed (default: compiler).")
    Engine engine = Engine.COMPILER;

    @Mixin final CacheOption cache = new CacheOption();

    @Option(names = "--no-cache", description = "Do not keep compiled code.")
    boolean noCache;

    @Option(
            names = "--strict-imports",
            description = {
                "Refuse a program that imports a WASIX function which is not known here. Without",
                "this option such a function answers nosys, and a notice names it."
            })
    boolean strictImports;

    @Option(
            names = "--abi",
            paramLabel = "auto|legacy|current|preview1",
            converter = Values.Abi.class,
            completionCandidates = Values.Generations.class,
            description = "The generation of the program's imports (default: auto).")
    AbiProfile abi;

    /** Where compiled code is to be kept, or null for nowhere. */
    Path cacheFolder(Map<String, String> here) {
        return noCache || engine != Engine.COMPILER ? null : cache.folder(here);
    }
}
