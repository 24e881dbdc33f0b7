package org.wasix4j.cli;

import static org.wasix4j.cli.Option.flag;
import static org.wasix4j.cli.Option.value;

import java.nio.file.Path;
import java.util.Map;
import org.wasix4j.runtime.Engine;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;

/** How the code of a module is read, compiled and kept. */
final class CodeOptions implements OptionGroup {

    Engine engine = Engine.COMPILER;

    final CacheOption cache = new CacheOption();

    boolean noCache;

    boolean strictImports;

    @Nullable AbiProfile abi;

    @Override
    public void addTo(CommandModel command) {
        command.add(
                value("--engine", "compiler|interpreter", new Values.EngineName(), v -> engine = v)
                        .candidates(Values.ENGINES)
                        .description("How the code is executed (default: compiler)."));
        command.add(cache);
        command.add(
                flag(() -> noCache = true, "--no-cache")
                        .description("Do not cache compiled code."));
        command.add(
                flag(() -> strictImports = true, "--strict-imports")
                        .description(
                                "Refuse a program that imports an unknown WASIX function. Without this option such",
                                "a function answers nosys, and a notice names it."));
        command.add(
                value("--abi", "auto|legacy|current|preview1", new Values.Abi(), v -> abi = v)
                        .candidates(Values.GENERATIONS)
                        .description("The generation of the program's imports (default: auto)."));
    }

    /** Where compiled code is to be kept, or null for nowhere. */
    @Nullable
    Path cacheFolder(Map<String, String> here) {
        return noCache || engine != Engine.COMPILER ? null : cache.folder(here);
    }
}
